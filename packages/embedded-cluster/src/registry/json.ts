/** Plain JSON values: copying, comparing, freezing. Hot paths, so no library. */

export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A private, mutable copy. Objects here came from JSON: no dates, no cycles, no prototypes. */
export function clone<T>(value: T): T {
  return copy(value) as T // `copy` keeps the shape it is given.
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (!isObject(value)) return value
  const result: JsonObject = {}
  for (const key of Object.keys(value)) {
    if (value[key] !== undefined) setOwn(result, key, copy(value[key]))
  }
  return result
}

/** Plain assignment, except that a key named `__proto__` becomes a key instead of a prototype. */
export function setOwn(target: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  } else {
    target[key] = value
  }
}

/** The own value of a key: a client that sends `constructor` must not reach Object.prototype. */
export function getOwn(target: JsonObject, key: string): unknown {
  return Object.hasOwn(target, key) ? target[key] : undefined
}

/** Equal as JSON: undefined members do not count, order of keys neither. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => deepEqual(item, b[index]))
    )
  }
  if (!isObject(a) || !isObject(b)) return false
  return equalMembers(a, b)
}

function equalMembers(a: JsonObject, b: JsonObject): boolean {
  for (const key of Object.keys(a)) if (!deepEqual(a[key], getOwn(b, key))) return false
  for (const key of Object.keys(b)) {
    if (b[key] !== undefined && getOwn(a, key) === undefined) return false
  }
  return true
}

/** Freezes all the way down, skipping what is already frozen (parts are shared between versions of an object). */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const member of Object.values(value)) deepFreeze(member)
  return value
}
