import { PorpulsionError } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { readDemoState } from '../../demo/demo-state.ts'
import { layoutFor, type DirFlags } from '../../demo/layout.ts'
import { createSupervisor } from '../../demo/supervisor.ts'
import { findSupervisor, forgetSupervisor, recordSupervisor } from '../../demo/supervisor-record.ts'
import { untilAborted } from '../../input/abort.ts'
import type { Io } from '../../io.ts'

/** What `demo --detach` leaves behind. */
export async function demoSupervise(io: Io, { flags }: Input<DirFlags>): Promise<void> {
  const layout = layoutFor(io, flags)
  const state = await readDemoState(layout)
  if (state === undefined || (await findSupervisor(layout)) !== undefined) throw notNow(layout.dir)
  const supervisor = createSupervisor(io, layout, state)
  await recordSupervisor(layout)
  try {
    // Started or not, it is over when we are told so.
    await Promise.race([
      untilAborted(io.signal),
      supervisor.start().then(() => untilAborted(io.signal)),
    ])
  } finally {
    await supervisor.stop()
    await forgetSupervisor(layout)
  }
}

const notNow = (dir: string): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'DemoFailed',
    `Nothing to supervise in ${dir}: there is no demo, or it is running already`,
  )
