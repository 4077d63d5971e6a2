/** Reading and defaulting inside drafts whose form has not been checked beyond their shape. */
import { isObject, type JsonObject } from './json.ts'

/** The object at a path, or an empty one that is not attached. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  let here: unknown = value
  for (const step of path) here = isObject(here) ? here[step] : undefined
  return isObject(here) ? here : {}
}

/** The object in a field, made if it is missing. */
export function ensureObject(owner: JsonObject, field: string): JsonObject {
  const value = owner[field]
  if (isObject(value)) return value
  const made: JsonObject = {}
  owner[field] = made
  return made
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const last = path.at(-1)
  if (last === undefined) return Array.isArray(value) ? value : []
  const list = objectAt(value, ...path.slice(0, -1))[last]
  return Array.isArray(list) ? list : []
}

/** The elements that are objects. */
export function objectsAt(value: unknown, ...path: readonly string[]): readonly JsonObject[] {
  return listAt(value, ...path).filter(isObject)
}

export function stringAt(value: unknown, ...path: readonly string[]): string | undefined {
  const last = path.at(-1)
  const found = last === undefined ? value : objectAt(value, ...path.slice(0, -1))[last]
  return typeof found === 'string' ? found : undefined
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const last = path.at(-1)
  const found = last === undefined ? value : objectAt(value, ...path.slice(0, -1))[last]
  return typeof found === 'number' ? found : undefined
}

/** A scalar as text; objects and lists have none. */
export function scalarText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Sets what is not set. */
export function setDefault(owner: JsonObject, field: string, value: unknown): void {
  if (owner[field] === undefined) owner[field] = value
}
