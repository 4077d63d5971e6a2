import { Group, Skeleton, Text, VisuallyHidden } from '@mantine/core'
import { lazy, Suspense, useCallback, useState } from 'react'
import classes from './time-chart.module.css'
import { countOfFigures, describeSeries, extentOf, type TimeChartProps } from './time-series.ts'

/** Its code is large, and most pages have no chart. */
const Plot = lazy(() =>
  import('./time-chart-plot.tsx').then(({ TimeChartPlot }) => ({ default: TimeChartPlot })),
)

/** Lines over time. Its legend shows the latest values, and those under the pointer while there is one. */
export function TimeChart(props: TimeChartProps) {
  const { label, times, series, format, pace, height = 160 } = props
  const [pointed, setPointed] = useState<number>()
  const onPoint = useCallback((index: number | undefined) => setPointed(index), [])
  const time = pointed === undefined ? undefined : times[pointed]
  const figures = countOfFigures(series)
  const start =
    figures > 1
      ? undefined
      : `${figures === 0 ? 'Nothing measured yet.' : 'The first figure.'} ${pace}`
  return (
    <figure className={classes['figure']} aria-label={label}>
      <Group component="figcaption" gap="md" mb={6} mih={20} aria-hidden>
        {series.map(({ name, color, values }) => (
          <Legend
            key={name}
            name={name}
            color={color}
            value={pointed === undefined ? extentOf(values)?.latest : values[pointed]}
            format={format}
          />
        ))}
        <Text span size="xs" c="dimmed" className="tabular">
          {time === undefined ? 'latest' : new Date(time).toLocaleString()}
        </Text>
      </Group>
      <VisuallyHidden>
        {describeSeries(series, format)} {start}
      </VisuallyHidden>
      <div aria-hidden className={classes['place']} style={{ height }}>
        <Suspense fallback={<Skeleton h={height} />}>
          {figures > 0 && <Plot {...props} height={height} onPoint={onPoint} />}
          {start !== undefined && (
            <div className={classes['start']} data-empty={figures === 0}>
              <Text size="sm" c="dimmed">
                {start}
              </Text>
            </div>
          )}
        </Suspense>
      </div>
    </figure>
  )
}

interface LegendProps {
  readonly name: string
  readonly color: string
  readonly value: number | undefined
  readonly format: (value: number) => string
}

function Legend({ name, color, value, format }: LegendProps) {
  return (
    <Group gap={6} wrap="nowrap">
      <span className={classes['swatch']} style={{ background: `var(${color})` }} />
      <Text span size="xs" c="dimmed" className="foreign">
        {name}
      </Text>
      <Text span size="xs" fw={600} className="tabular">
        {value === undefined ? '–' : format(value)}
      </Text>
    </Group>
  )
}
