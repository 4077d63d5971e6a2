/** What a table shows, in which order: pure, so that a thousand rows are a matter of arithmetic. */

export interface Sort {
  /** Id of a column. */
  readonly by: string
  readonly descending: boolean
}

export type SortValue = string | number | undefined

export type Line<T> =
  | { readonly kind: 'row'; readonly id: string; readonly row: T; readonly index: number }
  | { readonly kind: 'group'; readonly id: string; readonly title: string; readonly count: number }

interface ArrangeOptions<T> {
  readonly rowId: (row: T) => string
  readonly sortValue: ((row: T) => SortValue) | undefined
  readonly descending: boolean
  readonly groupOf: ((row: T) => string) | undefined
}

/** Sorted, what has no value last; rows of equal value keep their order. Groups by name, each under its head. */
export function arrange<T>(rows: readonly T[], options: ArrangeOptions<T>): readonly Line<T>[] {
  const { groupOf, rowId } = options
  const sorted = sortedRows(rows, options)
  if (groupOf === undefined)
    return sorted.map((row, index) => ({ kind: 'row', id: rowId(row), row, index }))
  const groups = new Map<string, T[]>()
  for (const row of sorted) {
    const title = groupOf(row)
    const group = groups.get(title)
    if (group === undefined) groups.set(title, [row])
    else group.push(row)
  }
  let index = 0
  return [...groups]
    .sort(([a], [b]) => collator.compare(a, b))
    .flatMap(([title, members]): Line<T>[] => [
      { kind: 'group', id: `group ${title}`, title, count: members.length },
      ...members.map((row): Line<T> => ({ kind: 'row', id: rowId(row), row, index: index++ })),
    ])
}

const collator = new Intl.Collator('en', { numeric: true })

function sortedRows<T>(
  rows: readonly T[],
  { sortValue, descending }: ArrangeOptions<T>,
): readonly T[] {
  if (sortValue === undefined) return rows
  // Each value is read once: some of them are a date to parse.
  const keyed = rows.map((row) => ({ row, value: sortValue(row) }))
  const sign = descending ? -1 : 1
  keyed.sort((a, b) => {
    if (a.value === undefined || b.value === undefined)
      return Number(a.value === undefined) - Number(b.value === undefined)
    return sign * compare(a.value, b.value)
  })
  return keyed.map(({ row }) => row)
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : collator.compare(String(a), String(b))
}
