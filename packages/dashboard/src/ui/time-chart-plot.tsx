import 'uplot/dist/uPlot.min.css'
import { useComputedColorScheme } from '@mantine/core'
import { useElementSize, useMergedRef } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import classes from './time-chart.module.css'
import { loneValues, type TimeChartProps } from './time-series.ts'

interface PlotProps extends TimeChartProps {
  readonly height: number
  /** The index of the time under the pointer. */
  readonly onPoint: (index: number | undefined) => void
}

/** The drawing alone: it is drawn anew for another theme or other lines, and only moved for other values. */
export function TimeChartPlot({ times, series, format, span, height, onPoint }: PlotProps) {
  const { ref: sizeRef, width } = useElementSize()
  const element = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const scheme = useComputedColorScheme('light')
  const data = useLatest(alignedData(times, series))
  const spanned = useLatest(span)
  const formatted = useLatest(format)
  const lines = series
    .map(({ name, color, filled }) => `${color} ${filled === true} ${name}`)
    .join()
  const drawn = useLatest(series)

  useEffect(() => {
    const target = element.current
    if (target === null) return undefined
    const colors = colorsOf(target)
    const chart = new uPlot(
      {
        width: Math.max(width, 100),
        height,
        // On the right, for half of the last time.
        padding: [6, 26, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { size: 6 }, drag: { setScale: false, x: false, y: false } },
        scales: {
          x: { range: ({ data: [seconds] }) => rangeOf(spanned.current, seconds) },
          y: { range: (_plot, _min, max) => [0, Math.max(max * 1.15, 1e-3)] },
        },
        axes: [
          { ...axis(colors), size: 28, space: 70, values: (_plot, ticks) => ticks.map(clockTime) },
          {
            ...axis(colors),
            size: 64,
            space: 28,
            values: (_plot, ticks) => saidOnce(ticks.map((tick) => formatted.current(tick))),
          },
        ],
        series: [
          {},
          ...drawn.current.map(({ color, filled }) => ({
            stroke: colors(color),
            width: 1.5,
            spanGaps: false,
            points: { show: false, filter: lonePoints, size: 7, fill: colors(color) },
            ...(filled === true && { fill: translucent(colors(color)) }),
          })),
        ],
        hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
      },
      data.current,
      target,
    )
    plot.current = chart
    return () => {
      plot.current = null
      chart.destroy()
    }
    // `width` gives the first size alone; what it is later is set below.
  }, [scheme, lines, height, onPoint])

  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height })
  }, [width, height])
  useEffect(() => {
    plot.current?.setData(alignedData(times, series))
  }, [times, series])

  return <div ref={useMergedRef(sizeRef, element)} className={classes['plot']} />
}

/** What a callback of the drawing finds when it is called. */
function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value)
  latest.current = value
  return latest
}

const alignedData = (
  times: TimeChartProps['times'],
  series: TimeChartProps['series'],
): uPlot.AlignedData => [
  times.map((time) => time / 1_000),
  ...series.map(({ values }) => values.map((value) => value ?? null)),
]

/** Two and a half minutes around a single time: the library would make it a day. */
const AROUND_ONE_SECONDS = 150

function rangeOf(span: TimeChartProps['span'], seconds: ArrayLike<number>): [number, number] {
  if (span !== undefined) return [span.fromMs / 1_000, span.toMs / 1_000]
  const from = seconds[0] ?? 0
  const to = seconds[seconds.length - 1] ?? from
  return from === to ? [from - AROUND_ONE_SECONDS, to + AROUND_ONE_SECONDS] : [from, to]
}

/** Drawn although points are not: no line would show them. */
const lonePoints = (plot: uPlot, seriesIndex: number): number[] => [
  ...loneValues(plot.data[seriesIndex] ?? []),
]

type Colors = (property: string) => string

/** Steps finer than the words for them would repeat the words. */
const saidOnce = (labels: readonly string[]): string[] =>
  labels.map((label, index) => (label === labels[index - 1] ? '' : label))

/** A canvas knows no custom properties. */
function colorsOf(element: HTMLElement): Colors {
  const style = getComputedStyle(element)
  return (property) => style.getPropertyValue(property).trim() || style.color
}

/** Tones are written as `#rrggbb`. */
const translucent = (color: string): string => `${color}22`

const axis = (colors: Colors): uPlot.Axis => ({
  stroke: colors('--mantine-color-dimmed'),
  font: '11px "Inter Variable", system-ui, sans-serif',
  grid: { stroke: colors('--line'), width: 1 },
  ticks: { show: false },
})

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const clockTime = (seconds: number): string => clock.format(seconds * 1_000)
