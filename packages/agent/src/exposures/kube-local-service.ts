/** The Service in our cluster for the exposed ports of an app. */
import { Label } from '@porpulsion/contract'
import {
  dnsServiceName,
  hashedName,
  ownerReference,
  type KubeObject,
  type Service,
  type Stored,
} from '@porpulsion/kube'
import type { ExposurePlace } from './exposure.ts'
import type { ExposedAppPort } from './kube-exposed-apps.ts'

export interface ListeningPort extends ExposedAppPort {
  /** Where the agent listens for it. */
  readonly listenerPort: number
}

/** The name people look an app up by, while nothing else has it; and one that nothing else can have. */
export function localServiceNames({ metadata }: Stored<KubeObject>): {
  readonly preferred: string
  readonly fallback: string
} {
  return {
    preferred: dnsServiceName(metadata.name),
    fallback: dnsServiceName(hashedName(metadata.name, [metadata.uid])),
  }
}

type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number]

export function newLocalService(
  name: string,
  resource: Stored<KubeObject>,
  ports: readonly ListeningPort[],
  place: ExposurePlace,
): Service {
  const { namespace } = resource.metadata
  return {
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: labelsOf(resource),
      ownerReferences: [ownerReference(resource)],
    },
    spec: {
      type: 'ClusterIP',
      ports: ports.map(servicePort),
      ...(place.kind === 'pods' && { selector: { ...place.selector } }),
    },
  }
}

/** As it has to be, with everything that others may have set left alone; undefined if it is so already. */
export function changedLocalService(
  live: Stored<Service>,
  resource: Stored<KubeObject>,
  ports: readonly ListeningPort[],
  place: ExposurePlace,
): Service | undefined {
  const labels = labelsOf(resource)
  const hasLabels = Object.entries(labels).every(
    ([key, value]) => live.metadata.labels?.[key] === value,
  )
  const selector = place.kind === 'pods' ? place.selector : {}
  const wanted = ports.map(servicePort)
  const before = live.spec?.ports ?? []
  if (hasLabels && isSameSelector(live.spec?.selector, selector) && areSamePorts(before, wanted))
    return undefined
  const { selector: _, ...spec } = live.spec ?? {}
  return {
    ...live,
    metadata: { ...live.metadata, labels: { ...live.metadata.labels, ...labels } },
    spec: {
      ...spec,
      ports: wanted.map((port) => ({ ...before.find((one) => one.port === port.port), ...port })),
      ...(place.kind === 'pods' && { selector: { ...selector } }),
    },
  }
}

/** Where the agent listened for a port of the app when it wrote the Service: that survives a restart. */
export function listenerPortIn(service: Service | undefined, port: number): number | undefined {
  const target = service?.spec?.ports?.find((one) => one.port === port)?.targetPort
  return typeof target === 'number' ? target : undefined
}

const labelsOf = ({ metadata }: Stored<KubeObject>): Record<string, string> => ({
  'app.kubernetes.io/managed-by': 'porpulsion',
  [Label.Exposes]: metadata.name,
})

const servicePort = ({ name, port, listenerPort }: ListeningPort): ServicePort => ({
  name,
  port,
  targetPort: listenerPort,
  protocol: 'TCP',
})

function isSameSelector(
  live: Readonly<Record<string, string>> | undefined = {},
  wanted: Readonly<Record<string, string>>,
): boolean {
  const entries = Object.entries(wanted)
  return (
    Object.keys(live).length === entries.length &&
    entries.every(([key, value]) => live[key] === value)
  )
}

function areSamePorts(live: readonly ServicePort[], wanted: readonly ServicePort[]): boolean {
  return (
    live.length === wanted.length &&
    wanted.every((port) =>
      live.some(
        (one) =>
          one.port === port.port &&
          one.name === port.name &&
          one.targetPort === port.targetPort &&
          (one.protocol ?? 'TCP') === 'TCP',
      ),
    )
  )
}
