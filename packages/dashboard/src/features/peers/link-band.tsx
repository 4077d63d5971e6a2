import { Group, Text, Tooltip, VisuallyHidden } from '@mantine/core'
import { duration } from '../../ui/amounts.ts'
import { toneColor } from '../../ui/tone.ts'
import classes from './link-band.module.css'
import { periodTone, type LinkPeriod, type Span } from './link-periods.ts'

interface LinkBandProps {
  readonly periods: readonly LinkPeriod[]
  readonly span: Span
}

/** A day as a band of colours. The list of changes beneath says the same in words. */
export function LinkBand({ periods, span }: LinkBandProps) {
  const whole = span.toMs - span.fromMs
  return (
    <div>
      <VisuallyHidden>{described(periods)}</VisuallyHidden>
      <div className={classes['band']} aria-hidden>
        {periods.map((period) => (
          <Tooltip.Floating key={period.fromMs} label={labelOf(period)}>
            <span
              style={{
                width: `${((period.toMs - period.fromMs) / whole) * 100}%`,
                background: colorOf(period),
              }}
            />
          </Tooltip.Floating>
        ))}
      </div>
      <Group justify="space-between" aria-hidden>
        {[`${duration(whole)} ago`, `${duration(whole / 2)} ago`, 'now'].map((mark) => (
          <Text key={mark} size="xs" c="dimmed">
            {mark}
          </Text>
        ))}
      </Group>
    </div>
  )
}

function colorOf(period: LinkPeriod): string {
  const tone = periodTone(period)
  return tone === undefined ? 'var(--line)' : toneColor(tone)
}

const stateOf = ({ state, transport }: LinkPeriod): string =>
  state === undefined
    ? 'Not known'
    : `${state}${transport === undefined ? '' : ` over ${transport}`}`

function labelOf(period: LinkPeriod): string {
  const from = new Date(period.fromMs).toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
  })
  return `${stateOf(period)} from ${from}, for ${duration(period.toMs - period.fromMs)}`
}

function described(periods: readonly LinkPeriod[]): string {
  const latest = periods.at(-1)
  if (latest === undefined) return ''
  return `${periods.length} periods in the last 24 hours. The latest: ${labelOf(latest)}.`
}
