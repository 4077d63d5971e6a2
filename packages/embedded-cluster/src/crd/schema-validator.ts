/** Is a value as its schema says? ajv judges; the answers are worded like the real server's. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { FieldCause } from '../registry/api-error.ts'
import { invalid, notSupported, required } from '../registry/field-errors.ts'
import { clone, isObject } from '../registry/json.ts'
import type { Schema } from './json-schema.ts'

const formats = {
  'date-time': /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  byte: /^[A-Za-z0-9+/\s]*={0,2}$/,
  uuid: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  ipv4: /^(\d{1,3}\.){3}\d{1,3}$/,
} as const

export class SchemaValidator {
  readonly #schema: Schema
  #validate: ValidateFunction | undefined

  constructor(schema: Schema) {
    this.#schema = schema
  }

  /** Compiled when first asked: most definitions of a cluster are never written to in a test. */
  validate(value: unknown): readonly FieldCause[] {
    this.#validate ??= compile(this.#schema)
    if (this.#validate(value)) return []
    const errors = this.#validate.errors ?? []
    return errors.filter((error) => !isBranch(error, errors)).map(toCause)
  }
}

/** Throws what is wrong with the schema itself. */
export function compile(schema: Schema): ValidateFunction {
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    verbose: true,
    unicodeRegExp: false,
    logger: false,
    formats,
  })
  return ajv.compile(forAjv(schema))
}

/** The schema with what Kubernetes means by its own words said in JSON Schema's. */
function forAjv(schema: Schema): Schema {
  const copy = clone(schema)
  adapt(copy)
  return copy
}

function adapt(node: unknown): void {
  if (Array.isArray(node)) {
    for (const item of node) adapt(item)
    return
  }
  if (!isObject(node)) return
  if (node['x-kubernetes-int-or-string'] === true && node['anyOf'] === undefined) {
    node['type'] = ['integer', 'string']
  }
  const { type, nullable } = node
  if (nullable === true) {
    // ajv's own `nullable` does not reach `enum`.
    delete node['nullable']
    if (typeof type === 'string') node['type'] = [type, 'null']
    if (Array.isArray(node['enum'])) node['enum'] = [...(node['enum'] as unknown[]), null]
  }
  for (const value of Object.values(node)) adapt(value)
}

/** What failed inside `anyOf` and its kin is only told if nothing else is. */
function isBranch(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  return all.some(
    (other) =>
      other !== error &&
      /^(anyOf|oneOf|not)$/.test(other.keyword) &&
      error.schemaPath.startsWith(`${other.schemaPath}/`),
  )
}

function toCause(error: ErrorObject): FieldCause {
  const field = fieldPath(error.instancePath)
  const data: unknown = error.data
  const params: Record<string, unknown> = error.params
  const inBody = `${field} in body`
  switch (error.keyword) {
    case 'required':
      return required(join(field, String(params['missingProperty'])))
    case 'enum': {
      const allowed = Array.isArray(params['allowedValues']) ? params['allowedValues'] : []
      return notSupported(field, data, allowed.map(String))
    }
    case 'type': {
      const wanted = String(params['type'])
      const got = typeName(data)
      return {
        field,
        reason: 'FieldValueTypeInvalid',
        message: `Invalid value: "${got}": ${inBody} must be of type ${wanted}: "${got}"`,
      }
    }
    case 'minimum':
      return invalid(field, data, `${inBody} should be greater than or equal to ${limit(params)}`)
    case 'maximum':
      return invalid(field, data, `${inBody} should be less than or equal to ${limit(params)}`)
    case 'minLength':
      return invalid(field, data, `${inBody} should be at least ${limit(params)} chars long`)
    case 'maxLength':
      return {
        field,
        reason: 'FieldValueTooLong',
        message: `Too long: may not be more than ${limit(params)} bytes`,
      }
    case 'minItems':
      return invalid(field, data, `${inBody} should have at least ${limit(params)} items`)
    case 'maxItems':
      return invalid(field, data, `must have at most ${limit(params)} items`)
    case 'pattern':
      return invalid(field, data, `${inBody} should match '${String(params['pattern'])}'`)
    case 'format':
      return invalid(field, data, `${inBody} must be of type ${String(params['format'])}`)
    default:
      return invalid(field, data, `${inBody} ${error.message ?? 'is not valid'}`)
  }
}

function limit(params: Record<string, unknown>): string {
  return String(params['limit'])
}

/** `/spec/env/0/name` → `spec.env[0].name`. */
function fieldPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : join(path, part)), '')
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}
