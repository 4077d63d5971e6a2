import type { Event } from 'kubernetes-types/core/v1.js'
import { onTestFinished } from 'vitest'
import { startControllers } from '../../src/controllers/index.ts'
import { Kinds } from '../../src/registry/kinds.ts'
import { createMemoryRegistry } from '../../src/registry/memory-registry.ts'
import type { Logger } from '../../src/registry/ports.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { VolumeStore } from '../../src/storage/volume-store.ts'
import { quiet } from '../test-registry.ts'
import { namespace } from './builders.ts'
import { FakeClock } from './fake-clock.ts'
import { fakeNode, type FakeNode } from './fake-node.ts'
import { tempDir } from './temp-dir.ts'

export interface ControlledCluster {
  readonly registry: Registry
  readonly clock: FakeClock
  readonly node: FakeNode
  /** Where the directories of persistent volumes are. */
  readonly volumesDir: string
  /** Messages of the events about an object of that name, in order. */
  messages(name: string): (string | undefined)[]
  /** Reasons of the events about an object of that name, in order. */
  reasons(name: string): (string | undefined)[]
  /** Another set of controllers on the same state, as after a restart. */
  restart(): Promise<void>
}

/** Controllers at work on a registry in memory, with a node that runs nothing. */
export async function controlledCluster(logger: Logger = quiet): Promise<ControlledCluster> {
  const clock = new FakeClock()
  const registry = createMemoryRegistry({ clock, logger })
  await registry.create(Kinds.Namespace, { metadata: { name: namespace } })
  const node = fakeNode(registry, clock)
  const volumesDir = tempDir()
  const deps = { registry, clock, logger, volumes: new VolumeStore(volumesDir) }
  let controllers = await startControllers(deps)
  onTestFinished(async () => {
    node.stop()
    await controllers.stop()
  })
  return {
    registry,
    clock,
    node,
    volumesDir,
    messages: (name) => eventsAbout(registry, name).map(({ message }) => message),
    reasons: (name) => eventsAbout(registry, name).map(({ reason }) => reason),
    async restart() {
      await controllers.stop()
      controllers = await startControllers(deps)
    },
  }
}

function eventsAbout(registry: Registry, name: string): readonly Event[] {
  return registry
    .list(Kinds.Event)
    .items.filter(({ involvedObject }) => involvedObject.name === name)
}
