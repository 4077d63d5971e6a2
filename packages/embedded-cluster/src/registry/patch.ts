/** From the present object and a patch to the object that is meant. */
import jsonPatch from 'fast-json-patch'
import { ApiError, badRequest } from './api-error.ts'
import { clone, isObject, type JsonObject } from './json.ts'
import type { Writer } from './managed-fields.ts'
import { mergePatch } from './merge-patch.ts'
import type { ObjectKey, Patch, Stored } from './registry.ts'
import type { Draft, Resource, ServedVersion } from './resource.ts'
import { applyConfiguration } from './server-side-apply.ts'
import { strategicMerge } from './strategic-merge.ts'

/** More operations than this in one JSON patch are refused, as the real server does. */
const maxJsonPatchOperations = 10_000

export interface PatchTarget {
  readonly resource: Resource
  readonly served: ServedVersion
  readonly key: ObjectKey
  readonly writer: Writer
}

/** `live` is undefined only for an apply that creates. The result is private to the caller. */
export function patchObject(
  live: Stored | undefined,
  patch: Patch,
  target: PatchTarget,
): JsonObject {
  const { served, resource, writer } = target
  switch (patch.type) {
    case 'json':
      return jsonPatched(live ?? {}, patch.body)
    case 'merge':
      return asObject(clone(mergePatch(live, asPatch(patch.body))))
    case 'strategic':
      if (resource.custom) throw unsupported('application/strategic-merge-patch+json')
      return clone(strategicMerge(live, asPatch(patch.body), served.shape))
    case 'apply': {
      const config = appliedConfiguration(patch.body, target)
      return applyConfiguration(live, config, served.shape, writer, patch.force ?? false)
    }
    default:
      return patch satisfies never
  }
}

/** What the path says and what the body says must be the same object. */
function appliedConfiguration(body: unknown, { resource, key, writer }: PatchTarget): Draft {
  const config = asObject(clone(body))
  const metadata = isObject(config['metadata']) ? config['metadata'] : {}
  if (config['apiVersion'] !== writer.apiVersion || config['kind'] !== resource.kind) {
    throw badRequest(
      `the applied object is ${describe(config)}, the path names ${writer.apiVersion} ${resource.kind}`,
    )
  }
  if (metadata['managedFields'] !== undefined) {
    throw badRequest('metadata.managedFields must be nil')
  }
  refuseOther('name', metadata['name'], key.name)
  refuseOther('namespace', metadata['namespace'], key.namespace)
  const { namespace } = key
  return {
    ...config,
    apiVersion: writer.apiVersion,
    kind: resource.kind,
    metadata: { ...metadata, name: key.name, ...(namespace !== undefined && { namespace }) },
  }
}

function refuseOther(field: string, given: unknown, wanted: string | undefined): void {
  if (given === undefined || given === '' || given === wanted) return
  throw badRequest(
    `the ${field} of the object (${JSON.stringify(given)}) does not match the ${field} on the URL (${wanted ?? ''})`,
  )
}

function describe(config: JsonObject): string {
  return `${String(config['apiVersion'])} ${String(config['kind'])}`
}

function jsonPatched(live: object, operations: readonly unknown[]): JsonObject {
  if (operations.length > maxJsonPatchOperations) {
    throw new ApiError(
      'RequestEntityTooLarge',
      `the allowed maximum operations in a JSON patch is ${maxJsonPatchOperations}, got ${operations.length}`,
    )
  }
  const document: unknown = clone(live)
  try {
    const checked = operations.map(readOperation)
    const { newDocument } = jsonPatch.applyPatch<unknown>(document, checked, true, true)
    return asObject(newDocument)
  } catch (error) {
    if (error instanceof ApiError) throw error
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new ApiError(
      'Invalid',
      `the server rejected our request due to an error in our request: ${why}`,
    )
  }
}

function readOperation(operation: unknown): jsonPatch.Operation {
  if (
    !isObject(operation) ||
    typeof operation['op'] !== 'string' ||
    typeof operation['path'] !== 'string'
  ) {
    throw badRequest('every operation of a JSON patch needs "op" and "path"')
  }
  return operation as unknown as jsonPatch.Operation // applyPatch checks the rest, operation by operation.
}

function asPatch(body: unknown): JsonObject {
  if (!isObject(body)) throw badRequest('the patch must be an object')
  return body
}

function asObject(value: unknown): JsonObject {
  if (!isObject(value)) throw badRequest('the patched value is not an object')
  return value
}

function unsupported(type: string): ApiError {
  return new ApiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml (not ${type})`,
  )
}
