/** What a quota can limit, and how much of it one object takes; pure. */
import { listAt, objectAt, objectsAt, stringAt } from '../fields.ts'
import { isFinished, podAmount } from '../pod-resources.ts'
import { parseQuantity } from '../quantity.ts'

type Measure = (object: unknown) => number

const one: Measure = () => 1
const computeResources = ['cpu', 'memory', 'ephemeral-storage']
const countedByName = ['configmaps', 'persistentvolumeclaims', 'pods', 'resourcequotas', 'secrets']
const counted = [...countedByName, 'services', 'services.loadbalancers', 'services.nodeports']
const classSuffix = '.storageclass.storage.k8s.io/'

/** How much of `name` an object of a resource takes; undefined if that is none of its concern. */
export function measureOf(name: string, resourceId: string): Measure | undefined {
  if (name === `count/${resourceId}`) return one
  if (name === resourceId && name !== 'pods' && countedByName.includes(name)) return one
  switch (resourceId) {
    case 'pods':
      return podMeasure(name)
    case 'persistentvolumeclaims':
      return claimMeasure(name)
    case 'services':
      return serviceMeasure(name)
    default:
      return undefined
  }
}

function podMeasure(name: string): Measure | undefined {
  if (name === 'pods') return (pod) => (isFinished(pod) ? 0 : 1)
  const compute = computeResource(name)
  if (compute === undefined) return undefined
  const { section, resource } = compute
  return (pod) => (isFinished(pod) ? 0 : podAmount(pod, section, resource))
}

interface ComputeResource {
  readonly section: 'requests' | 'limits'
  readonly resource: string
}

/** `cpu` and `requests.cpu` are the same. */
function computeResource(name: string): ComputeResource | undefined {
  const dot = name.indexOf('.')
  const section = dot < 0 ? 'requests' : name.slice(0, dot)
  const resource = name.slice(dot + 1)
  if (section !== 'requests' && section !== 'limits') return undefined
  return computeResources.includes(resource) ? { section, resource } : undefined
}

function claimMeasure(name: string): Measure | undefined {
  if (name === 'requests.storage') return storageOf
  const at = name.indexOf(classSuffix)
  if (at < 0) return undefined
  const rest = claimMeasureOfClass(name.slice(at + classSuffix.length))
  if (rest === undefined) return undefined
  return (claim) =>
    stringAt(claim, 'spec', 'storageClassName') === name.slice(0, at) ? rest(claim) : 0
}

function claimMeasureOfClass(name: string): Measure | undefined {
  if (name === 'persistentvolumeclaims') return one
  return name === 'requests.storage' ? storageOf : undefined
}

function storageOf(claim: unknown): number {
  return parseQuantity(objectAt(claim, 'spec', 'resources', 'requests')['storage']) ?? 0
}

function serviceMeasure(name: string): Measure | undefined {
  const type = (service: unknown): string | undefined => stringAt(service, 'spec', 'type')
  switch (name) {
    case 'services':
      return one
    case 'services.loadbalancers':
      return (service) => Number(type(service) === 'LoadBalancer')
    case 'services.nodeports':
      return (service) =>
        ['NodePort', 'LoadBalancer'].includes(type(service) ?? '')
          ? listAt(service, 'spec', 'ports').length
          : 0
    default:
      return undefined
  }
}

export function isQuotaName(name: string): boolean {
  return (
    name.includes('/') ||
    name === 'requests.storage' ||
    counted.includes(name) ||
    computeResource(name) !== undefined
  )
}

/** Containers that do not say how much they take of something that is limited: nobody could add them up. */
export function silentContainers(name: string, pod: unknown): string[] {
  const compute = computeResource(name)
  if (compute === undefined) return []
  const { section, resource } = compute
  return [...objectsAt(pod, 'spec', 'containers'), ...objectsAt(pod, 'spec', 'initContainers')]
    .filter((container) => objectAt(container, 'resources', section)[resource] === undefined)
    .map((container) => stringAt(container, 'name') ?? '')
}
