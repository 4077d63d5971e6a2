/** `x-kubernetes-validations`: rules in CEL at any node of a schema, and the uniqueness of keyed lists. */
import { Environment } from '@marcbachmann/cel-js'
import type { FieldCause } from '../registry/api-error.ts'
import { duplicate, invalid } from '../registry/field-errors.ts'
import { elementKey } from '../registry/field-set.ts'
import { getOwn, isObject, type JsonObject } from '../registry/json.ts'
import {
  itemsOf,
  listKeysOf,
  listTypeOf,
  propertiesOf,
  propertyOf,
  type Schema,
  valuesOf,
} from './json-schema.ts'

type Program = (variables: Record<string, unknown>) => unknown

/** Compiled rules of one schema; a rule that does not parse is refused with the definition. */
export class CelRules {
  readonly #schema: Schema
  readonly #programs = new Map<string, Program>()
  readonly #environment = environment()

  constructor(schema: Schema) {
    this.#schema = schema
  }

  validate(value: unknown, old: unknown): readonly FieldCause[] {
    const causes: FieldCause[] = []
    this.#visit({ value, old, schema: this.#schema, path: '' }, causes)
    return causes
  }

  /** What is wrong with the rules themselves. */
  problems(): readonly string[] {
    const problems: string[] = []
    for (const rule of allRules(this.#schema)) {
      for (const expression of [rule.rule, rule.messageExpression]) {
        if (expression === undefined) continue
        try {
          this.#program(expression)
        } catch (error) {
          problems.push(`${expression}: ${firstLine(error)}`)
        }
      }
    }
    return problems
  }

  #visit(place: Place, causes: FieldCause[]): void {
    const { value, old, schema, path } = place
    if (value === undefined || value === null) return
    for (const rule of rulesOf(schema)) {
      const cause = this.#judge(rule, place)
      if (cause !== undefined) causes.push(cause)
    }
    if (Array.isArray(value)) this.#visitItems(value, old, schema, path, causes)
    else if (isObject(value)) this.#visitMembers(value, old, schema, path, causes)
  }

  #visitMembers(
    value: JsonObject,
    old: unknown,
    schema: Schema,
    path: string,
    causes: FieldCause[],
  ): void {
    const before = isObject(old) ? old : {}
    for (const [name, property] of propertiesOf(schema)) {
      const here = path === '' ? name : `${path}.${name}`
      const place = {
        value: getOwn(value, name),
        old: getOwn(before, name),
        schema: property,
        path: here,
      }
      this.#visit(place, causes)
    }
    const values = valuesOf(schema)
    if (values === undefined || values === true) return
    for (const [name, member] of Object.entries(value)) {
      if (propertyOf(schema, name) !== undefined) continue
      const here = `${path}[${name}]`
      this.#visit({ value: member, old: getOwn(before, name), schema: values, path: here }, causes)
    }
  }

  #visitItems(
    value: readonly unknown[],
    old: unknown,
    schema: Schema,
    path: string,
    causes: FieldCause[],
  ): void {
    const identity = identityOf(schema)
    const earlierItems: readonly unknown[] = Array.isArray(old) ? old : []
    const before = new Map<string, unknown>(
      identity === undefined ? [] : earlierItems.map((item) => [identity(item), item]),
    )
    const seen = new Set<string>()
    const items = itemsOf(schema)
    value.forEach((item, index) => {
      const here = `${path}[${index}]`
      const key = identity?.(item)
      if (key !== undefined) {
        if (seen.has(key)) causes.push(duplicate(here, JSON.parse(key.slice(2))))
        seen.add(key)
      }
      if (items === undefined) return
      // Elements without identity cannot be compared with what they were.
      const earlier = key === undefined ? undefined : before.get(key)
      this.#visit({ value: item, old: earlier, schema: items, path: here }, causes)
    })
  }

  #judge(rule: Rule, { value, old, schema, path }: Place): FieldCause | undefined {
    const comparesWithOld = /\boldSelf\b/.test(rule.rule)
    if (comparesWithOld && old === undefined) return undefined
    const variables = { self: toCel(value, schema), oldSelf: toCel(old ?? null, schema) }
    try {
      if (this.#program(rule.rule)(variables) === true) return undefined
      return refusal(rule, value, path, this.#message(rule, variables))
    } catch (error) {
      return refusal(rule, value, path, `${rule.rule}: ${firstLine(error)}`)
    }
  }

  #message(rule: Rule, variables: Record<string, unknown>): string {
    const fallback = rule.message ?? `failed rule: ${rule.rule}`
    if (rule.messageExpression === undefined) return fallback
    const text = this.#program(rule.messageExpression)(variables)
    return typeof text === 'string' && text !== '' ? text : fallback
  }

  #program(expression: string): Program {
    let program = this.#programs.get(expression)
    if (program === undefined) {
      const parsed = this.#environment.parse(expression)
      program = (variables) => parsed(variables) as unknown
      this.#programs.set(expression, program)
    }
    return program
  }
}

