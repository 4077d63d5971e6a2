/** Schema checks whose errors name the field as a person writes it (`spec.ports[0].port`) and the mend. */
import type { Static, TSchema } from 'typebox'
import { Errors } from 'typebox/value'
import { PorpulsionError } from './errors.ts'
import { patternWords } from './patterns.ts'
import type { FieldError } from './problem.ts'

const MAX_REPORTED_ERRORS = 20

/** Every way `value` fails `schema`; empty when it fits. */
export function schemaErrors(schema: TSchema, value: unknown, root = ''): FieldError[] {
  const errors = Errors(schema, value)
  const found: FieldError[] = []
  for (const error of errors) {
    // A refused additional property is reported twice; the one that names it is enough.
    if (error.keyword === 'boolean') continue
    const path = dotted(root, error.instancePath)
    for (const one of describe(error, path, value)) {
      if (!found.some((known) => known.path === one.path && known.message === one.message))
        found.push(one)
    }
    if (found.length >= MAX_REPORTED_ERRORS) break
  }
  return found
}

/** The value, now of the schema's type. Throws `InvalidRequest` with every field error. */
export function parseAs<S extends TSchema>(schema: S, value: unknown, root = ''): Static<S> {
  const fields = schemaErrors(schema, value, root)
  if (fields.length > 0) throw invalidFields(fields)
  return value as Static<S> // schemaErrors found nothing against it
}

export function invalidFields(fields: readonly FieldError[]): PorpulsionError {
  const [first] = fields
  const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : ''
  const detail =
    first === undefined ? 'The request is invalid' : `${first.path}: ${first.message}${more}`
  return new PorpulsionError('Invalid', 'InvalidRequest', detail, { fields })
}

type SchemaError = ReturnType<typeof Errors>[number]

function describe(error: SchemaError, path: string, root: unknown): FieldError[] {
  const params = error.params as Readonly<Record<string, unknown>> // typed per keyword by the library; read defensively
  switch (error.keyword) {
    case 'additionalProperties': {
      const names = Array.isArray(params['additionalProperties'])
        ? params['additionalProperties']
        : []
      return names.map((name) => ({
        path: join(path, String(name)),
        message: 'unknown field; remove it or check its spelling',
      }))
    }
    case 'required': {
      const names = Array.isArray(params['requiredProperties']) ? params['requiredProperties'] : []
      return names.map((name) => ({ path: join(path, String(name)), message: 'is required' }))
    }
    case 'enum': {
      const allowed = Array.isArray(params['allowedValues']) ? params['allowedValues'] : []
      return [
        {
          path,
          message: `must be one of ${allowed.map(String).join(', ')}${got(root, error.instancePath)}`,
        },
      ]
    }
    case 'type':
      return [{ path, message: `${error.message}${got(root, error.instancePath)}` }]
    case 'pattern':
      return [{ path, message: patternWords(params['pattern']) ?? error.message }]
    default:
      return [{ path: path === '' ? '(body)' : path, message: error.message }]
  }
}

/** What was given, when it is short enough to help; never a long value, which could be a secret. */
function got(root: unknown, pointer: string): string {
  let value = root
  for (const part of segments(pointer)) {
    if (typeof value !== 'object' || value === null) return ''
    value = (value as Readonly<Record<string, unknown>>)[part] // an object: checked above
  }
  if (value === null) return ', is null'
  if (typeof value === 'number' || typeof value === 'boolean') return `, is ${String(value)}`
  return `, is ${Array.isArray(value) ? 'a list' : `a${typeof value === 'object' ? 'n' : ''} ${typeof value}`}`
}

const segments = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

const dotted = (root: string, pointer: string): string => segments(pointer).reduce(join, root)

function join(path: string, part: string): string {
  if (/^\d+$/.test(part)) return `${path}[${part}]`
  return path === '' ? part : `${path}.${part}`
}
