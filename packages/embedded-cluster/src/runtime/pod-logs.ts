import type { Pod } from 'kubernetes-types/core/v1.js'
import { badRequest, type ApiError } from '../registry/api-error.ts'
import type { PodLogOptions } from '../registry/ports.ts'
import type { Stored } from '../registry/registry.ts'
import { chooseContainer } from './choose-container.ts'
import type { ContainerKeeper, KeeperOf } from './container-keeper.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import { readLog } from './log-reader.ts'

/** The log of one container of a pod; the refusals are those of a kubelet. */
export function openPodLog(
  runtime: ContainerRuntime,
  pod: Stored<Pod>,
  keeperOf: KeeperOf,
  options: PodLogOptions,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const container = chooseContainer(pod, options.container)
  const keeper = keeperOf(container)
  const attempt = keeper?.loggedRun(options.previous) ?? -1
  const file =
    attempt < 0 ? undefined : runtime.logFile({ podUid: pod.metadata.uid, container, attempt })
  if (keeper === undefined || file === undefined)
    throw notStarted(pod, container, keeper, options.previous)
  const ended = options.previous ? Promise.resolve() : keeper.ended
  return readLog(file, options, { ended, signal })
}

function notStarted(
  { metadata: { name } }: Stored<Pod>,
  container: string,
  keeper: ContainerKeeper | undefined,
  isPrevious: boolean,
): ApiError {
  if (isPrevious)
    return badRequest(`previous terminated container "${container}" in pod "${name}" not found`)
  const why = keeper?.waitingMessage ?? 'ContainerCreating'
  return badRequest(`container "${container}" in pod "${name}" is waiting to start: ${why}`)
}
