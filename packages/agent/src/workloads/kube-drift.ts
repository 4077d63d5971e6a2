/** Whether an object still is as we made it. Servers fill in defaults; what is asked is what we said, and no more. */
import { isSameContent } from './canonical-json.ts'

/** Everything of `desired` is in `live` as it is there. Lists must be equal in length: an entry more is an edit. */
export function holds(live: unknown, desired: unknown): boolean {
  if (Array.isArray(desired))
    return (
      Array.isArray(live) &&
      live.length === desired.length &&
      desired.every((item, index) => holds(live[index], item))
    )
  if (typeof desired === 'object' && desired !== null)
    return (
      typeof live === 'object' &&
      live !== null &&
      Object.entries(desired).every(
        ([key, value]) => value === undefined || holds(memberOf(live, key), value),
      )
    )
  return live === desired
}

/** Maps of files and the like: an entry more is an edit too. */
export function isSameMap(live: object | undefined, desired: object | undefined): boolean {
  return isSameContent(live ?? {}, desired ?? {})
}

/**
 * Paths at which `live` has list entries that `desired` has not. Server-side apply leaves alone what others own, and a
 * container somebody added to a pod template is theirs: such lists have to be written whole.
 */
export function foreignEntries(live: unknown, desired: unknown, path = ''): string[] {
  if (Array.isArray(desired)) {
    if (!Array.isArray(live)) return []
    if (live.length > desired.length) return [path]
    return desired.flatMap((item, index) => foreignEntries(live[index], item, `${path}[${index}]`))
  }
  if (typeof desired !== 'object' || desired === null) return []
  if (typeof live !== 'object' || live === null) return []
  return Object.entries(desired).flatMap(([key, value]) =>
    foreignEntries(memberOf(live, key), value, `${path}.${key}`),
  )
}

/** Read without trusting the prototype: keys come from peers. */
function memberOf(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? (object as Readonly<Record<string, unknown>>)[key] : undefined
}
