import type { Pod } from 'kubernetes-types/core/v1.js'
import { type ApiError, badRequest, forbidden } from '../registry/api-error.ts'
import type { CommandSession, PodAttachOptions, PodExecOptions } from '../registry/ports.ts'
import type { Stored } from '../registry/registry.ts'
import { chooseContainer } from './choose-container.ts'
import type { ContainerKeeper, KeeperOf } from './container-keeper.ts'
import type { ContainerRuntime } from './container-runtime.ts'

/** Refuses what cannot or may not run beside a container; what is left can be started. */
export function openPodCommand(
  runtime: ContainerRuntime,
  pod: Stored<Pod>,
  keeperOf: KeeperOf,
  options: PodExecOptions,
): () => Promise<CommandSession> {
  const { command, stdin, tty } = options
  if (command.length === 0)
    throw badRequest('you must specify at least 1 command for the container')
  const container = chooseContainer(pod, options.container)
  const refusal = runtime.refuseCommand(command)
  if (refusal !== undefined) {
    throw forbidden({ group: '', plural: 'pods' }, pod.metadata.name, refusal)
  }
  const keeper = keeperOf(container)
  if (keeper?.isRunning !== true) throw notRunning(pod, container, keeper)
  return async () => {
    const session = await keeper.openCommand({ command, stdin, tty })
    if (session === undefined) throw notRunning(pod, container, keeper)
    return session
  }
}

/** The same for the container's own program, which is joined rather than started. */
export function openPodAttach(
  pod: Stored<Pod>,
  keeperOf: KeeperOf,
  options: PodAttachOptions,
): () => Promise<CommandSession> {
  const container = chooseContainer(pod, options.container)
  const keeper = keeperOf(container)
  if (keeper?.isRunning !== true) throw notRunning(pod, container, keeper)
  return async () => {
    const session = await keeper.attach()
    if (session === undefined) throw notRunning(pod, container, keeper)
    return session
  }
}

function notRunning(
  { metadata: { name } }: Stored<Pod>,
  container: string,
  keeper: ContainerKeeper | undefined,
): ApiError {
  const why = keeper?.waitingMessage === undefined ? '' : `: ${keeper.waitingMessage}`
  return badRequest(`container "${container}" in pod "${name}" is not running${why}`)
}
