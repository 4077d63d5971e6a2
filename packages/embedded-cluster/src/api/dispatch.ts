/** From a request whose sender is known to the handler that answers it. */
import { ApiError, badRequest, forbidden } from '../registry/api-error.ts'
import { servedVersion } from '../registry/resource.ts'
import type { ApiContext } from './api-context.ts'
import { type ApiRequest, type ApiResponse, type Identity, json } from './api-request.ts'
import { impersonation } from './authenticator.ts'
import { type Attributes, refusalText } from './authorizer.ts'
import { openApiDocument, openApiIndex, openApiV2, openApiV2Protobuf } from './openapi.ts'
import { answerMetrics, metricsGroup } from './metrics.ts'
import { parseResourcePath, type ResourcePath } from './paths.ts'
import { podLogs } from './pod-logs.ts'
import { getObject, isWatch, listObjects, watchObjects } from './read-handlers.ts'
import { answerReview, issueToken } from './reviews.ts'
import { handleScale } from './scale.ts'
import { keyOf, methodNotAllowed, type Target } from './target.ts'
import { versionInfo } from './version-info.ts'
import {
  createObject,
  deleteCollection,
  deleteObject,
  patchObject,
  updateObject,
} from './write-handlers.ts'

export async function dispatch(context: ApiContext, received: ApiRequest): Promise<ApiResponse> {
  const request = { ...received, user: actingUser(context, received) }
  const path = parseResourcePath(request.path)
  if (request.isUpgrade && !isStreaming(path?.subresource)) {
    throw badRequest(`${request.path} is not served over an upgraded connection`)
  }
  if (path === undefined) {
    authorize(context, request.user, { verb: request.method.toLowerCase(), path: request.path })
    return aboutTheServer(context, request)
  }
  const verb = verbOf(request, path)
  const { group, resource, subresource, namespace, name } = path
  authorize(context, request.user, { verb, group, resource, subresource, namespace, name })
  const target = findTarget(context, path)
  if (target === undefined) throw unknownPath()
  if (
    target.resource.namespaced &&
    namespace === undefined &&
    verb !== 'list' &&
    verb !== 'watch'
  ) {
    if (verb !== 'create' || target.resource.virtual) throw unknownPath()
    throw methodNotAllowed(request.method, request.path)
  }
  return handle(context, target, request, verb)
}

/** `kubectl --as`: only for those who may impersonate. */
function actingUser(context: ApiContext, { headers, user }: ApiRequest): Identity {
  const wish = impersonation(headers)
  if (wish === undefined) return user
  const demand = (resource: string, name: string): void =>
    authorize(context, user, {
      verb: 'impersonate',
      group: '',
      resource,
      subresource: undefined,
      namespace: undefined,
      name,
    })
  demand('users', wish.identity.username)
  // Or whoever may act as one user could act as the administrators.
  for (const group of wish.groups) demand('groups', group)
  return wish.identity
}

function authorize({ authorizer }: ApiContext, user: Identity, attributes: Attributes): void {
  if (authorizer.isAllowed(user, attributes)) return
  const why = refusalText(user, attributes)
  if ('path' in attributes) throw new ApiError('Forbidden', why)
  const { group, resource, name } = attributes
  if (name !== undefined) throw forbidden({ group, plural: resource }, name, why)
  const title = group === '' ? resource : `${resource}.${group}`
  throw new ApiError('Forbidden', `${title} is forbidden: ${why}`, { group, kind: resource })
}

function verbOf({ method, query }: ApiRequest, { name }: ResourcePath): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (isWatch(query)) return 'watch'
      return name === undefined ? 'list' : 'get'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete'
    default:
      return method.toLowerCase()
  }
}

function findTarget({ registry }: ApiContext, path: ResourcePath): Target | undefined {
  const resource = registry.catalog.byPlural(path.group, path.resource)
  const served = resource && servedVersion(resource, path.version)
  if (resource === undefined || served === undefined) return undefined
  return { resource, served, path, kind: { ...resource, version: served.name } }
}

function unknownPath(): ApiError {
  return new ApiError('NotFound', 'the server could not find the requested resource')
}

async function handle(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
  verb: string,
): Promise<ApiResponse> {
  const { resource, path } = target
  if (resource.group === metricsGroup) return answerMetrics(context, target, request, verb)
  if (resource.virtual) {
    if (verb !== 'create' || path.name !== undefined)
      throw methodNotAllowed(request.method, request.path)
    return answerReview(context, target, request)
  }
  if (path.subresource !== undefined) return handleSubresource(context, target, request, verb)
  const handler = handlers[verb]
  if (handler === undefined || (verb === 'create' && path.name !== undefined)) {
    throw methodNotAllowed(request.method, request.path)
  }
  if ((verb === 'update' || verb === 'patch') && path.name === undefined) {
    throw methodNotAllowed(request.method, request.path)
  }
  return handler(context, target, request)
}

