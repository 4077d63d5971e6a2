import { Tooltip } from '@mantine/core'
import { useEffect, useReducer } from 'react'

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })

function relative(time: string, now: number): string {
  const seconds = Math.round((Date.parse(time) - now) / 1_000)
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? units[3]
  return format.format(Math.round(seconds / size), unit)
}

/** "2 min ago", absolute on hover; ticks by itself. */
export function RelativeTime({ time }: { time: string }) {
  // Not the time of the last tick: what happened since would lie in the future.
  const [, tick] = useReducer((ticks: number) => ticks + 1, 0)
  useEffect(() => {
    const timer = setInterval(tick, 10_000)
    return () => clearInterval(timer)
  }, [])
  // Times of others are text like all they say.
  if (Number.isNaN(Date.parse(time))) return <span className="foreign">{time}</span>
  return (
    <Tooltip label={new Date(time).toLocaleString()}>
      <time dateTime={time}>{relative(time, Date.now())}</time>
    </Tooltip>
  )
}
