/** The settings as a plain document: reading, changing and comparing it by dotted path, never in place. */

export type Document = Readonly<Record<string, unknown>>

export interface Change {
  /** `images.allow` */
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

export const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function valueAt(document: unknown, path: string): unknown {
  let value = document
  for (const key of path.split('.')) value = ownValue(value, key)
  return value
}

/** With the value there; `undefined` takes it away, and whatever is left empty above it. */
export function withValue(document: Document, path: string, value: unknown): Document {
  const [key = '', ...rest] = path.split('.')
  const below = ownValue(document, key)
  const next =
    rest.length === 0 ? value : withValue(isDocument(below) ? below : {}, rest.join('.'), value)
  const isEmpty = rest.length > 0 && isDocument(next) && Object.keys(next).length === 0
  const others = Object.entries(document).filter(([name]) => name !== key)
  if (next === undefined || isEmpty) return Object.fromEntries(others)
  return Object.hasOwn(document, key)
    ? Object.fromEntries(
        Object.entries(document).map(([name, old]) => [name, name === key ? next : old]),
      )
    : Object.fromEntries([...others, [key, next]])
}

/** Every single value that differs; lists count as one. */
export function changesBetween(before: unknown, after: unknown, path = ''): readonly Change[] {
  if ([before, after].some(isDocument) && [before, after].every(isPart)) {
    const names = new Set([...namesOf(before), ...namesOf(after)])
    return [...names].flatMap((name) =>
      changesBetween(
        ownValue(before, name),
        ownValue(after, name),
        path === '' ? name : `${path}.${name}`,
      ),
    )
  }
  return isSame(before, after) ? [] : [{ path, before, after }]
}

/** What makes the one of the other, as RFC 7386 has it: null removes, objects merge, all else replaces. */
export function mergePatchBetween(before: Document, after: Document): Document {
  const names = new Set([...namesOf(before), ...namesOf(after)])
  const entries = [...names].flatMap((name): [string, unknown][] => {
    const old = ownValue(before, name)
    const next = ownValue(after, name)
    if (next === undefined) return old === undefined ? [] : [[name, null]]
    if (isDocument(old) && isDocument(next)) {
      const patch = mergePatchBetween(old, next)
      return Object.keys(patch).length === 0 ? [] : [[name, patch]]
    }
    return isSame(old, next) ? [] : [[name, next]]
  })
  return Object.fromEntries(entries)
}

export function applyMergePatch(document: Document, patch: Document): Document {
  const merged = new Map(Object.entries(document))
  for (const [name, value] of Object.entries(patch)) {
    const old = merged.get(name)
    if (value === null) merged.delete(name)
    else if (isDocument(value)) merged.set(name, applyMergePatch(isDocument(old) ? old : {}, value))
    else merged.set(name, value)
  }
  return Object.fromEntries(merged)
}

export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const isPart = (value: unknown): boolean => value === undefined || isDocument(value)

const namesOf = (value: unknown): readonly string[] => (isDocument(value) ? Object.keys(value) : [])

/** Own properties only: a peer may be called "constructor". */
const ownValue = (value: unknown, name: string): unknown =>
  isDocument(value) && Object.hasOwn(value, name) ? value[name] : undefined