interface Place {
  readonly value: unknown
  readonly old: unknown
  readonly schema: Schema
  readonly path: string
}

interface Rule {
  readonly rule: string
  readonly message: string | undefined
  readonly messageExpression: string | undefined
  readonly fieldPath: string | undefined
  readonly reason: unknown
}

/** Bounds what a definition may make the server parse. */
function environment(): Environment {
  return new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: 10_000, maxDepth: 100 },
  })
    .registerVariable('self', 'dyn')
    .registerVariable('oldSelf', 'dyn')
    .registerFunction('string.find(string): string', (text: string, pattern: string) => {
      return new RegExp(pattern).exec(text)?.[0] ?? ''
    })
    .registerFunction('isURL(string): bool', (text: string) => URL.canParse(text))
}

function rulesOf(schema: Schema): readonly Rule[] {
  const rules = schema['x-kubernetes-validations']
  if (!Array.isArray(rules)) return []
  return rules.flatMap((entry: unknown) => {
    if (!isObject(entry) || typeof entry['rule'] !== 'string') return []
    const text = (field: string): string | undefined => {
      const value = entry[field]
      return typeof value === 'string' ? value : undefined
    }
    return [
      {
        rule: entry['rule'],
        message: text('message'),
        messageExpression: text('messageExpression'),
        fieldPath: text('fieldPath'),
        reason: entry['reason'],
      },
    ]
  })
}

function allRules(schema: Schema): readonly Rule[] {
  const values = valuesOf(schema)
  const items = itemsOf(schema)
  return [
    ...rulesOf(schema),
    ...propertiesOf(schema).flatMap(([, property]) => allRules(property)),
    ...(values === undefined || values === true ? [] : allRules(values)),
    ...(items === undefined ? [] : allRules(items)),
  ]
}

function refusal(rule: Rule, value: unknown, path: string, message: string): FieldCause {
  const field = rule.fieldPath === undefined ? path : `${path}${rule.fieldPath}`
  if (rule.reason === 'FieldValueForbidden') {
    return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${message}` }
  }
  if (rule.reason === 'FieldValueRequired') {
    return { field, reason: 'FieldValueRequired', message: `Required value: ${message}` }
  }
  const shown = isObject(value) ? 'object' : value
  return invalid(field, shown, message)
}

/** How elements of a list are told apart; undefined if they are not. */
function identityOf(schema: Schema): ((item: unknown) => string) | undefined {
  switch (listTypeOf(schema)) {
    case 'map': {
      const keys = listKeysOf(schema)
      return (item) => elementKey(item, { kind: 'map', keys, defaults: {} })
    }
    case 'set':
      return (item) => `v:${JSON.stringify(item)}`
    default:
      return undefined
  }
}

/** CEL tells whole numbers from others by type: an integer of the schema is one, whatever JSON made of it. */
function toCel(value: unknown, schema: Schema): unknown {
  if (typeof value === 'number') {
    const isWhole = schema['type'] !== 'number' && Number.isInteger(value)
    return isWhole ? BigInt(value) : value
  }
  if (Array.isArray(value)) {
    const items = itemsOf(schema) ?? {}
    return value.map((item) => toCel(item, items))
  }
  if (!isObject(value)) return value
  const values = valuesOf(schema)
  const result: JsonObject = {}
  for (const [name, member] of Object.entries(value)) {
    const inner = propertyOf(schema, name) ?? (values === true ? undefined : values) ?? {}
    result[name] = toCel(member, inner)
  }
  return result
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
