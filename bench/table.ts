import { pathNames, type PathName } from './paths/path.ts'
import { valueOf, type Metric, type Row } from './rows.ts'

/** Rows as a Markdown table, paths as columns. */
export function table(rows: readonly Row[]): string {
  return markdown(rows, measuresOf(rows), (path, measure) => {
    const value = valueOf(rows, { path, ...measure })
    return value === undefined ? '–' : format(value)
  })
}

/** What matters most, as a share of what `ssh -L` does on the same machine in the same run. */
export function ratioTable(rows: readonly Row[]): string {
  const measures = measuresOf(rows).filter(
    ({ metric }) => metric === 'requestsPerSecond' || metric === 'megabytesPerSecond',
  )
  return markdown(rows, measures, (path, measure) => {
    const ratio = ratioOf(rows, measure, path, 'ssh-L')
    return ratio === undefined ? '–' : `${ratio.toFixed(2)} × ssh-L`
  })
}

interface Target {
  readonly path: PathName
  readonly metric: Metric
  readonly connections: number
  readonly atLeast: number
}

/** What we hold ourselves to, as ratios to `ssh -L`. */
const targets: readonly Target[] = [
  { path: 'tcp-tunnel', metric: 'requestsPerSecond', connections: 32, atLeast: 0.9 },
  { path: 'tcp-tunnel', metric: 'megabytesPerSecond', connections: 1, atLeast: 0.4 },
  { path: 'local-service', metric: 'requestsPerSecond', connections: 32, atLeast: 0.9 },
  { path: 'http-proxy', metric: 'requestsPerSecond', connections: 32, atLeast: 0.45 },
]

export function targetTable(rows: readonly Row[]): string {
  const lines = targets.map(({ path, metric, connections, atLeast }) => {
    const ratio = ratioOf(rows, { metric, connections }, path, 'ssh-L')
    const found = ratio === undefined ? 'not measured' : ratio.toFixed(2)
    const verdict = ratio === undefined ? '–' : ratio >= atLeast ? 'met' : 'missed'
    return line([`${path} ${metric} c=${connections}`, `≥ ${atLeast} × ssh-L`, found, verdict])
  })
  return [line(['target', '', 'measured', '']), line(['---', '---', '---', '---']), ...lines].join(
    '\n',
  )
}

type Measure = Pick<Row, 'metric' | 'connections'> & { readonly unit?: string }

function measuresOf(rows: readonly Row[]): Measure[] {
  const known = new Map<string, Measure>()
  for (const { metric, connections, unit } of rows) {
    known.set(`${metric} ${connections}`, { metric, connections, unit })
  }
  return [...known.values()]
}

function markdown(
  rows: readonly Row[],
  measures: readonly Measure[],
  cell: (path: PathName, measure: Measure) => string,
): string {
  const paths = pathNames.filter((path) => rows.some((one) => one.path === path))
  return [
    line(['', ...paths]),
    line(['---', ...paths.map(() => '---')]),
    ...measures.map((measure) => {
      const name = `${measure.metric} c=${measure.connections}`
      return line([name, ...paths.map((path) => cell(path, measure))])
    }),
  ].join('\n')
}

function ratioOf(
  rows: readonly Row[],
  { metric, connections }: Measure,
  path: PathName,
  other: PathName,
): number | undefined {
  const ours = valueOf(rows, { path, metric, connections })
  const theirs = valueOf(rows, { path: other, metric, connections })
  return ours === undefined || theirs === undefined ? undefined : ours / theirs
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const format = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
