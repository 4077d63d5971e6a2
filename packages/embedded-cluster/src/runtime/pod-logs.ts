import type { Container, Pod } from 'kubernetes-types/core/v1.js'
import { badRequest, type ApiError } from '../registry/api-error.ts'
import type { PodLogOptions } from '../registry/ports.ts'
import type { Stored } from '../registry/registry.ts'
import type { ContainerKeeper } from './container-keeper.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import { readLog } from './log-reader.ts'

const defaultContainer = 'kubectl.kubernetes.io/default-container'

/** The log of one container of a pod; the refusals are those of a kubelet. */
export function openPodLog(
  runtime: ContainerRuntime,
  pod: Stored<Pod>,
  keeperOf: (container: string) => ContainerKeeper | undefined,
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

function chooseContainer(pod: Stored<Pod>, wanted: string | undefined): string {
  const { name, annotations } = pod.metadata
  const containers = pod.spec?.containers ?? []
  const initContainers = pod.spec?.initContainers ?? []
  const chosen = wanted ?? annotations?.[defaultContainer] ?? onlyOne(containers)
  if (chosen === undefined) {
    const choice = `choose one of: [${names(containers)}]`
    const init =
      initContainers.length > 0 ? ` or one of the init containers: [${names(initContainers)}]` : ''
    throw badRequest(`a container name must be specified for pod ${name}, ${choice}${init}`)
  }
  if (![...containers, ...initContainers].some((one) => one.name === chosen)) {
    throw badRequest(`container ${chosen} is not valid for pod ${name}`)
  }
  return chosen
}

function onlyOne(containers: readonly Container[]): string | undefined {
  return containers.length === 1 ? containers[0]?.name : undefined
}

function names(containers: readonly Container[]): string {
  return containers.map(({ name }) => name).join(' ')
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
