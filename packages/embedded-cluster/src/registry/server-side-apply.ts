/**
 * Server-side apply: the applied configuration is merged into the live object, what this manager no longer applies and
 * nobody else owns goes, and overwriting somebody else's field is a conflict unless forced.
 */
import { ApiError, type FieldCause } from './api-error.ts'
import {
  changedFields,
  difference,
  elementKey,
  emptySet,
  type FieldSet,
  inner,
  intersection,
  isEmptySet,
  memberShape,
  partsOf,
  pathsOf,
  union,
  withinValue,
} from './field-set.ts'
import { clone, deepEqual, getOwn, isObject, type JsonObject, setOwn } from './json.ts'
import {
  isSameWriter,
  newEntry,
  ownableFields,
  readEntries,
  store,
  withFields,
  type Writer,
} from './managed-fields.ts'
import type { Draft, ManagedFieldsEntry } from './resource.ts'
import type { Stored } from './registry.ts'
import type { Shape } from './shape.ts'

/** The live object with the configuration applied, ownership included; undefined if the apply creates it. */
export function applyConfiguration(
  live: Stored | undefined,
  config: Draft,
  shape: Shape,
  writer: Writer,
  force: boolean,
): Draft {
  const applied = withoutNulls(config)
  const fields = ownableFields(applied, shape)
  if (live === undefined) {
    store(applied, [newEntry('Apply', fields, writer)])
    return applied
  }
  const entries = readEntries(live.metadata.managedFields)
  const own = entries.find((entry) => isSameWriter(entry, writer, 'Apply'))
  const others = entries.filter((entry) => entry !== own)
  const merged = mergeApplied(clone(live), applied, shape) as Draft // An object merged into one of its kind.
  const overwritten = changedFields(live, merged, shape)
  if (!force) refuseConflicts(others, overwritten)
  const kept = others.reduce((set, entry) => union(set, entry.fieldsV1), fields)
  removeFields(merged, shape, difference(own?.fieldsV1 ?? emptySet, fields), kept)
  const remaining = others.flatMap((entry) => {
    const left = withinValue(difference(entry.fieldsV1, overwritten), merged, shape)
    return isEmptySet(left) ? [] : [withFields(entry, left, entry.time)]
  })
  store(merged, [...remaining, newEntry('Apply', fields, writer)])
  return merged
}

function refuseConflicts(others: readonly ManagedFieldsEntry[], overwritten: FieldSet): void {
  const conflicts = others.flatMap((entry) => {
    const paths = pathsOf(intersection(overwritten, entry.fieldsV1))
    return paths.length === 0 ? [] : [{ manager: managerName(entry), paths }]
  })
  if (conflicts.length === 0) return
  const causes: FieldCause[] = conflicts.flatMap(({ manager, paths }) =>
    paths.map((field) => ({
      reason: 'FieldManagerConflict' as const,
      message: `conflict with ${manager}`,
      field,
    })),
  )
  throw new ApiError('Conflict', conflictMessage(conflicts, causes.length), {}, causes)
}

function managerName(entry: ManagedFieldsEntry): string {
  const subresource =
    entry.subresource === undefined ? '' : ` with subresource "${entry.subresource}"`
  return `"${entry.manager}"${subresource} using ${entry.apiVersion}`
}

function conflictMessage(
  conflicts: readonly { readonly manager: string; readonly paths: readonly string[] }[],
  count: number,
): string {
  const listed = conflicts.map(({ manager, paths }) =>
    paths.length === 1
      ? `conflict with ${manager}: ${paths[0] ?? ''}`
      : `conflicts with ${manager}:\n- ${paths.join('\n- ')}`,
  )
  const noun = count === 1 ? '1 conflict' : `${count} conflicts`
  return `Apply failed with ${noun}: ${listed.join('\n')}`
}

/** To apply null is to apply nothing. */
function withoutNulls<T>(value: T): T {
  return strip(value) as T // `strip` keeps the shape it is given.
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip)
  if (!isObject(value)) return value
  const result: JsonObject = {}
  for (const [key, member] of Object.entries(value)) {
    if (member !== null && member !== undefined) setOwn(result, key, strip(member))
  }
  return result
}

function mergeApplied(live: unknown, applied: unknown, shape: Shape): unknown {
  if (isObject(live) && isObject(applied)) {
    const shapeOf = memberShape(shape)
    if (shapeOf === undefined) return clone(applied)
    for (const [name, value] of Object.entries(applied)) {
      setOwn(live, name, mergeApplied(getOwn(live, name), value, shapeOf(name)))
    }
    return live
  }
  if (Array.isArray(live) && Array.isArray(applied) && shape.kind === 'list') {
    return mergeLists(live, applied, shape)
  }
  return clone(applied)
}

function mergeLists(
  live: readonly unknown[],
  applied: readonly unknown[],
  shape: Extract<Shape, { kind: 'list' }>,
): unknown[] {
  const { merge, items } = shape
  switch (merge.kind) {
    case 'atomic':
      return clone([...applied])
    case 'set':
      return [...live, ...applied.filter((value) => !live.some((other) => deepEqual(other, value)))]
    case 'map': {
      const byKey = new Map(live.map((value) => [elementKey(value, merge), value]))
      for (const value of applied) {
        const key = elementKey(value, merge)
        byKey.set(key, mergeApplied(byKey.get(key), value, items))
      }
      return [...byKey.values()]
    }
    default:
      return merge satisfies never
  }
}

/** Takes the fields out of the value, in place; what is also in `kept` stays, with what holds it. */
function removeFields(value: unknown, shape: Shape, remove: FieldSet, kept: FieldSet): void {
  const parts = partsOf(value, shape)
  if (parts === undefined) return
  const gone = new Set<string>()
  for (const part of parts) {
    if (!Object.hasOwn(remove, part.element)) continue
    const isKept = Object.hasOwn(kept, part.element)
    const below = inner(remove, part.element)
    if (!isKept && (isEmptySet(below) || Object.hasOwn(below, '.'))) {
      gone.add(part.element)
      continue
    }
    if (isEmptySet(below)) continue
    removeFields(part.value, part.shape, below, inner(kept, part.element))
    if (!isKept && isObject(part.value) && Object.keys(part.value).length === 0)
      gone.add(part.element)
  }
  if (gone.size > 0) dropParts(value, shape, gone)
}

function dropParts(value: unknown, shape: Shape, gone: ReadonlySet<string>): void {
  if (isObject(value)) {
    for (const element of gone) Reflect.deleteProperty(value, element.slice('f:'.length))
  } else if (Array.isArray(value)) {
    const parts = partsOf(value, shape) ?? []
    const rest = parts.filter((part) => !gone.has(part.element)).map((part) => part.value)
    value.splice(0, value.length, ...rest)
  }
}
