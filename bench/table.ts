import type { Row } from './measure.ts'

/** Rows as a Markdown table, paths as columns. */
export function table(rows: readonly Row[]): string {
  const paths = [...new Set(rows.map((row) => row.path))]
  const measures = [...new Set(rows.map((row) => `${row.metric} c=${row.connections}`))]
  const cell = (path: string, measure: string): string => {
    const row = rows.find(
      (one) => one.path === path && `${one.metric} c=${one.connections}` === measure,
    )
    return row === undefined ? '–' : `${format(row.value)} ${row.unit}`
  }
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(['', ...paths]),
    line(['---', ...paths.map(() => '---')]),
    ...measures.map((measure) => line([measure, ...paths.map((path) => cell(path, measure))])),
  ].join('\n')
}

const format = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1)
