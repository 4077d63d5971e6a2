import type { Input } from '../../command.ts'
import { bringUp, type ReadyMember } from '../../demo/bring-up.ts'
import { prepareDemoState, readDemoState, type DemoState } from '../../demo/demo-state.ts'
import { layoutFor, type DemoLayout, type DirFlags } from '../../demo/layout.ts'
import { memberWhenReady, writeDemoContexts } from '../../demo/members.ts'
import { loopbackPorts } from '../../demo/ports.ts'
import { startDetachedSupervisor } from '../../demo/detached-supervisor.ts'
import { createSteps, type Steps } from '../../demo/steps.ts'
import { endLeftovers } from '../../demo/stop-demo.ts'
import { createSupervisor } from '../../demo/supervisor.ts'
import { findSupervisor, forgetSupervisor, recordSupervisor } from '../../demo/supervisor-record.ts'
import { farewell, welcome } from '../../demo/welcome.ts'
import { integer } from '../../input/values.ts'
import { isAbort, untilAborted } from '../../input/abort.ts'
import type { Io } from '../../io.ts'

interface Flags extends DirFlags {
  readonly detach?: boolean
  readonly clusters?: string
}

export async function demoUp(io: Io, { flags }: Input<Flags>): Promise<void> {
  const count = integer('--clusters', flags.clusters ?? '2', { min: 2, max: 6 })
  const layout = layoutFor(io, flags)
  const steps = createSteps(io)
  if ((await findSupervisor(layout)) !== undefined) return joinRunning(io, layout, steps)
  await endLeftovers(layout)
  const state = await prepareDemoState(layout, count, loopbackPorts)
  if (flags.detach === true) {
    await startDetachedSupervisor(io, layout)
    await makeReady(io, layout, state, steps)
    await steps.print('It keeps running; "porpulsion demo stop" (or make demo-stop) ends it.')
    return
  }
  await runHere(io, layout, state, steps)
}

async function joinRunning(io: Io, layout: DemoLayout, steps: Steps): Promise<void> {
  await steps.print(`This demo is running already (${layout.dir}).`)
  const state = await readDemoState(layout)
  if (state !== undefined) await makeReady(io, layout, state, steps)
}

/** In the foreground: Ctrl-C ends it, and leaves nothing behind. */
async function runHere(io: Io, layout: DemoLayout, state: DemoState, steps: Steps): Promise<void> {
  const supervisor = createSupervisor(io, layout, state)
  await recordSupervisor(layout)
  try {
    await Promise.all([supervisor.start(), makeReady(io, layout, state, steps)])
    await steps.print('Ctrl-C ends it.')
    await untilAborted(io.signal)
  } catch (error) {
    if (!isAbort(error)) throw error
  } finally {
    await farewell(steps, () => supervisor.stop())
    await forgetSupervisor(layout)
  }
}

async function makeReady(
  io: Io,
  layout: DemoLayout,
  state: DemoState,
  steps: Steps,
): Promise<void> {
  const members: ReadyMember[] = []
  for (const member of state.members) {
    const what = `Cluster and agent ${member.name} are up`
    members.push(await steps.run(what, () => memberWhenReady(io, layout, member)))
  }
  await writeDemoContexts(layout, state)
  await bringUp(steps, members, io.signal)
  await welcome(io, steps, layout, members)
}
