/** What the schema of the settings says of one field: how it is entered, and what it means. */
import { PeerSettings, SettingsDocument } from '@porpulsion/contract'
import { isDocument, type Document } from './document.ts'

export type FieldKind = 'switch' | 'choice' | 'count' | 'seconds' | 'quantity' | 'text' | 'list'

export interface FieldSchema {
  readonly kind: FieldKind
  readonly description: string
  /** Of a choice. */
  readonly options: readonly string[]
  /** Of a number. */
  readonly min: number | undefined
  readonly max: number | undefined
}

/** Every field of a schema, by dotted path. Overrides by peer are a form of their own. */
function leafPaths(schema: unknown, path = ''): readonly string[] {
  const properties = isDocument(schema) ? schema['properties'] : undefined
  if (!isDocument(properties)) return path === 'peers' ? [] : [path]
  return Object.entries(properties).flatMap(([name, below]) =>
    leafPaths(below, path === '' ? name : `${path}.${name}`),
  )
}

export const generalPaths: readonly string[] = leafPaths(SettingsDocument)
/** What may be said for one peer. */
export const peerPaths: ReadonlySet<string> = new Set(leafPaths(PeerSettings))

export function fieldSchema(path: string): FieldSchema {
  const schema = schemaAt(path)
  return {
    kind: kindOf(schema, path),
    description: textOf(schema['description']),
    options: Array.isArray(schema['enum']) ? schema['enum'].map(String) : [],
    min: numberOf(schema['minimum']),
    max: numberOf(schema['maximum']),
  }
}

function schemaAt(path: string): Document {
  let schema: unknown = SettingsDocument
  for (const name of path.split('.')) {
    const properties = isDocument(schema) ? schema['properties'] : undefined
    schema = isDocument(properties) ? properties[name] : undefined
  }
  if (!isDocument(schema)) throw new Error(`The settings have no field ${path}`)
  return schema
}

function kindOf(schema: Document, path: string): FieldKind {
  if (schema['type'] === 'boolean') return 'switch'
  if (schema['type'] === 'array') return 'list'
  if (schema['enum'] !== undefined) return 'choice'
  if (schema['type'] === 'integer') return path.endsWith('Seconds') ? 'seconds' : 'count'
  return schema['anyOf'] === undefined ? 'text' : 'quantity'
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined
