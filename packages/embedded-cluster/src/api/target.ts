/** The resource, version and object a request is about. */
import { ApiError, badRequest } from '../registry/api-error.ts'
import type { ApiWriteOptions } from '../registry/local-registry.ts'
import type { FieldValidation } from '../registry/decode.ts'
import { isObject, type JsonObject } from '../registry/json.ts'
import type { Kind, ObjectKey } from '../registry/registry.ts'
import { groupVersion, type Resource, type ServedVersion } from '../registry/resource.ts'
import type { ApiRequest } from './api-request.ts'
import type { ResourcePath } from './paths.ts'
import { type IncludeObject, negotiate, type Presenter } from './representation.ts'

export interface Target {
  readonly resource: Resource
  readonly served: ServedVersion
  readonly kind: Kind
  readonly path: ResourcePath
}

/** The key of a path that names an object. */
export function keyOf({ path, resource }: Target): ObjectKey {
  const { name, namespace } = path
  if (name === undefined) throw badRequest('name is required')
  return { name, ...(resource.namespaced && namespace !== undefined && { namespace }) }
}

export function presenterOf(
  { resource, served }: Target,
  request: ApiRequest,
  nowMs: number,
): Presenter {
  return {
    resource,
    served,
    form: negotiate(request.headers.accept),
    includeObject: includeObject(request.query.get('includeObject')),
    nowMs,
  }
}

function includeObject(value: string | null): IncludeObject {
  return value === 'Object' || value === 'None' ? value : 'Metadata'
}

/** The options every write takes from its query. */
export function writeOptions(request: ApiRequest): ApiWriteOptions {
  const { query } = request
  return {
    fieldManager: fieldManager(request),
    fieldValidation: fieldValidation(query.get('fieldValidation')),
    warn: (message) => request.warn(message),
    ...(isDryRun(query) && { dryRun: true }),
  }
}

/** Unnamed writers are known by the program they use. */
function fieldManager({ query, headers }: ApiRequest): string {
  const named = query.get('fieldManager') ?? ''
  if (named.length > 128) throw badRequest('fieldManager: may not be longer than 128 characters')
  if (named !== '') return named
  const agent = headers['user-agent']?.split('/')[0] ?? ''
  return agent === '' ? 'unknown' : agent.slice(0, 128)
}

function fieldValidation(value: string | null): FieldValidation {
  if (value === null || value === '') return 'Warn'
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value
  throw badRequest(
    `fieldValidation: Unsupported value: ${JSON.stringify(value)}: supported values: "Ignore", "Strict", "Warn"`,
  )
}

export function isDryRun(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun')
  if (values.some((value) => value !== 'All' && value !== '')) {
    throw badRequest(
      `dryRun: Unsupported value: ${JSON.stringify(values)}: supported values: "All"`,
    )
  }
  return values.includes('All')
}

/** The object of a body, which must be the one the path is about. */
export function objectFor(target: Target, body: JsonObject): JsonObject {
  const { resource, served, path } = target
  checkType(body, resource, groupVersion(resource, served.name))
  const metadata = isObject(body['metadata']) ? body['metadata'] : {}
  const { namespace, name } = metadata
  if (resource.namespaced) {
    if (namespace !== undefined && namespace !== '' && namespace !== path.namespace) {
      throw badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      )
    }
    metadata['namespace'] = path.namespace
  }
  if (path.name !== undefined) {
    if (name !== undefined && name !== '' && name !== path.name) {
      throw badRequest(
        `the name of the object (${JSON.stringify(name)}) does not match the name on the URL (${path.name})`,
      )
    }
    metadata['name'] = path.name
  }
  return { ...body, metadata }
}

function checkType(body: JsonObject, { kind }: Resource, apiVersion: string): void {
  const given = { apiVersion: body['apiVersion'] ?? apiVersion, kind: body['kind'] ?? kind }
  if (given.apiVersion === apiVersion && given.kind === kind) return
  throw badRequest(
    `the object provided is ${JSON.stringify(given.kind)} in ${JSON.stringify(given.apiVersion)}, expected ${kind} in "${apiVersion}"`,
  )
}

export function methodNotAllowed(method: string, path: string): ApiError {
  return new ApiError('MethodNotAllowed', `the server does not allow ${method} on ${path}`)
}
