import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Pod, Service, ServicePort } from 'kubernetes-types/core/v1.js'
import type { Endpoint, EndpointPort, EndpointSlice } from 'kubernetes-types/discovery/v1.js'
import { Kinds } from '../registry/kinds.ts'
import type { WorkloadDeps } from '../registry/ports.ts'
import type { Stored } from '../registry/registry.ts'
import { controllerRef, deleteObject, keyFor, matchesSelector } from './ownership.ts'
import { isReady } from './pods.ts'
import { keyOf, objectKey, RegistryController } from './registry-controller.ts'

const managedBy = 'endpointslice-controller.k8s.io'
const serviceLabel = 'kubernetes.io/service-name'
const managedByLabel = 'endpointslice.kubernetes.io/managed-by'

/** Says where the pods of each Service are: ready ones only, so that whoever picks one picks one that answers. */
export function endpointSliceController(deps: WorkloadDeps): RegistryController {
  const { registry } = deps
  const servicesOf = (pod: Stored<Pod>): string[] =>
    registry
      .list(Kinds.Service, { namespace: pod.metadata.namespace ?? '' })
      .items.filter((service) => selects(service, pod))
      .map(keyOf)
  return new RegistryController(deps, {
    name: 'endpointslice',
    watch: (enqueue) => [
      registry.watch(Kinds.Service, {}, ({ object }) => enqueue(keyOf(object))),
      registry.watch(Kinds.Pod, {}, ({ object, previous }) => {
        for (const pod of previous === undefined ? [object] : [object, previous])
          servicesOf(pod).forEach(enqueue)
      }),
      registry.watch(Kinds.EndpointSlice, {}, ({ object: { metadata } }) => {
        const { [serviceLabel]: service, [managedByLabel]: manager } = metadata.labels ?? {}
        if (service !== undefined && manager === managedBy)
          enqueue(`${metadata.namespace ?? ''}/${service}`)
      }),
    ],
    reconcile: (key) => reconcile(deps, key),
  })
}

async function reconcile({ registry }: WorkloadDeps, key: string): Promise<undefined> {
  const service = registry.get(Kinds.Service, objectKey(key))
  // Without selector the endpoints are somebody else's; those of a deleted Service go with it, as its dependents.
  if (service?.spec?.selector === undefined || service.metadata.deletionTimestamp !== undefined)
    return
  const wanted = slicesOf(
    service,
    registry.list(Kinds.Pod, { namespace: service.metadata.namespace ?? '' }).items,
  )
  const present = registry
    .list(Kinds.EndpointSlice, { namespace: service.metadata.namespace ?? '' })
    .items.filter(({ metadata: { labels = {} } }) => {
      return labels[serviceLabel] === service.metadata.name && labels[managedByLabel] === managedBy
    })
  for (const slice of wanted) {
    const found = present.find(({ metadata }) => metadata.name === slice.metadata?.name)
    if (found === undefined)
      await registry.create(Kinds.EndpointSlice, slice, { fieldManager: managedBy })
    else if (!isSame(found, slice)) {
      await registry.modify(Kinds.EndpointSlice, keyFor(found), (draft) =>
        Object.assign(draft, { endpoints: slice.endpoints, ports: slice.ports }),
      )
    }
  }
  const surplus = present.filter(({ metadata }) =>
    wanted.every((slice) => slice.metadata?.name !== metadata.name),
  )
  for (const slice of surplus) await deleteObject(registry, Kinds.EndpointSlice, slice)
}

function isSame(a: EndpointSlice, b: EndpointSlice): boolean {
  const content = ({ endpoints, ports }: EndpointSlice): unknown =>
    JSON.parse(JSON.stringify({ endpoints, ports }))
  return isDeepStrictEqual(content(a), content(b))
}

function selects({ spec }: Service, { metadata }: Stored<Pod>): boolean {
  return (
    spec?.selector !== undefined && matchesSelector({ matchLabels: spec.selector }, metadata.labels)
  )
}

/** One slice for all pods that mean the same by the Service's ports; a named port may differ from pod to pod. */
function slicesOf(service: Stored<Service>, pods: readonly Stored<Pod>[]): EndpointSlice[] {
  const groups = new Map<string, { ports: EndpointPort[]; endpoints: Endpoint[] }>()
  for (const pod of pods.filter((one) => selects(service, one) && isAddressable(one, service))) {
    const ports = (service.spec?.ports ?? []).flatMap((port) => endpointPort(port, pod))
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    group.endpoints.push(endpointOf(pod))
    groups.set(key, group)
  }
  // Also without pods there is a slice, or a reader could not tell "none" from "not yet known".
  if (groups.size === 0) groups.set('', { ports: [], endpoints: [] })
  return [...groups].map(([key, group]) => sliceOf(service, key, group))
}

function isAddressable(pod: Stored<Pod>, { spec }: Service): boolean {
  const hasAddress = pod.status?.podIP !== undefined && pod.metadata.deletionTimestamp === undefined
  return hasAddress && (isReady(pod) || spec?.publishNotReadyAddresses === true)
}

function endpointPort(
  { name, port, targetPort, protocol = 'TCP' }: ServicePort,
  pod: Pod,
): EndpointPort[] {
  const number = typeof targetPort === 'string' ? namedPort(targetPort, pod) : (targetPort ?? port)
  return number === undefined ? [] : [{ name: name ?? '', port: number, protocol }]
}

function namedPort(name: string, { spec }: Pod): number | undefined {
  if (/^\d+$/.test(name)) return Number(name)
  const ports = (spec?.containers ?? []).flatMap((container) => container.ports ?? [])
  return ports.find((port) => port.name === name)?.containerPort
}

function endpointOf(pod: Stored<Pod>): Endpoint {
  const { name, namespace = '', uid } = pod.metadata
  const ready = isReady(pod)
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready, serving: ready, terminating: false },
    ...(pod.spec?.nodeName !== undefined && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}

function sliceOf(
  service: Stored<Service>,
  key: string,
  { ports, endpoints }: { ports: EndpointPort[]; endpoints: Endpoint[] },
): EndpointSlice {
  const { name, namespace = '' } = service.metadata
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 5)
  return {
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { [serviceLabel]: name, [managedByLabel]: managedBy },
      ownerReferences: [controllerRef(service)],
    },
    addressType: 'IPv4',
    endpoints: endpoints.toSorted((a, b) =>
      (a.addresses[0] ?? '').localeCompare(b.addresses[0] ?? ''),
    ),
    ports,
  }
}
