import type { Input } from '../../command.ts'
import { layoutFor, type DirFlags } from '../../demo/layout.ts'
import { createSteps } from '../../demo/steps.ts'
import { stopDemo } from '../../demo/stop-demo.ts'
import { findSupervisor } from '../../demo/supervisor-record.ts'
import type { Io } from '../../io.ts'

export async function demoStop(io: Io, { flags }: Input<DirFlags>): Promise<void> {
  const layout = layoutFor(io, flags)
  const steps = createSteps(io)
  if ((await findSupervisor(layout)) === undefined) {
    await steps.print('No demo is running here.')
    return
  }
  await steps.run('Stopped agents, clusters and pods; their state is kept', () => stopDemo(layout))
}
