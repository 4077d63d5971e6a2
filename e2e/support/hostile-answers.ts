/** Answers of every endpoint in which every text is an attack: as a peer that owns its words would write them. */
import { defaultSettings, endpoints, type Endpoint } from '@porpulsion/contract'

/** Runs if anything takes it for markup, breaks out of an attribute, or is followed as a link. */
export const attack = `"'><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`
const link = 'javascript:window.hacked=1'

type Schema = Readonly<Record<string, unknown>>

/** By path as in the table, `:id` and all. */
export function hostileAnswers(): Readonly<Record<string, unknown>> {
  const table: readonly Endpoint[] = Object.values(endpoints)
  const answers = table
    .filter(({ format, response }) => format === 'json' && response !== undefined)
    // One path may stand for several; what is read goes last, and stays.
    .sort((a, b) => Number(a.method === 'GET') - Number(b.method === 'GET'))
    .map(({ path, response }): [string, unknown] => [path, hostileValue({ ...response }, '')])
  return {
    ...(Object.fromEntries(answers) as Record<string, unknown>),
    '/api/session': { user: attack, role: 'admin', via: 'session' },
    '/api/settings': { revision: '1', document: {}, effective: defaultSettings },
  }
}

/** The smallest value that has everything the schema knows, lists of two. */
function hostileValue(schema: Schema, name: string): unknown {
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  for (const union of [schema['anyOf'], schema['oneOf'], schema['allOf']]) {
    if (Array.isArray(union)) return hostileValue(chosen(union as Schema[]), name)
  }
  switch (schema['type']) {
    case 'object':
      return hostileObject(schema)
    case 'array':
      return [0, 1].map((at) => withIdentity(hostileValue(schema['items'] as Schema, name), at))
    case 'string':
      return hostileText(schema, name)
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] + 1 : 2
    case 'boolean':
      return true
    default:
      return {}
  }
}

/** The richest of them: an object before a text before a number. */
function chosen(schemas: readonly Schema[]): Schema {
  const found = ['object', 'array', 'string'].map((type) =>
    schemas.find((schema) => schema['type'] === type && schema['const'] === undefined),
  )
  return found.find((schema) => schema !== undefined) ?? schemas[0] ?? {}
}

function hostileObject(schema: Schema): object {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>)
  const known = properties.map(([key, value]) => [key, hostileValue(value, key)])
  const others = (schema['patternProperties'] ?? {}) as Record<string, Schema>
  const any = Object.values(others).map((value) => [attack, hostileValue(value, attack)])
  return Object.fromEntries([...known, ...any]) as object
}

function hostileText(schema: Schema, name: string): string {
  if (schema['format'] === 'date-time' || /Time$|At$|^time$|^since$|^not/.test(name))
    return '2026-01-01T00:00:00Z'
  if (name === 'cpu') return '250m'
  if (name === 'memory' || name === 'storage') return '64Mi'
  if (/url$/i.test(name)) return link
  return attack
}

/** Two things are never one: what tells them apart differs. */
function withIdentity(value: unknown, at: number): unknown {
  if (typeof value !== 'object' || value === null) return `${String(value)}${at}`
  const marked = Object.entries(value).map(([key, field]: [string, unknown]) => {
    if (key === 'metadata') return [key, withIdentity(field, at)]
    const isIdentity = ['id', 'uid', 'name', 'fingerprint', 'revision'].includes(key)
    if (!isIdentity) return [key, field]
    return [key, typeof field === 'string' ? `${field}${at}` : at + 1]
  })
  return Object.fromEntries(marked) as object
}
