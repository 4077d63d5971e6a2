import {
  defaultReadyTimeoutSeconds,
  defaultReplicas,
  type AppPort,
  type AppSpec,
  type Probe,
} from '@porpulsion/contract'

/** A port with its defaults written out. */
export type NormalisedPort = Required<AppPort>

/** An app whose defaults are written out, so that two ways to say the same are one. */
export type NormalisedAppSpec = AppSpec & {
  readonly replicas: number
  readonly readyTimeoutSeconds: number
  readonly ports?: NormalisedPort[]
}

/** Idempotent. What is empty is left out: `env: []` and no `env` are the same app. */
export function normaliseAppSpec(spec: AppSpec): NormalisedAppSpec {
  const { ports, readinessProbe, livenessProbe, startupProbe, ...rest } = spec
  return {
    ...withoutEmpty(rest),
    image: spec.image,
    replicas: spec.replicas ?? defaultReplicas,
    readyTimeoutSeconds: spec.readyTimeoutSeconds ?? defaultReadyTimeoutSeconds,
    ...(ports !== undefined && ports.length > 0 && { ports: ports.map(normalisePort) }),
    ...(readinessProbe && { readinessProbe: normaliseProbe(readinessProbe) }),
    ...(livenessProbe && { livenessProbe: normaliseProbe(livenessProbe) }),
    ...(startupProbe && { startupProbe: normaliseProbe(startupProbe) }),
  }
}

/** What travels: whether the submitter exposes a port is nothing to its host. */
export function normalisePort({ port, name, protocol }: AppPort): NormalisedPort {
  return { name: name ?? `port-${port}`, port, protocol: protocol ?? 'TCP' }
}

function normaliseProbe({ httpGet, ...probe }: Probe): Probe {
  if (httpGet === undefined) return probe
  return {
    ...probe,
    httpGet: {
      ...withoutEmpty(httpGet),
      port: httpGet.port,
      path: httpGet.path ?? '/',
      scheme: httpGet.scheme ?? 'HTTP',
    },
  }
}

/** Fields that are lists or objects with nothing in them mean nothing. */
function withoutEmpty<T extends object>(value: T): T {
  const members = Object.entries(value).filter(
    ([, member]) => member !== undefined && !isEmpty(member),
  )
  return Object.fromEntries(members) as T // only optional fields can be empty objects or lists
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
