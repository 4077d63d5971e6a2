/** get, list and watch. */
import { ApiError, badRequest, notFound } from '../registry/api-error.ts'
import type { ApiContext } from './api-context.ts'
import { type ApiRequest, type ApiResponse, booleanParam, integerParam } from './api-request.ts'
import { presentList, presentObject } from './representation.ts'
import { parseFieldSelector, parseSelectors, type Selector } from './selectors.ts'
import { keyOf, presenterOf, type Target } from './target.ts'
import { streamWatch } from './watch-stream.ts'

/** A watch that names no end gets one, so that clients spread their reconnects. */
const minWatchMs = 30 * 60_000

export async function getObject(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { registry, clock } = context
  const key = keyOf(target)
  const object = registry.get(target.kind, key)
  if (object === undefined) throw notFound(target.resource, key.name)
  await registry.settled()
  return jsonText(presentObject(object, presenterOf(target, request, clock.now())))
}

export async function listObjects(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { registry, lister, clock } = context
  const { query } = request
  const limit = integerParam(query, 'limit') ?? 0
  const token = query.get('continue') ?? ''
  const page = lister.list(target.kind, {
    namespace: target.path.namespace,
    select: parseSelectors(query, target.resource),
    limit: limit > 0 ? limit : undefined,
    continueToken: token === '' ? undefined : token,
  })
  await registry.settled()
  return jsonText(presentList(page.items, page.meta, presenterOf(target, request, clock.now())))
}

export function jsonText(body: string, status = 200): ApiResponse {
  return { kind: 'text', status, body, type: 'application/json' }
}

export function isWatch(query: URLSearchParams): boolean {
  return query.has('watch') && booleanParam(query, 'watch')
}

export async function watchObjects(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { registry, clock, json } = context
  const { query } = request
  const sendsInitial = initialEvents(query)
  const since = startVersion(query, sendsInitial)
  if (since !== undefined && Number(since) > Number(registry.resourceVersion)) {
    throw new ApiError(
      'Timeout',
      `Too large resource version: ${since}, current: ${registry.resourceVersion}`,
    )
  }
  const timeoutSeconds = integerParam(query, 'timeoutSeconds') ?? 0
  await registry.settled()
  return {
    kind: 'stream',
    send: (response) =>
      streamWatch(
        response,
        {
          kind: target.kind,
          namespace: target.path.namespace,
          select: selectorOf(target, query),
          since,
          bookmarks: query.has('allowWatchBookmarks') && booleanParam(query, 'allowWatchBookmarks'),
          markInitialEnd: sendsInitial,
          timeoutMs: timeoutSeconds > 0 ? timeoutSeconds * 1_000 : minWatchMs,
          presenter: presenterOf(target, request, clock.now()),
        },
        { registry, clock, json },
      ),
  }
}

/** A watch of one object is one of its kind with its name selected. */
function selectorOf({ path, resource }: Target, query: URLSearchParams): Selector {
  const select = parseSelectors(query, resource)
  if (path.name === undefined) return select
  const named = parseFieldSelector(`metadata.name=${path.name}`, resource)
  return (object) => named(object) && select(object)
}

function initialEvents(query: URLSearchParams): boolean {
  const asked = query.has('sendInitialEvents') && booleanParam(query, 'sendInitialEvents')
  if (asked && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw badRequest(
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    )
  }
  return asked
}

/** Undefined: from the present state, told first. */
function startVersion(query: URLSearchParams, sendsInitial: boolean): string | undefined {
  const version = query.get('resourceVersion') ?? ''
  if (version !== '' && !/^\d{1,15}$/.test(version)) {
    throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(version)}: must be a number`)
  }
  return version === '' || version === '0' || sendsInitial ? undefined : version
}
