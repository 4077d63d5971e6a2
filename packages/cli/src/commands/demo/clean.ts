import { rm, readdir } from 'node:fs/promises'
import { PorpulsionError } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { readDemoState } from '../../demo/demo-state.ts'
import { layoutFor, type DemoLayout, type DirFlags } from '../../demo/layout.ts'
import { createSteps } from '../../demo/steps.ts'
import { stopDemo } from '../../demo/stop-demo.ts'
import type { Io } from '../../io.ts'

export async function demoClean(io: Io, { flags }: Input<DirFlags>): Promise<void> {
  const layout = layoutFor(io, flags)
  const steps = createSteps(io)
  if (await isAbsent(layout)) {
    await steps.print('There is no demo here.')
    return
  }
  // `--dir` is a person's word: never remove a directory that is not one of ours.
  if ((await readDemoState(layout)) === undefined) throw notADemo(layout)
  await steps.run('Stopped the demo and removed its state', async () => {
    await stopDemo(layout)
    await rm(layout.dir, { recursive: true, force: true, maxRetries: 5 })
  })
}

async function isAbsent({ dir }: DemoLayout): Promise<boolean> {
  try {
    return (await readdir(dir)).length === 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
}

const notADemo = ({ dir }: DemoLayout): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'DemoFailed',
    `${dir} was not made by "porpulsion demo"; remove it yourself if it shall go`,
  )
