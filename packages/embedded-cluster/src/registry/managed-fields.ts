/** Who owns which field: kept by every write, used by server-side apply. */
import type { Draft, ManagedFieldsEntry } from './resource.ts'
import {
  changedFields,
  difference,
  type FieldSet,
  fieldsOf,
  isEmptySet,
  union,
  withinValue,
} from './field-set.ts'
import { deepEqual, isObject, type JsonObject } from './json.ts'
import { timestamp } from './metadata.ts'
import type { Stored } from './registry.ts'
import type { Shape } from './shape.ts'

export interface Writer {
  readonly manager: string
  readonly apiVersion: string
  readonly subresource: string | undefined
  readonly nowMs: number
}

/** Metadata that nobody owns: identity, and what the server writes. */
const unowned: FieldSet = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    'f:name': {},
    'f:namespace': {},
    'f:creationTimestamp': {},
    'f:selfLink': {},
    'f:uid': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:resourceVersion': {},
    'f:deletionTimestamp': {},
    'f:deletionGracePeriodSeconds': {},
  },
}

/** The fields of an object that somebody can own. */
export function ownableFields(object: object, shape: Shape): FieldSet {
  return difference(fieldsOf(object, shape), unowned)
}

/** More entries than this are merged into one, so that every passing user agent does not grow the object for ever. */
const maxUpdateEntries = 10

/** After an update or a patch: the writer owns what it changed, the others lose it, and nobody owns what is gone. */
export function trackUpdate(
  next: Draft,
  old: Stored | undefined,
  shape: Shape,
  writer: Writer,
): void {
  const before = entriesOf(next, old)
  const changed = difference(changedFields(old ?? {}, next, shape), unowned)
  const entries = before.flatMap((entry) => {
    const isWriter = isSameWriter(entry, writer, 'Update')
    const kept = isWriter ? entry.fieldsV1 : difference(entry.fieldsV1, changed)
    const fields = withinValue(kept, next, shape)
    return isEmptySet(fields) && !isWriter ? [] : [withFields(entry, fields, entry.time)]
  })
  store(next, isEmptySet(changed) ? entries : addTo(entries, 'Update', changed, writer))
}

/** Unset or unreadable means: as before. An empty list is how a client says "start over". */
function entriesOf(next: Draft, old: Stored | undefined): readonly ManagedFieldsEntry[] {
  const given: unknown = next.metadata.managedFields
  if (!Array.isArray(given)) return readEntries(old?.metadata.managedFields)
  return readEntries(given)
}

/** Only entries whose form can be worked with; a client may have sent anything. */
export function readEntries(value: unknown): readonly ManagedFieldsEntry[] {
  if (!Array.isArray(value)) return []
  return value.filter(isEntry)
}

function isEntry(value: unknown): value is ManagedFieldsEntry {
  return (
    isObject(value) &&
    typeof value['manager'] === 'string' &&
    (value['operation'] === 'Apply' || value['operation'] === 'Update') &&
    typeof value['apiVersion'] === 'string' &&
    isObject(value['fieldsV1'])
  )
}

export function isSameWriter(
  entry: ManagedFieldsEntry,
  writer: Pick<Writer, 'manager' | 'subresource'>,
  operation: ManagedFieldsEntry['operation'],
): boolean {
  return (
    entry.operation === operation &&
    entry.manager === writer.manager &&
    (entry.subresource ?? '') === (writer.subresource ?? '')
  )
}

/** Adds fields to the writer's entry, making one if there is none. */
function addTo(
  entries: readonly ManagedFieldsEntry[],
  operation: ManagedFieldsEntry['operation'],
  fields: FieldSet,
  writer: Writer,
): readonly ManagedFieldsEntry[] {
  const own = entries.find((entry) => isSameWriter(entry, writer, operation))
  const others = entries.filter((entry) => entry !== own)
  return [...others, newEntry(operation, union(own?.fieldsV1 ?? {}, fields), writer)]
}

export function newEntry(
  operation: ManagedFieldsEntry['operation'],
  fields: FieldSet,
  writer: Writer,
): ManagedFieldsEntry {
  return {
    manager: writer.manager,
    operation,
    apiVersion: writer.apiVersion,
    time: timestamp(writer.nowMs),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(writer.subresource !== undefined && { subresource: writer.subresource }),
  }
}

export function withFields(
  entry: ManagedFieldsEntry,
  fields: FieldSet,
  time: string | undefined,
): ManagedFieldsEntry {
  return { ...entry, fieldsV1: fields, ...(time !== undefined && { time }) }
}

export function store(draft: Draft, entries: readonly ManagedFieldsEntry[]): void {
  const owned = entries.filter(
    (entry) => entry.operation === 'Apply' || !isEmptySet(entry.fieldsV1),
  )
  if (owned.length === 0) delete draft.metadata.managedFields
  else draft.metadata.managedFields = capUpdates(owned)
}

function capUpdates(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const updates = entries.filter((entry) => entry.operation === 'Update')
  if (updates.length <= maxUpdateEntries) return [...entries]
  const oldest = [...updates]
    .sort((a, b) => (a.time ?? '').localeCompare(b.time ?? ''))
    .slice(0, updates.length - maxUpdateEntries + 1)
  const merged = oldest.reduce<FieldSet>((set, entry) => union(set, entry.fieldsV1), {})
  const rest = entries.filter((entry) => !oldest.includes(entry))
  const last = oldest.at(-1)
  if (last === undefined) return rest
  const { subresource: _, ...base } = last
  return [{ ...base, manager: 'ancient-changes', fieldsV1: merged }, ...rest]
}

/** Equal but for resourceVersion and the times of managedFields: such a write changes nothing. */
export function isSameObject(a: object, b: object): boolean {
  return deepEqual(comparable(a), comparable(b))
}

function comparable(object: object): JsonObject {
  const plain: JsonObject = { ...object }
  const metadata = isObject(plain['metadata']) ? plain['metadata'] : {}
  const managed = [...readEntries(metadata['managedFields'])]
    .sort((a, b) => writerName(a).localeCompare(writerName(b)))
    .map((entry) => ({ ...entry, time: undefined }))
  return { ...plain, metadata: { ...metadata, resourceVersion: undefined, managedFields: managed } }
}

function writerName(entry: ManagedFieldsEntry): string {
  return `${entry.manager} ${entry.operation} ${entry.subresource ?? ''}`
}
