import type { Container, Pod } from 'kubernetes-types/core/v1.js'
import type { Stored } from '../registry/registry.ts'
import { containerEnv, expand, type PodFacts } from './container-env.ts'
import type { ContainerLaunch } from './container-runtime.ts'
import { mountsOf, type VolumeSources } from './volumes.ts'

/** What a container has of its pod. */
export interface PodContext {
  readonly pod: Stored<Pod>
  readonly facts: PodFacts
  readonly sources: VolumeSources
  /** The pod's volumes, written. */
  readonly volumesDir: string
}

/** Everything a container needs from the API. Throws `ContainerConfigError` if something is missing. */
export function prepareLaunch(
  container: Container,
  context: PodContext,
  attempt: number,
): ContainerLaunch {
  const { pod, facts, sources, volumesDir } = context
  const { command = [], args = [], image = '', workingDir, name } = container
  const env = containerEnv(container, pod, facts, sources)
  return {
    podUid: pod.metadata.uid,
    container: name,
    attempt,
    image,
    ...(command.length > 0 && { command: command.map((one) => expand(one, env)) }),
    args: args.map((one) => expand(one, env)),
    env,
    ...(workingDir !== undefined && { workingDir }),
    stdin: container.stdin ?? false,
    tty: container.tty ?? false,
    mounts: mountsOf(volumesDir, container, pod),
    terminationMessagePath: container.terminationMessagePath ?? '/dev/termination-log',
  }
}
