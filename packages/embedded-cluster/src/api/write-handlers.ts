/** create, update, patch and delete. */
import { ApiError, badRequest } from '../registry/api-error.ts'
import { isObject, type JsonObject } from '../registry/json.ts'
import type {
  DeleteOptions,
  KubeObject,
  Patch,
  PropagationPolicy,
  Stored,
  Subresource,
} from '../registry/registry.ts'
import type { ApiContext } from './api-context.ts'
import {
  type ApiRequest,
  type ApiResponse,
  booleanParam,
  integerParam,
  json,
  mediaType,
  readDocument,
  readObject,
  unsupportedType,
} from './api-request.ts'
import { jsonText } from './read-handlers.ts'
import { presentList, presentObject } from './representation.ts'
import { parseSelectors } from './selectors.ts'
import { isDryRun, keyOf, objectFor, presenterOf, type Target, writeOptions } from './target.ts'

export async function createObject(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const body = objectFor(target, await readObject(request))
  const made = await context.registry.create(target.kind, asObject(body), writeOptions(request))
  return respond(context, target, request, made, 201)
}

export async function updateObject(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const body = objectFor(target, await readObject(request))
  const updated = await context.registry.update(target.kind, asObject(body), {
    ...writeOptions(request),
    ...subresourceOption(target),
  })
  return respond(context, target, request, updated, 200)
}

export async function patchObject(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { registry } = context
  const key = keyOf(target)
  const existed = registry.get(target.kind, key) !== undefined
  const patched = await registry.patch(target.kind, key, await readPatch(request), {
    ...writeOptions(request),
    ...subresourceOption(target),
  })
  return respond(context, target, request, patched, existed ? 200 : 201)
}

function subresourceOption({ path }: Target): { subresource?: Subresource } {
  const { subresource } = path
  return subresource === 'status' || subresource === 'finalize' ? { subresource } : {}
}

/** The kind of patch is in the content type. */
export async function readPatch(request: ApiRequest): Promise<Patch> {
  const type = mediaType(request.headers['content-type'])
  const body = await readDocument(request)
  switch (type) {
    case 'application/json-patch+json':
      if (!Array.isArray(body)) throw badRequest('a JSON patch must be an array of operations')
      return { type: 'json', body }
    case 'application/merge-patch+json':
      return { type: 'merge', body }
    case 'application/strategic-merge-patch+json':
      return { type: 'strategic', body }
    case 'application/apply-patch+yaml':
      return { type: 'apply', body, force: isForced(request.query) }
    default:
      throw unsupportedType(type)
  }
}

function isForced(query: URLSearchParams): boolean {
  if ((query.get('fieldManager') ?? '') === '') {
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )
  }
  return query.has('force') && booleanParam(query, 'force')
}

function respond(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
  object: Stored,
  status: number,
): ApiResponse {
  const presenter = presenterOf(target, request, context.clock.now())
  return jsonText(presentObject(object, presenter), status)
}

export async function deleteObject(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const options = await readDeleteOptions(request)
  const { registry, clock } = context
  const deleted = await registry.delete(target.kind, keyOf(target), options)
  const isGone = registry.get(target.kind, keyOf(target)) === undefined || options.dryRun === true
  if (isGone) return json(deletedStatus(target, deleted))
  return jsonText(presentObject(deleted, presenterOf(target, request, clock.now())))
}

function deletedStatus({ resource }: Target, { metadata }: Stored): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: metadata.name,
      ...(resource.group !== '' && { group: resource.group }),
      kind: resource.plural,
      uid: metadata.uid,
    },
  }
}

export async function deleteCollection(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const options = await readDeleteOptions(request)
  const { registry, lister, clock } = context
  const { items, meta } = lister.list(target.kind, {
    namespace: target.path.namespace,
    select: parseSelectors(request.query, target.resource),
    limit: undefined,
    continueToken: undefined,
  })
  await Promise.all(items.map((object) => deleteOne(context, target, object, options)))
  await registry.settled()
  return jsonText(presentList(items, meta, presenterOf(target, request, clock.now())))
}

async function deleteOne(
  { registry }: ApiContext,
  { kind }: Target,
  { metadata }: Stored,
  options: DeleteOptions,
): Promise<void> {
  const { name, namespace } = metadata
  try {
    await registry.delete(kind, { name, ...(namespace !== undefined && { namespace }) }, options)
  } catch (error) {
    // Somebody else deleted it: that is what was asked for.
    if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error
  }
}

/** From the body or, as older clients do, the query. */
async function readDeleteOptions(request: ApiRequest): Promise<DeleteOptions> {
  const { query } = request
  const bytes = await request.body()
  const body: JsonObject = bytes.length === 0 ? {} : await readObject(request)
  const grace = integer(body['gracePeriodSeconds']) ?? integerParam(query, 'gracePeriodSeconds')
  const propagation = propagationOf(body, query)
  const preconditions = isObject(body['preconditions']) ? body['preconditions'] : {}
  const { uid, resourceVersion } = preconditions
  const dryRun = Array.isArray(body['dryRun']) && body['dryRun'].includes('All')
  if (grace !== undefined && grace < 0) {
    throw badRequest('gracePeriodSeconds: Invalid value: must be greater than or equal to 0')
  }
  return {
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(propagation !== undefined && { propagationPolicy: propagation }),
    ...((dryRun || isDryRun(query)) && { dryRun: true }),
    preconditions: {
      ...(typeof uid === 'string' && { uid }),
      ...(typeof resourceVersion === 'string' && { resourceVersion }),
    },
  }
}

function integer(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw badRequest('gracePeriodSeconds: Invalid value: must be a whole number')
}

function propagationOf(body: JsonObject, query: URLSearchParams): PropagationPolicy | undefined {
  const policy = body['propagationPolicy'] ?? query.get('propagationPolicy') ?? ''
  if (policy === 'Foreground' || policy === 'Background' || policy === 'Orphan') return policy
  if (policy !== '') {
    throw badRequest(
      `propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan"`,
    )
  }
  return body['orphanDependents'] === true ? 'Orphan' : undefined
}

function asObject(body: JsonObject): KubeObject {
  return body // The registry decodes it by the kind's shape before it is used.
}
