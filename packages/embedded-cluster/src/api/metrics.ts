/** `metrics.k8s.io`: what nodes and pods use, as `kubectl top` asks for it. Read, and kept nowhere. */
import { notFound } from '../registry/api-error.ts'
import { objectsAt, stringAt } from '../registry/fields.ts'
import { Kinds } from '../registry/kinds.ts'
import { timestamp } from '../registry/metadata.ts'
import { containerUsageKey, type Usage, type UsageReading } from '../registry/ports.ts'
import type { Kind, Stored } from '../registry/registry.ts'
import type { ApiContext } from './api-context.ts'
import { type ApiRequest, type ApiResponse, json } from './api-request.ts'
import { parseSelectors } from './selectors.ts'
import { keyOf, methodNotAllowed, type Target } from './target.ts'

export const metricsGroup = 'metrics.k8s.io'

type Describe = (object: Stored, reading: UsageReading) => object | undefined

export async function answerMetrics(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
  verb: string,
): Promise<ApiResponse> {
  const [kind, describe]: [Kind, Describe] =
    target.resource.plural === 'nodes' ? [Kinds.Node, nodeMetrics] : [Kinds.Pod, podMetrics]
  if (verb === 'get') return getMetrics(context, target, kind, describe)
  if (verb === 'list') return listMetrics(context, target, request, kind, describe)
  throw methodNotAllowed(request.method, request.path)
}

async function getMetrics(
  { registry, pods }: ApiContext,
  target: Target,
  kind: Kind,
  describe: Describe,
): Promise<ApiResponse> {
  const key = keyOf(target)
  const object = registry.get(kind, key)
  const metrics = object && describe(object, await pods.readUsage())
  if (metrics === undefined) throw notFound(target.resource, key.name)
  return json(metrics)
}

async function listMetrics(
  { lister, pods }: ApiContext,
  { resource, path }: Target,
  { query }: ApiRequest,
  kind: Kind,
  describe: Describe,
): Promise<ApiResponse> {
  const select = parseSelectors(query, resource)
  const reading = await pods.readUsage()
  const whole = { namespace: path.namespace, select, limit: undefined, continueToken: undefined }
  const items = lister
    .list(kind, whole)
    .items.map((object) => describe(object, reading))
    .filter((metrics) => metrics !== undefined)
  return json({ kind: resource.listKind, apiVersion, metadata: {}, items })
}

const apiVersion = `${metricsGroup}/v1beta1`

function nodeMetrics(node: Stored, reading: UsageReading): object {
  return { ...head('NodeMetrics', node, reading), usage: quantities(reading.node) }
}

/** Undefined for a pod of which nothing runs. */
function podMetrics(pod: Stored, reading: UsageReading): object | undefined {
  const { uid } = pod.metadata
  const names = objectsAt(pod, 'spec', 'containers').map(
    (container) => stringAt(container, 'name') ?? '',
  )
  const containers = names.flatMap((name) => {
    const usage = reading.containers.get(containerUsageKey(uid, name))
    return usage === undefined ? [] : [{ name, usage: quantities(usage) }]
  })
  return containers.length === 0 ? undefined : { ...head('PodMetrics', pod, reading), containers }
}

function head(kind: string, { metadata }: Stored, { atMs, windowMs }: UsageReading): object {
  const { name, namespace, labels } = metadata
  return {
    kind,
    apiVersion,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(labels !== undefined && { labels }),
      creationTimestamp: timestamp(atMs),
    },
    timestamp: timestamp(atMs),
    window: `${(windowMs / 1_000).toFixed(3)}s`,
  }
}

/** Billionths of a core, and KiB: as the metrics server has them. */
function quantities({ cpuCores, memoryBytes }: Usage): object {
  return { cpu: `${Math.round(cpuCores * 1e9)}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` }
}
