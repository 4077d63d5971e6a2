/** What is used of a JSON Schema here: what may stand at a place of a manifest, and what it means. */

export interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>
  readonly enum?: readonly unknown[]
  readonly const?: string | number | boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly maxItems?: number
  readonly maxLength?: number
  readonly 'x-kubernetes-validations'?: readonly {
    readonly rule: string
    readonly message: string
  }[]
}

/** A key, or `[]` for any item of a list. */
export type SchemaPath = readonly string[]

export const ITEM = '[]'

/** What may stand at a path; undefined where nothing is known of it. */
export function schemaAt(schema: JsonSchema, path: SchemaPath): JsonSchema | undefined {
  let found: JsonSchema | undefined = schema
  for (const part of path) {
    if (found === undefined) return undefined
    found = part === ITEM ? found.items : (found.properties?.[part] ?? valuesOf(found))
  }
  return found
}

/** Of a map with keys of any name: what its values are. */
export function valuesOf(schema: JsonSchema): JsonSchema | undefined {
  return Object.values(schema.patternProperties ?? {})[0]
}

/** In a word or two, for people. */
export function typeWords(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map(String).join(' | ')
  if (schema.const !== undefined) return String(schema.const)
  switch (schema.type) {
    case 'array':
      return schema.items?.type === undefined ? 'list' : `list of ${typeWords(schema.items)}s`
    case 'object':
      return 'map'
    case 'integer':
      return 'number'
    case 'string':
      return 'text'
    default:
      return schema.type ?? ''
  }
}

/** A schema of ours, which is one of these with more to it. */
export const jsonSchema = (schema: object): JsonSchema => schema
