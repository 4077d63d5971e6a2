export interface Column<T> {
  readonly title: string
  readonly value: (item: T) => string
  /** Shown with `-o wide` only. */
  readonly isWide?: boolean
}

const gap = '   '

/** Columns as wide as their widest cell, as kubectl prints them; the last one is not padded. */
export function table<T>(
  columns: readonly Column<T>[],
  items: readonly T[],
  { isWide }: { readonly isWide: boolean },
): string[] {
  const shown = columns.filter((column) => isWide || column.isWide !== true)
  const rows = [
    shown.map(({ title }) => title),
    ...items.map((item) => shown.map(({ value }) => plain(value(item)))),
  ]
  const widths = shown.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join(gap)
      .trimEnd(),
  )
}

/** `key:   value` lines, values in one column; what is unknown is left out. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): string[] {
  const known = pairs.filter((pair) => pair[1] !== undefined && pair[1] !== '')
  const width = Math.max(0, ...known.map(([key]) => key.length + 1))
  return known.map(([key, value]) => `${`${key}:`.padEnd(width)}${gap}${plain(value ?? '')}`)
}

/** What a peer wrote must not move the cursor or forge a line of ours: control characters become visible. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    character === '\n' || character === '\t' ? ' ' : '\ufffd',
  )
}
