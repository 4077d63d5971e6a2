import { sparkPath } from './spark-path.ts'

interface SparklineProps {
  /** Oldest first; `undefined` leaves a gap. */
  readonly values: readonly (number | undefined)[]
  /** A custom property of the theme. */
  readonly color?: string
  readonly width?: number
  readonly height?: number
}

/** The shape of what was, beside a number that says what is: decoration to who does not see it. */
export function Sparkline({
  values,
  color = '--tone-busy',
  width = 72,
  height = 20,
}: SparklineProps) {
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden>
      <path
        d={sparkPath(values, width, height)}
        fill="none"
        stroke={`var(${color})`}
        strokeWidth="1.5"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  )
}
