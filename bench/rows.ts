import { pathNames, type PathName } from './paths/path.ts'

/** Numbers a benchmark gives, with how several rounds of one become a single figure. */
export const metrics = {
  requestsPerSecond: { unit: 'req/s', better: 'more' },
  p50Ms: { unit: 'ms', better: 'less' },
  p99Ms: { unit: 'ms', better: 'less' },
  megabytesPerSecond: { unit: 'MB/s', better: 'more' },
  cpuSecondsPerGB: { unit: 's/GB', better: 'less' },
  peakRssMiB: { unit: 'MiB', better: 'less' },
} as const
export type Metric = keyof typeof metrics

/** A line of results.json. */
export interface Row {
  readonly path: PathName
  readonly metric: Metric
  readonly connections: number
  readonly value: number
  readonly unit: string
}

export function row(path: PathName, metric: Metric, connections: number, value: number): Row {
  return {
    path,
    metric,
    connections,
    value: Number(value.toPrecision(5)),
    unit: metrics[metric].unit,
  }
}

/**
 * Of several rounds the best, which is what a machine can do while nothing disturbs it; of memory the largest. In the
 * order of the table.
 */
export function summary(rows: readonly Row[]): Row[] {
  const found = new Map<string, Row>()
  for (const one of rows) {
    const key = keyOf(one)
    const known = found.get(key)
    if (known === undefined || replaces(one, known)) found.set(key, one)
  }
  return [...found.values()].sort((a, b) => order(a) - order(b))
}

export function valueOf(
  rows: readonly Row[],
  like: Pick<Row, 'path' | 'metric' | 'connections'>,
): number | undefined {
  return rows.find((one) => keyOf(one) === keyOf(like))?.value
}

function replaces({ metric, value }: Row, known: Row): boolean {
  const wantsLarger = metrics[metric].better === 'more' || metric === 'peakRssMiB'
  return wantsLarger ? value > known.value : value < known.value
}

const keyOf = ({
  path,
  metric,
  connections,
}: Pick<Row, 'path' | 'metric' | 'connections'>): string => `${path} ${metric} ${connections}`

const order = ({ path, metric, connections }: Row): number =>
  (Object.keys(metrics).indexOf(metric) * 1_000 + connections) * 10 + pathNames.indexOf(path)
