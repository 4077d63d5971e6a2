/** Which container of a pod a request for its log, a command or its output is about. */
import type { Container, Pod } from 'kubernetes-types/core/v1.js'
import { badRequest } from '../registry/api-error.ts'
import type { Stored } from '../registry/registry.ts'

const defaultContainer = 'kubectl.kubernetes.io/default-container'

/** The one that is asked for, or the only one; the refusals are those of a kubelet. */
export function chooseContainer(pod: Stored<Pod>, wanted: string | undefined): string {
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
