/**
 * OpenAPI, as far as clients need it: per group and version the kinds with their fields, and for each a path whose
 * PATCH says that field validation is done here (without that kubectl validates by itself, or gives up).
 */
import { createHash } from 'node:crypto'
import { groupVersion, type Resource, type ServedVersion } from '../registry/resource.ts'
import type { ScalarType, Shape } from '../registry/shape.ts'
import type { Discovery } from './discovery.ts'

const jsonTypes: Readonly<Record<ScalarType, object>> = {
  string: { type: 'string' },
  integer: { type: 'integer' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  'int-or-string': { 'x-kubernetes-int-or-string': true },
  quantity: { 'x-kubernetes-int-or-string': true },
  time: { type: 'string', format: 'date-time' },
  bytes: { type: 'string', format: 'byte' },
}

/** `/openapi/v3`: where to find the document of each group and version. */
export function openApiIndex(discovery: Discovery, revision: number): object {
  const entries = discovery.groupVersions().map(({ group, version }) => {
    const path = group === '' ? `api/${version}` : `apis/${group}/${version}`
    const hash = createHash('sha256').update(`${path} ${revision}`).digest('hex').slice(0, 32)
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]
  })
  return { paths: Object.fromEntries(entries) as object }
}

/** `/openapi/v3/apis/<group>/<version>`; undefined if nothing of that version is served. */
export function openApiDocument(
  discovery: Discovery,
  group: string,
  version: string,
): object | undefined {
  const offers = discovery.offers(group, version)
  if (offers.length === 0) return undefined
  const schemas: Record<string, object> = {}
  const paths: Record<string, object> = {}
  for (const { resource, served } of offers) {
    const name = schemaName(resource, served)
    schemas[name] = {
      ...objectSchema(served.shape, schemas),
      'x-kubernetes-group-version-kind': [kindOf(resource, served)],
    }
    paths[pathOf(resource, served)] = pathItem(resource, served, name)
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1' },
    paths,
    components: { schemas },
  }
}

function kindOf({ group, kind }: Resource, { name }: ServedVersion): object {
  return { group, version: name, kind }
}

function schemaName(resource: Resource, served: ServedVersion): string {
  const group = resource.group === '' ? 'core' : resource.group
  return `${group}.${served.name}.${resource.kind}`
}

function pathOf(resource: Resource, served: ServedVersion): string {
  const root = resource.group === '' ? '/api' : '/apis'
  const scope = resource.namespaced ? '/namespaces/{namespace}' : ''
  return `${root}/${groupVersion(resource, served.name)}${scope}/${resource.plural}/{name}`
}

function pathItem(resource: Resource, served: ServedVersion, schema: string): object {
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } }
  const operation = (action: string): object => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kindOf(resource, served),
    parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
      name,
      in: 'query',
      schema: { type: 'string', uniqueItems: true },
    })),
    responses: { '200': { description: 'OK', content } },
  })
  return { get: operation('get'), put: operation('put'), patch: operation('patch') }
}

function objectSchema(shape: Shape, schemas: Record<string, object>): object {
  switch (shape.kind) {
    case 'any':
      return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    case 'scalar':
      return jsonTypes[shape.type]
    case 'map':
      return { type: 'object', additionalProperties: reference(shape.values, schemas) }
    case 'list':
      return { type: 'array', items: reference(shape.items, schemas), ...mergeHints(shape) }
    case 'object': {
      const properties = shape.fieldNames.map((name) => {
        const field = shape.field(name)
        return [name, field === undefined ? {} : reference(field, schemas)]
      })
      return {
        type: 'object',
        properties: Object.fromEntries(properties) as object,
        ...(shape.required.length > 0 && { required: shape.required }),
      }
    }
    default:
      return shape satisfies never
  }
}

/** Named types are written once; they may contain themselves. */
function reference(shape: Shape, schemas: Record<string, object>): object {
  if (shape.kind !== 'object' || shape.typeName === undefined) return objectSchema(shape, schemas)
  const name = `types.${shape.typeName}`
  if (schemas[name] === undefined) {
    schemas[name] = {}
    schemas[name] = objectSchema(shape, schemas)
  }
  return { allOf: [{ $ref: `#/components/schemas/${name}` }], default: {} }
}

function mergeHints({ merge, patchKey, patchSet }: Extract<Shape, { kind: 'list' }>): object {
  const patch =
    patchKey !== undefined
      ? { 'x-kubernetes-patch-merge-key': patchKey, 'x-kubernetes-patch-strategy': 'merge' }
      : patchSet
        ? { 'x-kubernetes-patch-strategy': 'merge' }
        : {}
  const keys = merge.kind === 'map' ? { 'x-kubernetes-list-map-keys': merge.keys } : {}
  return { 'x-kubernetes-list-type': merge.kind, ...keys, ...patch }
}

/**
 * `/openapi/v2`: an empty document, in the protobuf form that clients insist on: they ask for it to validate by
 * themselves when a server is too old to do so. Field 1 is `swagger`, 2 `info`, 8 `paths`.
 */
export function openApiV2Protobuf(): Buffer {
  const info = Buffer.concat([field(1, 'Kubernetes'), field(2, 'v1')])
  return Buffer.concat([field(1, '2.0'), field(2, info), field(8, Buffer.alloc(0))])
}

export const openApiV2 = {
  swagger: '2.0',
  info: { title: 'Kubernetes', version: 'v1' },
  paths: {},
} as const

/** A length-delimited protobuf field of less than 128 bytes. */
function field(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
}