type Handler = (context: ApiContext, target: Target, request: ApiRequest) => Promise<ApiResponse>

const handlers: Readonly<Record<string, Handler>> = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: updateObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
}

async function handleSubresource(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
  verb: string,
): Promise<ApiResponse> {
  const { served, resource, path } = target
  const { subresource = '' } = path
  if (subresource === 'scale' && served.scale !== undefined) {
    return handleScale(context, target, served.scale, request)
  }
  const isWritten =
    (subresource === 'status' && served.status) || resource.subresources.includes(subresource)
  if (!isWritten) throw unknownPath()
  if (subresource === 'log' && verb === 'get') return podLogs(context, target, request)
  if (isStreaming(subresource)) {
    if (verb !== 'get' && verb !== 'create') throw methodNotAllowed(request.method, request.path)
    return handleStreaming(context, target, request, subresource)
  }
  if (subresource === 'token' && verb === 'create') return issueToken(context, target, request)
  if (subresource === 'status' || subresource === 'finalize') {
    if (verb === 'get') return getObject(context, target, request)
    if (verb === 'update') return updateObject(context, target, request)
    if (verb === 'patch') return patchObject(context, target, request)
  }
  keyOf(target)
  throw methodNotAllowed(request.method, request.path)
}

/** Subresources that take the connection over. */
const streaming = ['exec', 'attach', 'portforward'] as const
type Streaming = (typeof streaming)[number]

function isStreaming(subresource: string | undefined): subresource is Streaming {
  return streaming.some((name) => name === subresource)
}

async function handleStreaming(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
  subresource: Streaming,
): Promise<ApiResponse> {
  // A WebSocket can only begin with GET; whoever may no more than read must not run commands by it.
  const { resource, path } = target
  authorize(context, request.user, { ...path, group: resource.group, verb: 'create' })
  const { attachToPod, execInPod, forwardPorts } = await import('./streaming/index.ts')
  const answer = { exec: execInPod, attach: attachToPod, portforward: forwardPorts }
  return answer[subresource](context, target, request)
}

/** Discovery, OpenAPI, version: what is not about objects. */
function aboutTheServer(context: ApiContext, request: ApiRequest): ApiResponse {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw methodNotAllowed(request.method, request.path)
  }
  const { discovery } = context
  const path = request.path.replace(/\/+$/, '')
  const [, root, group = '', version] = path.split('/')
  if ((path === '/api' || path === '/apis') && acceptsAggregated(request)) {
    const body = discovery.aggregated(path === '/api' ? 'core' : 'groups')
    const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    return { kind: 'json', status: 200, body, type }
  }
  switch (root) {
    case undefined:
      return json({ paths: ['/api', '/apis', '/healthz', '/openapi/v3', '/version'] })
    case 'version':
      return json(versionInfo())
    case 'api':
      if (group === '') return json(discovery.coreVersions(request.headers.host ?? ''))
      return found(discovery.resources('', group))
    case 'apis':
      if (group === '') return json(discovery.groups())
      if (version === undefined) return found(discovery.group(group))
      return found(discovery.resources(group, version))
    case 'openapi':
      return openApi(context, request, path)
    default:
      throw unknownPath()
  }
}

function found(document: object | undefined): ApiResponse {
  if (document === undefined) throw unknownPath()
  return json(document)
}

function acceptsAggregated({ headers }: ApiRequest): boolean {
  return (headers.accept ?? '')
    .split(',')
    .some((entry) => entry.includes('g=apidiscovery.k8s.io') && entry.includes('v=v2;'))
}

function openApi(context: ApiContext, { headers }: ApiRequest, path: string): ApiResponse {
  const { discovery, registry } = context
  if (path === '/openapi/v2') {
    if (!(headers.accept ?? '').includes('protobuf')) return json(openApiV2)
    const type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
    return { kind: 'text', status: 200, body: openApiV2Protobuf(), type }
  }
  if (path === '/openapi/v3') return json(openApiIndex(discovery, registry.catalog.revision))
  const match = /^\/openapi\/v3\/(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path)
  if (match === null) throw unknownPath()
  return found(openApiDocument(discovery, match[1] ?? '', match[2] ?? ''))
}
