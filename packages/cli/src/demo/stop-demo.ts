/** Ends a demo that runs elsewhere: in good order if that works, else by force. Nothing of it is left either way. */
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoLayout } from './layout.ts'
import { readPids } from './pids.ts'
import {
  commandLine,
  identify,
  isRunning,
  signal,
  type ProcessIdentity,
} from './process-identity.ts'
import { findSupervisor, forgetSupervisor } from './supervisor-record.ts'

/** Agents, then clusters, each with their grace. */
const orderlyStopMs = 35_000
const pollMs = 50

export async function stopDemo(layout: DemoLayout): Promise<void> {
  const supervisor = await findSupervisor(layout)
  if (supervisor !== undefined) {
    signal(supervisor.pid, 'SIGTERM')
    if (!(await ends(supervisor, orderlyStopMs))) signal(supervisor.pid, 'SIGKILL')
  }
  await endLeftovers(layout)
  await forgetSupervisor(layout)
}

/** Processes whose supervisor was killed: they notice and end by themselves, which takes a moment. */
export async function endLeftovers(layout: DemoLayout): Promise<void> {
  const pids = [...(await readPids(layout)).values()]
  await Promise.all(
    pids.map(async (pid) => {
      const process = await identify(pid)
      // The id may be another program's by now; ours carry the directory among their arguments.
      if (process === undefined || !(await commandLine(pid)).includes(layout.dir)) return
      if (!(await ends(process, orderlyStopMs))) signal(pid, 'SIGKILL')
    }),
  )
}

async function ends(process: ProcessIdentity, withinMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += pollMs) {
    if (!(await isRunning(process))) return true
    await delay(pollMs)
  }
  return false
}
