/**
 * From JSON of an unknown sender to an object of its kind: wrong types are refused, unknown fields dropped, and said
 * so as `fieldValidation` asks.
 */
import { badRequest } from './api-error.ts'
import { isObject, type JsonObject } from './json.ts'
import { isQuantity, quantityProblem } from './quantity.ts'
import type { Draft } from './resource.ts'
import type { ScalarType, Shape } from './shape.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** Listing more would not help anybody. */
const maxReported = 50

export interface DecodeOptions {
  readonly validation: FieldValidation
  readonly warn: ((message: string) => void) | undefined
  /** Custom resources: what values may be, null included, is left to the schema. */
  readonly isCustom: boolean
}

/** Works in place, on a private draft. */
export function decode(draft: Draft, shape: Shape, options: DecodeOptions): Draft {
  const { validation, warn, isCustom } = options
  const findings: Findings = { unknown: [], kind: draft.kind, isCustom }
  visit(draft, shape, '', findings)
  if (findings.unknown.length === 0) return draft
  const messages = findings.unknown.slice(0, maxReported).map((path) => `unknown field "${path}"`)
  if (validation === 'Strict') {
    throw badRequest(`strict decoding error: ${messages.join(', ')}`)
  }
  if (validation === 'Warn') for (const message of messages) warn?.(message)
  return draft
}

interface Findings {
  readonly unknown: string[]
  readonly kind: string
  readonly isCustom: boolean
}

function visit(value: unknown, shape: Shape, path: string, findings: Findings): void {
  switch (shape.kind) {
    case 'any':
      return
    case 'scalar':
      if (!isScalar(value, shape.type)) refuseType(value, shape.type, path, findings)
      if (shape.type === 'quantity' && !isQuantity(value) && !findings.isCustom) {
        throw badRequest(`${path}: ${quantityProblem}`)
      }
      return
    case 'list':
      if (!Array.isArray(value)) {
        refuseType(value, 'list', path, findings)
        return
      }
      value.forEach((item, index) => {
        if (item !== null) visit(item, shape.items, `${path}[${index}]`, findings)
      })
      return
    case 'map':
      visitMembers(value, () => shape.values, path, findings)
      return
    case 'object':
      visitMembers(value, (name) => shape.field(name), path, findings, shape.open)
      return
    default:
      shape satisfies never
  }
}

function visitMembers(
  value: unknown,
  shapeOf: (name: string) => Shape | undefined,
  path: string,
  findings: Findings,
  isOpen = false,
): void {
  if (!isObject(value)) {
    refuseType(value, 'object', path, findings)
    return
  }
  for (const [name, member] of Object.entries(value)) {
    const memberPath = path === '' ? name : `${path}.${name}`
    const shape = shapeOf(name)
    if (shape === undefined) {
      if (!isOpen) dropUnknown(value, name, memberPath, findings)
    } else if (member === null) {
      if (!findings.isCustom) Reflect.deleteProperty(value, name)
    } else {
      visit(member, shape, memberPath, findings)
    }
  }
}

function dropUnknown(owner: JsonObject, name: string, path: string, findings: Findings): void {
  findings.unknown.push(path)
  Reflect.deleteProperty(owner, name)
}

function isScalar(value: unknown, type: ScalarType): boolean {
  switch (type) {
    case 'string':
    case 'time':
    case 'bytes':
      return typeof value === 'string'
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'int-or-string':
      return typeof value === 'string' || Number.isInteger(value)
    case 'quantity':
      return typeof value === 'string' || typeof value === 'number'
    default:
      return type satisfies never
  }
}

function refuseType(value: unknown, wanted: string, path: string, findings: Findings): void {
  const { kind, isCustom } = findings
  if (isCustom && path !== 'metadata' && !path.startsWith('metadata.')) return
  const got = Array.isArray(value) ? 'array' : isObject(value) ? 'object' : typeof value
  throw badRequest(
    `${kind} cannot be handled as a ${kind}: json: cannot unmarshal ${got} into field ${path} of type ${wanted}`,
  )
}
