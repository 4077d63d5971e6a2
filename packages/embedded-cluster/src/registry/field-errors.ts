/** Builders for field causes and the `Invalid` error made of them, worded like the real server. */
import { ApiError, type FieldCause, qualifiedResource } from './api-error.ts'

export function required(field: string, hint = ''): FieldCause {
  return {
    field,
    reason: 'FieldValueRequired',
    message: hint === '' ? 'Required value' : `Required value: ${hint}`,
  }
}

export function invalid(field: string, value: unknown, why: string): FieldCause {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${show(value)}: ${why}` }
}

export function notSupported(
  field: string,
  value: unknown,
  supported: readonly string[],
): FieldCause {
  const list = supported.map((item) => JSON.stringify(item)).join(', ')
  return {
    field,
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${show(value)}: supported values: ${list}`,
  }
}

export function forbiddenField(field: string, why: string): FieldCause {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${why}` }
}

export function duplicate(field: string, value: unknown): FieldCause {
  return { field, reason: 'FieldValueDuplicate', message: `Duplicate value: ${show(value)}` }
}

export function tooLong(field: string, maxBytes: number): FieldCause {
  return {
    field,
    reason: 'FieldValueTooLong',
    message: `Too long: may not be more than ${maxBytes} bytes`,
  }
}

/** `Deployment.apps "web" is invalid: [a: Required value, b: …]`. */
export function invalidObject(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  causes: readonly FieldCause[],
): ApiError {
  const listed = causes.map((cause) => `${cause.field}: ${cause.message}`)
  const text = listed.length === 1 ? (listed[0] ?? '') : `[${listed.join(', ')}]`
  const title = qualifiedResource({ group: kind.group, plural: kind.kind })
  return new ApiError(
    'Invalid',
    `${title} ${JSON.stringify(name)} is invalid: ${text}`,
    { group: kind.group, kind: kind.kind, name },
    causes,
  )
}

/** Bounded: a refused megabyte must not come back in the error. */
function show(value: unknown): string {
  const text = value === undefined ? 'null' : JSON.stringify(value)
  return text.length > 256 ? `${text.slice(0, 256)}…` : text
}
