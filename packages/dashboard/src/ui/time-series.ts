/** Values over time, in words: what a chart says to who does not see it. */

export interface TimeSeries {
  readonly name: string
  /** A custom property of the theme: `--tone-busy`. */
  readonly color: string
  /** One for each time; `undefined` where there is none, which leaves a gap. */
  readonly values: readonly (number | undefined)[]
  /** The area below it is tinted. */
  readonly filled?: boolean
}

export interface TimeChartProps {
  /** What it shows; read out with the summary. */
  readonly label: string
  /** Milliseconds since 1970, ascending. */
  readonly times: readonly number[]
  readonly series: readonly TimeSeries[]
  readonly format: (value: number) => string
  /** What the time axis spans, whatever there are values for. */
  readonly span?: { readonly fromMs: number; readonly toMs: number }
  readonly height?: number
  /** When the next figures come, for who sees none or one: `Figures come once a minute.` */
  readonly pace: string
}

export interface Extent {
  readonly least: number
  readonly most: number
  readonly latest: number
}

/** Nothing when there is no value at all. */
export function extentOf(values: readonly (number | undefined)[]): Extent | undefined {
  const known = values.filter((value) => value !== undefined)
  const latest = known.at(-1)
  if (latest === undefined) return undefined
  return {
    least: known.reduce((a, b) => Math.min(a, b)),
    most: known.reduce((a, b) => Math.max(a, b)),
    latest,
  }
}

/** The indices of values that have none beside them: a line takes two. */
export function loneValues(values: ArrayLike<number | null | undefined>): readonly number[] {
  const isKnown = (index: number): boolean => typeof values[index] === 'number'
  return Array.from(values, (_value, index) => index).filter(
    (index) => isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1),
  )
}

/** How many of the times have a value of any line. */
export function countOfFigures(series: readonly TimeSeries[]): number {
  return Math.max(
    0,
    ...series.map(({ values }) => values.filter((value) => value !== undefined).length),
  )
}

/** `Received: between 0 B/s and 2 kB/s, lastly 120 B/s.` for each. */
export function describeSeries(
  series: readonly TimeSeries[],
  format: (value: number) => string,
): string {
  return series
    .map(({ name, values }) => {
      const extent = extentOf(values)
      if (extent === undefined) return `${name}: nothing measured.`
      const { least, most, latest } = extent
      const range =
        least === most
          ? `always ${format(least)}`
          : `between ${format(least)} and ${format(most)}, lastly ${format(latest)}`
      return `${name}: ${range}.`
    })
    .join(' ')
}
