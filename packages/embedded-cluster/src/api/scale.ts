/** The scale subresource: the number of replicas of anything that has one. */
import { badRequest, notFound } from '../registry/api-error.ts'
import { numberAt, objectAt, stringAt } from '../registry/fields.ts'
import { selectorText } from '../registry/columns.ts'
import { clone, isObject, type JsonObject, setOwn } from '../registry/json.ts'
import { mergePatch } from '../registry/merge-patch.ts'
import type { Stored } from '../registry/registry.ts'
import type { ScalePaths } from '../registry/resource.ts'
import type { ApiContext } from './api-context.ts'
import { type ApiRequest, type ApiResponse, json, readObject } from './api-request.ts'
import { keyOf, methodNotAllowed, type Target, writeOptions } from './target.ts'
import { readPatch } from './write-handlers.ts'

export async function handleScale(
  context: ApiContext,
  target: Target,
  paths: ScalePaths,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { registry } = context
  const present = registry.get(target.kind, keyOf(target))
  if (present === undefined) throw notFound(target.resource, target.path.name ?? '')
  if (request.method === 'GET') return json(scaleOf(present, paths))
  const wanted = await wantedScale(present, paths, request)
  const replicas = numberAt(wanted, 'spec', 'replicas') ?? 0
  if (!Number.isInteger(replicas) || replicas < 0) {
    throw badRequest('spec.replicas: Invalid value: must be greater than or equal to 0')
  }
  const version = stringAt(wanted, 'metadata', 'resourceVersion')
  const scaled = await registry.modify(
    target.kind,
    keyOf(target),
    (draft) => {
      setAt(draft, paths.specReplicas, replicas)
      if (version !== undefined) Object.assign(draft.metadata, { resourceVersion: version })
    },
    { ...writeOptions(request), subresource: 'scale' },
  )
  if (scaled === undefined) throw notFound(target.resource, target.path.name ?? '')
  return json(scaleOf(scaled, paths))
}

async function wantedScale(
  present: Stored,
  paths: ScalePaths,
  request: ApiRequest,
): Promise<unknown> {
  if (request.method === 'PUT') return readObject(request)
  if (request.method !== 'PATCH') throw methodNotAllowed(request.method, request.path)
  const patch = await readPatch(request)
  // The version is left out: a patch of the number alone may follow any other change.
  const current = clone(scaleOf(present, paths)) as JsonObject // Made by scaleOf below.
  Reflect.deleteProperty(objectAt(current, 'metadata'), 'resourceVersion')
  if (patch.type === 'json') throw badRequest('a scale takes a merge patch, not a JSON patch')
  return mergePatch(current, patch.body)
}

function scaleOf(object: Stored, paths: ScalePaths): object {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = paths.selector === undefined ? undefined : selectorAt(object, paths.selector)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, ...paths.specReplicas) ?? 0 },
    status: {
      replicas: numberAt(object, ...paths.statusReplicas) ?? 0,
      ...(selector !== undefined && { selector }),
    },
  }
}

/** Deployments keep an object, custom resources its text. */
function selectorAt(object: Stored, path: readonly string[]): string | undefined {
  const text = stringAt(object, ...path)
  if (text !== undefined) return text
  const selector = objectAt(object, ...path)
  return Object.keys(selector).length === 0 ? undefined : selectorText(selector)
}

function setAt(object: object, path: readonly string[], value: unknown): void {
  let here: unknown = object
  for (const step of path.slice(0, -1)) {
    if (!isObject(here)) return
    if (!isObject(here[step])) setOwn(here, step, {})
    here = here[step]
  }
  const last = path.at(-1)
  if (isObject(here) && last !== undefined) setOwn(here, last, value)
}
