/** A JSON schema as a person reads it: field by field, indented, without the grammar. */

export interface SchemaLine {
  readonly id: string
  readonly depth: number
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
}

type Schema = Readonly<Record<string, unknown>>

/** Deeper, a schema is read in the OpenAPI document. */
const MAX_DEPTH = 5
const MAX_LINES = 200

export function schemaLines(schema: unknown): readonly SchemaLine[] {
  const lines: SchemaLine[] = []
  fieldsOf(schema, '', 0, lines)
  return lines
}

function fieldsOf(schema: unknown, path: string, depth: number, lines: SchemaLine[]): void {
  if (!isSchema(schema) || depth >= MAX_DEPTH) return
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  for (const [name, below] of Object.entries(properties)) {
    if (lines.length >= MAX_LINES) return
    const id = `${path}.${name}`
    lines.push({
      id,
      depth,
      name,
      type: typeOf(below),
      isRequired: required.includes(name),
      description: isSchema(below) ? textOf(below['description']) : '',
    })
    fieldsOf(innerOf(below), id, depth + 1, lines)
  }
}

/** Of a list, what its items are; of a choice, its only object. */
function innerOf(schema: unknown): unknown {
  if (!isSchema(schema)) return undefined
  if (schema['type'] === 'array') return innerOf(schema['items']) ?? schema['items']
  const objects = choices(schema).filter((one) => one['type'] === 'object')
  return objects.length === 1 ? objects[0] : schema
}

export function typeOf(schema: unknown): string {
  if (!isSchema(schema)) return 'any'
  if (Array.isArray(schema['enum']))
    return schema['enum'].map((word) => JSON.stringify(word)).join(' | ')
  if (schema['const'] !== undefined) return JSON.stringify(schema['const'])
  if (schema['type'] === 'array') return `${wrapped(typeOf(schema['items']))}[]`
  const some = choices(schema)
  if (some.length > 0) return [...new Set(some.map(typeOf))].join(' | ')
  if (schema['format'] === 'date-time') return 'time'
  return typeof schema['type'] === 'string' ? schema['type'] : 'any'
}

const choices = (schema: Schema): readonly Schema[] =>
  Array.isArray(schema['anyOf']) ? schema['anyOf'].filter(isSchema) : []
const wrapped = (type: string): string => (type.includes(' | ') ? `(${type})` : type)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
