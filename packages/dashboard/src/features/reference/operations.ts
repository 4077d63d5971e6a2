/** The endpoint table as a list to look through. */
import { endpointTable, type Endpoint } from '@porpulsion/contract'

export interface Operation {
  readonly name: string
  readonly endpoint: Endpoint
}

export const operations: readonly Operation[] = Object.entries(endpointTable).map(
  ([name, endpoint]) => ({ name, endpoint }),
)

/** Every word must be found somewhere in it. */
export function matching(query: string): readonly Operation[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return operations.filter(({ name, endpoint }) => {
    const { method, path, tag, summary, role } = endpoint
    const text = [name, method, path, tag, summary, role].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** In the order of the table. */
export function byTag(some: readonly Operation[]): ReadonlyMap<string, readonly Operation[]> {
  const tags = new Map<string, Operation[]>()
  for (const operation of some) {
    const known = tags.get(operation.endpoint.tag)
    if (known === undefined) tags.set(operation.endpoint.tag, [operation])
    else known.push(operation)
  }
  return tags
}

export const paramNames = (path: string): readonly string[] =>
  [...path.matchAll(/:([a-zA-Z]+)/g)].map(([, name = '']) => name)

/** Asked in the page it changes nothing, and ends. */
export const isTryable = ({ method, format }: Endpoint): boolean =>
  method === 'GET' && format === 'json'

/** Something of the right shape, for whoever copies it. */
export function exampleBody(schema: unknown): unknown {
  if (!isObject(schema)) return null
  const properties = isObject(schema['properties']) ? schema['properties'] : undefined
  if (properties !== undefined) {
    const required = Array.isArray(schema['required']) ? schema['required'].map(String) : []
    const shown = required.length > 0 ? required : Object.keys(properties).slice(0, 1)
    return Object.fromEntries(shown.map((name) => [name, exampleBody(properties[name])]))
  }
  if (schema['const'] !== undefined) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown
  if (Array.isArray(schema['anyOf'])) return exampleBody(schema['anyOf'][0])
  const examples: Readonly<Record<string, unknown>> = {
    string: '…',
    integer: minimumOf(schema),
    number: minimumOf(schema),
    boolean: true,
    array: [],
    object: {},
  }
  return examples[String(schema['type'])] ?? null
}

const minimumOf = (schema: Readonly<Record<string, unknown>>): number =>
  typeof schema['minimum'] === 'number' ? schema['minimum'] : 1

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
