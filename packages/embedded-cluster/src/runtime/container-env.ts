/** The environment of a container, and what `$(NAME)` in its command line stands for. */
import type {
  ConfigMap,
  Container,
  EnvVar,
  EnvVarSource,
  Pod,
  Secret,
} from 'kubernetes-types/core/v1.js'
import { parseQuantity } from '../registry/quantity.ts'

/** Objects of the pod's namespace. */
export interface ConfigSources {
  configMap(name: string): ConfigMap | undefined
  secret(name: string): Secret | undefined
}

export interface PodFacts {
  readonly podIP: string
  readonly hostIP: string
  readonly nodeName: string
  /** What `resourceFieldRef` gives where the container sets no limit: the node's own. */
  readonly allocatable: Readonly<Record<string, string>>
}

/** Something a container needs is not there (yet); the message is for its status: `CreateContainerConfigError`. */
export class ContainerConfigError extends Error {}

/** As a container would have it: nothing of the cluster's own environment reaches a pod. */
export function containerEnv(
  container: Container,
  pod: Pod,
  facts: PodFacts,
  sources: ConfigSources,
): Record<string, string> {
  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOSTNAME: pod.spec?.hostname ?? pod.metadata?.name ?? '',
    HOME: '/',
    ...namesOf(container, pod),
    ...addressOf(facts),
  }
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const all = configMapRef
      ? configMapData(configMapRef.name, configMapRef.optional, sources)
      : secretData(secretRef?.name, secretRef?.optional, sources)
    for (const [key, value] of Object.entries(all ?? {})) env[prefix + key] = value
  }
  for (const variable of container.env ?? []) {
    const value = valueOf(variable, container, pod, facts, sources, env)
    if (value !== undefined) env[variable.name] = value
  }
  return { ...env, ...addressOf(facts) }
}

/** Replaces `$(NAME)`; unknown names stay as they are, `$$` is a dollar. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, after: string, name: string) =>
    after === '$' ? '$' : (env[name] ?? whole),
  )
}

/**
 * Where the pod listens. Processes share the machine, so each pod has an address of its own and has to use it; its spec
 * cannot say otherwise, or a peer's app could open a port on every interface of the machine.
 */
function addressOf({ podIP }: PodFacts): Record<string, string> {
  return { HOST: podIP, POD_IP: podIP }
}

function namesOf(container: Container, pod: Pod): Record<string, string> {
  const port = container.ports?.[0]?.containerPort
  return {
    POD_NAME: pod.metadata?.name ?? '',
    POD_NAMESPACE: pod.metadata?.namespace ?? '',
    ...(port !== undefined && { PORT: String(port) }),
  }
}

function valueOf(
  { value, valueFrom, name }: EnvVar,
  container: Container,
  pod: Pod,
  facts: PodFacts,
  sources: ConfigSources,
  env: Readonly<Record<string, string>>,
): string | undefined {
  if (valueFrom === undefined) return expand(value ?? '', env)
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef }: EnvVarSource = valueFrom
  if (configMapKeyRef) {
    const { name: configMap, key, optional } = configMapKeyRef
    return pick(
      configMapData(configMap, optional, sources),
      key,
      optional,
      'ConfigMap',
      pod,
      configMap,
    )
  }
  if (secretKeyRef) {
    const { name: secret, key, optional } = secretKeyRef
    return pick(secretData(secret, optional, sources), key, optional, 'Secret', pod, secret)
  }
  if (fieldRef) return fieldOf(fieldRef.fieldPath, pod, facts)
  if (resourceFieldRef) return resourceOf(resourceFieldRef, container, facts)
  throw new ContainerConfigError(
    `environment variable ${name}: this kind of valueFrom is not supported`,
  )
}

function pick(
  data: Readonly<Record<string, string>> | undefined,
  key: string,
  optional: boolean | undefined,
  kind: string,
  pod: Pod,
  name = '',
): string | undefined {
  const value = data?.[key]
  if (value === undefined && optional !== true) {
    throw new ContainerConfigError(
      `couldn't find key ${key} in ${kind} ${pod.metadata?.namespace ?? ''}/${name}`,
    )
  }
  return value
}

function configMapData(
  name = '',
  optional: boolean | undefined,
  sources: ConfigSources,
): Readonly<Record<string, string>> | undefined {
  const found = sources.configMap(name)
  if (found === undefined && optional !== true)
    throw new ContainerConfigError(`configmap "${name}" not found`)
  return found && (found.data ?? {})
}

function secretData(
  name = '',
  optional: boolean | undefined,
  sources: ConfigSources,
): Record<string, string> | undefined {
  const found = sources.secret(name)
  if (found === undefined && optional !== true)
    throw new ContainerConfigError(`secret "${name}" not found`)
  return (
    found &&
    Object.fromEntries(
      Object.entries(found.data ?? {}).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString(),
      ]),
    )
  )
}

const keyedField = /^metadata\.(?<map>labels|annotations)\['(?<key>[^']+)'\]$/

/** What the downward API gives. */
export function fieldOf(path: string, pod: Pod, { podIP, hostIP, nodeName }: PodFacts): string {
  const { map, key } = keyedField.exec(path)?.groups ?? {}
  if (key !== undefined)
    return pod.metadata?.[map === 'labels' ? 'labels' : 'annotations']?.[key] ?? ''
  switch (path) {
    case 'metadata.name':
      return pod.metadata?.name ?? ''
    case 'metadata.namespace':
      return pod.metadata?.namespace ?? ''
    case 'metadata.uid':
      return pod.metadata?.uid ?? ''
    case 'metadata.labels':
      return formatMap(pod.metadata?.labels)
    case 'metadata.annotations':
      return formatMap(pod.metadata?.annotations)
    case 'spec.nodeName':
      return nodeName
    case 'spec.serviceAccountName':
      return pod.spec?.serviceAccountName ?? ''
    case 'status.podIP':
    case 'status.podIPs':
      return podIP
    case 'status.hostIP':
    case 'status.hostIPs':
      return hostIP
    default:
      throw new ContainerConfigError(`unsupported fieldPath: ${path}`)
  }
}

function formatMap(map: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(map).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return lines.toSorted().join('\n')
}

interface ResourceSelector {
  readonly resource: string
  readonly divisor?: string
}

export function resourceOf(
  { resource, divisor }: ResourceSelector,
  container: Container,
  facts: PodFacts,
): string {
  const [kind = '', name = ''] = resource.split(/\.(.*)/, 2)
  const { limits, requests } = container.resources ?? {}
  const written =
    kind === 'requests' ? requests?.[name] : (limits?.[name] ?? facts.allocatable[name])
  const value = parseQuantity(written ?? '0')
  if (value === undefined || (kind !== 'limits' && kind !== 'requests')) {
    throw new ContainerConfigError(`unsupported resource: ${resource}`)
  }
  return String(Math.ceil(value / divisorOf(divisor)))
}

/** Kubernetes takes 0 for 1. */
function divisorOf(text: string | undefined): number {
  const divisor = parseQuantity(text) ?? 1
  return divisor === 0 ? 1 : divisor
}
