/**
 * Sets of fields, in the very form in which managedFields keeps them: `f:name` for a field, `k:{…}` for an element of
 * a keyed list, `v:…` for a member of a set; `.` marks an element that is itself owned beside what is in it.
 * Sets are never changed in place.
 */
import { deepEqual, getOwn, isObject, type JsonObject, setOwn } from './json.ts'
import type { ListMerge, Shape } from './shape.ts'

/** The keys are path elements; `{}` is an owned leaf. */
export type FieldSet = JsonObject

export const emptySet: FieldSet = {}

export function isEmptySet(set: FieldSet): boolean {
  return Object.keys(set).length === 0
}

/** One part of a container value: a member of an object or an element of a list that has identities. */
export interface Part {
  readonly element: string
  readonly value: unknown
  readonly shape: Shape
}

/** The parts that can be owned one by one; undefined: the value is owned as a whole. */
export function partsOf(value: unknown, shape: Shape): readonly Part[] | undefined {
  if (isObject(value)) return membersOf(value, shape)
  if (Array.isArray(value) && shape.kind === 'list')
    return elementsOf(value, shape.items, shape.merge)
  return undefined
}

function membersOf(value: JsonObject, shape: Shape): readonly Part[] | undefined {
  const shapeOf = memberShape(shape)
  if (shapeOf === undefined) return undefined
  return Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .map((name) => ({ element: `f:${name}`, value: value[name], shape: shapeOf(name) }))
}

const anything: Shape = { kind: 'any' }

/** How to find the shape of a member; undefined if the object is atomic. */
export function memberShape(shape: Shape): ((name: string) => Shape) | undefined {
  switch (shape.kind) {
    case 'object':
      return shape.atomic ? undefined : (name) => shape.field(name) ?? anything
    case 'map':
      return shape.atomic ? undefined : () => shape.values
    // Unknown content of a custom resource is owned field by field, as the real server deduces it.
    case 'any':
      return () => anything
    case 'scalar':
    case 'list':
      return undefined
    default:
      return shape satisfies never
  }
}

function elementsOf(
  list: readonly unknown[],
  items: Shape,
  merge: ListMerge,
): readonly Part[] | undefined {
  switch (merge.kind) {
    case 'atomic':
      return undefined
    case 'set':
      return list.map((value) => ({ element: `v:${JSON.stringify(value)}`, value, shape: items }))
    case 'map':
      return list.map((value) => ({ element: elementKey(value, merge), value, shape: items }))
    default:
      return merge satisfies never
  }
}

/** `k:{"name":"web"}`: the identity of an element of a keyed list; keys sorted, defaults filled in. */
export function elementKey(value: unknown, merge: Extract<ListMerge, { kind: 'map' }>): string {
  const key: JsonObject = {}
  for (const name of [...merge.keys].sort()) {
    const own = isObject(value) ? getOwn(value, name) : undefined
    const keyValue = own ?? merge.defaults[name]
    if (keyValue !== undefined) key[name] = keyValue
  }
  return `k:${JSON.stringify(key)}`
}

function ownsElement(element: string): boolean {
  return element.startsWith('k:')
}

/** Every field of a value. */
export function fieldsOf(value: unknown, shape: Shape): FieldSet {
  const parts = partsOf(value, shape)
  if (parts === undefined) return emptySet
  const set: FieldSet = {}
  for (const part of parts) {
    const inner = fieldsOf(part.value, part.shape)
    const isContainer = partsOf(part.value, part.shape) !== undefined && !isEmptySet(inner)
    setOwn(
      set,
      part.element,
      isContainer && ownsElement(part.element) ? { '.': {}, ...inner } : inner,
    )
  }
  return set
}

