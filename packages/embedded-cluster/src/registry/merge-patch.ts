/** JSON merge patch, RFC 7386. */
import { clone, getOwn, isObject, type JsonObject, setOwn } from './json.ts'

/** A new value; neither argument is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return clone(patch)
  const result: JsonObject = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key)
    else setOwn(result, key, mergePatch(getOwn(result, key), value))
  }
  return result
}
