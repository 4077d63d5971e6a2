import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { PorpulsionError } from '@porpulsion/contract'
import type { Io } from '../io.ts'
import type { DemoLayout } from './layout.ts'
import { findSupervisor } from './supervisor-record.ts'

const startTimeoutMs = 20_000
const pollMs = 50

/** A process of its own that outlives this one and its terminal. */
export async function startDetachedSupervisor(io: Io, layout: DemoLayout): Promise<void> {
  const { self, env, cwd } = io
  mkdirSync(dirname(layout.supervisorLog), { recursive: true })
  const log = openSync(layout.supervisorLog, 'a')
  const args = [...self.args, 'demo', 'supervise', '--dir', layout.dir]
  spawn(self.command, args, { cwd, env, detached: true, stdio: ['ignore', log, log] }).unref()
  closeSync(log)
  for (let waitedMs = 0; waitedMs < startTimeoutMs; waitedMs += pollMs) {
    if ((await findSupervisor(layout)) !== undefined) return
    await delay(pollMs)
  }
  throw new PorpulsionError(
    'Timeout',
    'DemoNotReady',
    `The demo did not start; see ${layout.supervisorLog}`,
  )
}
