/** A Deployment of Kubernetes as an app: what both know is taken over, and what is not is said. */
import { GROUP_VERSION, RemoteAppSpec, schemaErrors } from '@porpulsion/contract'
import { isRecord, valueAt } from './field-path.ts'

interface Converted {
  readonly manifest: unknown
  readonly leftOut: readonly string[]
}

/** Fields of a container that an app has under the same name. */
const sameInContainer = [
  'image',
  'imagePullPolicy',
  'command',
  'args',
  'env',
  'resources',
  'readinessProbe',
  'livenessProbe',
  'startupProbe',
] as const

export function convertDeployment(deployment: unknown): Converted {
  const pod = valueAt(deployment, ['spec', 'template', 'spec'])
  const containers = valueAt(pod, ['containers'])
  const [container, ...sidecars] = Array.isArray(containers) ? containers.filter(isRecord) : []
  const leftOut = [
    ...sidecars.map((other) => `Container ${textOf(other['name'])} is left out: an app has one.`),
    ...untaken(container),
    ...(Array.isArray(valueAt(pod, ['volumes']))
      ? ['Its volumes are left out: add them as config maps, secrets or storage.']
      : []),
  ]
  const replicas = valueAt(deployment, ['spec', 'replicas'])
  const labels = valueAt(deployment, ['spec', 'template', 'metadata', 'labels'])
  const ports = portsOf(container)
  const spec = {
    ...(replicas !== undefined && { replicas }),
    ...(container !== undefined && picked(container, sameInContainer)),
    ...(ports.length > 0 && { ports }),
    ...(isRecord(labels) && { labels }),
  }
  const { kept, dropped } = understood(spec)
  return {
    manifest: {
      apiVersion: GROUP_VERSION,
      kind: 'RemoteApp',
      metadata: { name: textOf(valueAt(deployment, ['metadata', 'name'])) },
      spec: kept,
    },
    leftOut: [...leftOut, ...dropped],
  }
}

/** Fields whose content no app can have go as a whole: half an environment is worse than none. */
function understood(spec: Readonly<Record<string, unknown>>): {
  kept: Readonly<Record<string, unknown>>
  dropped: readonly string[]
} {
  const wrong = new Map<string, string>()
  for (const { path, message } of schemaErrors(RemoteAppSpec, spec)) {
    const field = /^\w+/.exec(path)?.[0] ?? ''
    if (field in spec && !wrong.has(field)) wrong.set(field, `${path} ${message}`)
  }
  return {
    kept: Object.fromEntries(Object.entries(spec).filter(([name]) => !wrong.has(name))),
    dropped: [...wrong].map(([name, why]) => `${name} is left out: ${why}.`),
  }
}

function portsOf(container: Readonly<Record<string, unknown>> | undefined): unknown[] {
  const ports = container?.['ports']
  return (Array.isArray(ports) ? ports.filter(isRecord) : []).map(
    ({ containerPort, name, protocol }) => ({
      port: containerPort,
      ...(name !== undefined && { name }),
      ...(protocol !== undefined && { protocol }),
    }),
  )
}

function untaken(container: Readonly<Record<string, unknown>> | undefined): string[] {
  const known: readonly string[] = [
    ...sameInContainer,
    'name',
    'ports',
    'terminationMessagePath',
    'terminationMessagePolicy',
  ]
  const others = Object.keys(container ?? {}).filter((name) => !known.includes(name))
  return others.map((name) => `${name} of the container is left out.`)
}

const picked = (
  from: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> =>
  Object.fromEntries(
    names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])),
  )

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
