/**
 * Strategic merge patch: like a merge patch, but lists of named things merge by name, and directives (`$patch`,
 * `$retainKeys`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`) say what a plain patch cannot.
 */
import { badRequest } from './api-error.ts'
import { clone, deepEqual, getOwn, isObject, type JsonObject, setOwn } from './json.ts'
import { anyShape, type Shape } from './shape.ts'

const orderPrefix = '$setElementOrder/'
const deletePrefix = '$deleteFromPrimitiveList/'

type ListShape = Extract<Shape, { kind: 'list' }>

/** A new object; neither argument is changed. */
export function strategicMerge(target: unknown, patch: unknown, shape: Shape): JsonObject {
  if (!isObject(patch)) throw badRequest('the patch must be an object')
  return mergeObject(isObject(target) ? target : {}, patch, shape)
}

function mergeObject(target: JsonObject, patch: JsonObject, shape: Shape): JsonObject {
  const directive = patch['$patch']
  if (directive === 'replace') return withoutDirectives(patch)
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'merge') throw unknownDirective(directive)
  const result = retain({ ...target }, patch['$retainKeys'])
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue
    mergeMember(result, key, value, patch, memberOf(shape, key))
  }
  applyListDirectives(result, patch, shape)
  return result
}

function mergeMember(
  result: JsonObject,
  key: string,
  value: unknown,
  patch: JsonObject,
  shape: Shape,
): void {
  const before = getOwn(result, key)
  if (value === null) {
    Reflect.deleteProperty(result, key)
  } else if (isObject(value)) {
    const removesAll = value['$patch'] === 'delete'
    if (removesAll) Reflect.deleteProperty(result, key)
    else setOwn(result, key, mergeObject(isObject(before) ? before : {}, value, shape))
  } else if (Array.isArray(value)) {
    const order = patch[`${orderPrefix}${key}`]
    setOwn(result, key, mergeList(Array.isArray(before) ? before : [], value, shape, order))
  } else {
    setOwn(result, key, value)
  }
}

function memberOf(shape: Shape, name: string): Shape {
  if (shape.kind === 'object') return shape.field(name) ?? anyShape
  return shape.kind === 'map' ? shape.values : anyShape
}

/** Keeps only the named members, so that a union (a deployment's strategy) has no left-overs of another variant. */
function retain(target: JsonObject, names: unknown): JsonObject {
  if (!Array.isArray(names)) return target
  return Object.fromEntries(Object.entries(target).filter(([key]) => names.includes(key)))
}

/** Directives about lists that the patch itself does not contain. */
function applyListDirectives(result: JsonObject, patch: JsonObject, shape: Shape): void {
  for (const [directive, value] of Object.entries(patch)) {
    if (!Array.isArray(value)) continue
    if (directive.startsWith(deletePrefix)) {
      const key = directive.slice(deletePrefix.length)
      const list = getOwn(result, key)
      if (!Array.isArray(list)) continue
      setOwn(
        result,
        key,
        list.filter((item) => !value.some((gone) => deepEqual(gone, item))),
      )
    } else if (directive.startsWith(orderPrefix)) {
      const key = directive.slice(orderPrefix.length)
      const list = getOwn(result, key)
      const member = memberOf(shape, key)
      if (Array.isArray(list) && member.kind === 'list') {
        setOwn(result, key, inOrder(list, value, member))
      }
    }
  }
}

function mergeList(
  target: readonly unknown[],
  patch: readonly unknown[],
  shape: Shape,
  order: unknown,
): unknown[] {
  if (shape.kind !== 'list') return clone([...patch])
  const { patchKey } = shape
  if (patchKey !== undefined) return mergeKeyedList(target, patch, patchKey, shape)
  if (!shape.patchSet) return clone([...patch])
  const added = patch.filter((value) => !target.some((other) => deepEqual(other, value)))
  const merged = [...target, ...added]
  return Array.isArray(order) ? inOrder(merged, order, shape) : merged
}

function mergeKeyedList(
  target: readonly unknown[],
  patch: readonly unknown[],
  key: string,
  shape: ListShape,
): unknown[] {
  const items = patch.map((item) => {
    if (!isObject(item)) throw badRequest(`a list merged by "${key}" may contain only objects`)
    return item
  })
  if (items.some((item) => item['$patch'] === 'replace')) {
    return items.filter((item) => item['$patch'] === undefined).map(withoutDirectives)
  }
  const result = [...target]
  for (const item of items) {
    const value = getOwn(item, key)
    if (value === undefined)
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`)
    const index = result.findIndex((other) => isObject(other) && deepEqual(other[key], value))
    if (item['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1)
    } else if (index >= 0) {
      const before = result[index]
      result[index] = mergeObject(isObject(before) ? before : {}, item, shape.items)
    } else {
      result.push(mergeObject({}, item, shape.items))
    }
  }
  return result
}

/** Elements in the order given; those the order does not name stay where they stood relative to each other. */
function inOrder(list: readonly unknown[], order: readonly unknown[], shape: ListShape): unknown[] {
  const { patchKey } = shape
  const identity = (value: unknown): unknown =>
    patchKey !== undefined && isObject(value) ? value[patchKey] : value
  const wanted = order.map(identity)
  const rank = (value: unknown): number =>
    wanted.findIndex((other) => deepEqual(other, identity(value)))
  const named = list.filter((value) => rank(value) >= 0).sort((a, b) => rank(a) - rank(b))
  const result: unknown[] = []
  let next = 0
  for (const value of list) result.push(rank(value) >= 0 ? named[next++] : value)
  return result
}

function withoutDirectives(value: JsonObject): JsonObject {
  const result: JsonObject = {}
  for (const [key, member] of Object.entries(value)) {
    if (key.startsWith('$') || member === null) continue
    setOwn(result, key, cleanedValue(member))
  }
  return result
}

function cleanedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleanedValue)
  return isObject(value) ? withoutDirectives(value) : value
}

function unknownDirective(directive: unknown): Error {
  return badRequest(`Unknown patch directive: ${JSON.stringify(directive)}`)
}
