/** What tables of kinds are put together from. */
import { numberAt, stringAt } from './fields.ts'
import { ageOf } from './human-duration.ts'
import type { Stored } from './registry.ts'
import type { ColumnDefinition, TableColumns } from './resource.ts'

/** What one object shows in one column. */
export type Cell = (object: Stored, nowMs: number) => unknown

export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer'
  readonly priority: number
  readonly cell: Cell
}

export const text = (name: string, cell: Cell): Column => ({
  name,
  type: 'string',
  priority: 0,
  cell,
})
export const integer = (name: string, cell: Cell): Column => ({
  name,
  type: 'integer',
  priority: 0,
  cell,
})
export const wide = (column: Column): Column => ({ ...column, priority: 1 })

export const age = text('Age', (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs))

/** A table with Name in front; the type of Name tells kubectl that it names the object. */
export function tableOf(...columns: readonly Column[]): TableColumns {
  return namedTable(({ metadata }) => metadata.name, ...columns)
}

/** The same for kinds that say more than the name in its column. */
export function namedTable(
  name: (object: Stored) => string,
  ...columns: readonly Column[]
): TableColumns {
  return {
    definitions: [
      {
        name: 'Name',
        type: 'string',
        format: 'name',
        description: 'Name of the object',
        priority: 0,
      },
      ...columns.map(definition),
    ],
    cells: (object, nowMs) => [name(object), ...columns.map(({ cell }) => cell(object, nowMs))],
  }
}

function definition({ name, type, priority }: Column): ColumnDefinition {
  return { name, type, format: '', description: name, priority }
}

/** A number at a path, 0 if there is none. */
export const count =
  (...path: readonly string[]): Cell =>
  (object) =>
    numberAt(object, ...path) ?? 0
/** A text at a path, empty if there is none. */
export const field =
  (...path: readonly string[]): Cell =>
  (object) =>
    stringAt(object, ...path) ?? ''
