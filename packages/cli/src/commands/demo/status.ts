import { PorpulsionError } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { readDemoState } from '../../demo/demo-state.ts'
import { layoutFor, type DirFlags } from '../../demo/layout.ts'
import { readPids, type Pids } from '../../demo/pids.ts'
import { identify } from '../../demo/process-identity.ts'
import { findSupervisor } from '../../demo/supervisor-record.ts'
import { noteLine, type Io } from '../../io.ts'
import { printList, type ListView, type OutputFlags } from '../../output/format.ts'

interface ProcessItem {
  readonly name: string
  readonly pid: number
  readonly running: boolean
  readonly url: string
}

const view: ListView<ProcessItem> = {
  columns: [
    { title: 'PROCESS', value: ({ name }) => name },
    { title: 'PID', value: ({ pid }) => (pid === 0 ? '' : String(pid)) },
    { title: 'STATE', value: ({ running }) => (running ? 'running' : 'down') },
    { title: 'URL', value: ({ url }) => url },
  ],
  nameOf: ({ name }) => `process/${name}`,
  whenEmpty: 'No demo.',
}

export async function demoStatus(io: Io, { flags }: Input<DirFlags & OutputFlags>): Promise<void> {
  const layout = layoutFor(io, flags)
  const state = await readDemoState(layout)
  if (state === undefined) {
    throw new PorpulsionError(
      'NotFound',
      'DemoNotFound',
      `There is no demo in ${layout.dir}; "porpulsion demo" makes one`,
    )
  }
  const isSupervised = (await findSupervisor(layout)) !== undefined
  const pids = isSupervised ? await readPids(layout) : new Map<string, number>()
  const items = await Promise.all(
    state.members.flatMap(({ name, ports }) => [
      item(`cluster${name.toUpperCase()}`, pids, `127.0.0.1:${ports.cluster}`),
      item(`agent${name.toUpperCase()}`, pids, `http://127.0.0.1:${ports.dashboard}`),
    ]),
  )
  await printList(io, flags, { items }, view)
  if (!isSupervised) await noteLine(io, 'It is stopped; "porpulsion demo" goes on with it.')
}

async function item(name: string, pids: Pids, url: string): Promise<ProcessItem> {
  const pid = pids.get(name) ?? 0
  const running = pid > 0 && (await identify(pid)) !== undefined
  return { name, pid, running, url }
}
