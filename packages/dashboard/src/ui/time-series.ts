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