/** The fields of `after` that `before` does not have, or has with another value. */
export function changedFields(before: unknown, after: unknown, shape: Shape): FieldSet {
  const parts = partsOf(after, shape)
  const old = new Map(partsOf(before, shape)?.map((part) => [part.element, part]))
  const set: FieldSet = {}
  for (const part of parts ?? []) {
    const earlier = old.get(part.element)
    if (earlier !== undefined && deepEqual(earlier.value, part.value)) continue
    const isContainer = (partsOf(part.value, part.shape)?.length ?? 0) > 0
    if (!isContainer) {
      setOwn(set, part.element, {})
    } else if (earlier === undefined) {
      const inner = fieldsOf(part.value, part.shape)
      setOwn(set, part.element, ownsElement(part.element) ? { '.': {}, ...inner } : inner)
    } else {
      const inner = changedFields(earlier.value, part.value, part.shape)
      if (!isEmptySet(inner)) setOwn(set, part.element, inner)
    }
  }
  return set
}

/** Is the element itself in the set, or only what is below it? */
function isMember(below: FieldSet): boolean {
  return isEmptySet(below) || Object.hasOwn(below, '.')
}

function below(set: FieldSet): readonly string[] {
  return Object.keys(set).filter((element) => element !== '.')
}

/** An element with what is below it; undefined if there is nothing to say. */
function node(member: boolean, children: FieldSet): FieldSet | undefined {
  if (isEmptySet(children)) return member ? emptySet : undefined
  return member ? { '.': {}, ...children } : children
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { ...a }
  for (const element of Object.keys(b)) {
    const [ours, theirs] = [inner(a, element), inner(b, element)]
    const isShared = Object.hasOwn(a, element)
    setOwn(result, element, isShared ? unionBelow(ours, theirs) : theirs)
  }
  return result
}

function unionBelow(a: FieldSet, b: FieldSet): FieldSet {
  const children = union(withoutSelf(a), withoutSelf(b))
  return node(isMember(a) || isMember(b), children) ?? emptySet
}

function withoutSelf(set: FieldSet): FieldSet {
  const { '.': _, ...children } = set
  return children
}

/** What is in `a` but not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {}
  for (const element of below(a)) {
    const ours = inner(a, element)
    if (!Object.hasOwn(b, element)) {
      setOwn(result, element, ours)
      continue
    }
    const theirs = inner(b, element)
    const rest = node(isMember(ours) && !isMember(theirs), difference(ours, theirs))
    if (rest !== undefined) setOwn(result, element, rest)
  }
  return result
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {}
  for (const element of below(a)) {
    if (!Object.hasOwn(b, element)) continue
    const [ours, theirs] = [inner(a, element), inner(b, element)]
    const common = node(isMember(ours) && isMember(theirs), intersection(ours, theirs))
    if (common !== undefined) setOwn(result, element, common)
  }
  return result
}

/** Keeps of a set what the value still has. */
export function withinValue(set: FieldSet, value: unknown, shape: Shape): FieldSet {
  const parts = new Map(partsOf(value, shape)?.map((part) => [part.element, part]))
  const result: FieldSet = {}
  for (const element of Object.keys(set)) {
    if (element === '.') {
      result['.'] = {}
      continue
    }
    const part = parts.get(element)
    if (part === undefined) continue
    const ours = inner(set, element)
    const rest = withinValue(ours, part.value, part.shape)
    if (isEmptySet(ours) || !isEmptySet(rest)) setOwn(result, element, rest)
  }
  return result
}

export function inner(set: FieldSet, element: string): FieldSet {
  const value = getOwn(set, element)
  return isObject(value) ? value : emptySet
}

/** Paths for people: `.spec.template.spec.containers[name="web"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): readonly string[] {
  return Object.keys(set).flatMap((element) => {
    if (element === '.') return [prefix]
    const path = `${prefix}${readable(element)}`
    const ours = inner(set, element)
    return isEmptySet(ours) ? [path] : pathsOf(ours, path)
  })
}

function readable(element: string): string {
  const rest = element.slice(2)
  if (element.startsWith('f:')) return `.${rest}`
  if (element.startsWith('v:')) return `[=${rest}]`
  const key: unknown = JSON.parse(rest)
  const pairs = isObject(key) ? Object.entries(key) : []
  return `[${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
}
