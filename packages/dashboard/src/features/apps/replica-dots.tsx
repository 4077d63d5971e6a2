import { Group, Text } from '@mantine/core'
import { toneColor, type Tone } from '../../ui/tone.ts'
import classes from './apps.module.css'

/** More dots than this are counted, not seen. */
const MAX_DOTS = 8

interface ReplicaDotsProps {
  readonly ready: number
  readonly wanted: number
  /** What is known is old: nothing of it is green. */
  readonly isStale?: boolean
  /** With the numbers beside the dots. */
  readonly isNumbered?: boolean
}

/** One dot per replica, filled when it is ready; numbers when there are many. */
export function ReplicaDots(props: ReplicaDotsProps) {
  const { ready, wanted, isStale = false, isNumbered = true } = props
  const shown = Math.max(ready, wanted)
  const words = `${ready} of ${wanted} ready`
  if (isNumbered && wanted === 0 && ready === 0)
    return (
      <Text span size="sm" c="dimmed">
        scaled to 0
      </Text>
    )
  return (
    <Group gap={6} wrap="nowrap" title={words}>
      {shown <= MAX_DOTS && (
        <span className={classes['dots']} aria-hidden>
          {Array.from({ length: shown }, (_dot, index) => (
            <span
              key={index}
              className={classes['dot']}
              style={{ color: toneColor(toneOf(index < ready, isStale)) }}
              data-ready={index < ready || undefined}
            />
          ))}
        </span>
      )}
      {isNumbered && (
        <Text span size="xs" c="dimmed" className="tabular">
          {ready}/{wanted}
        </Text>
      )}
    </Group>
  )
}

function toneOf(isReady: boolean, isStale: boolean): Tone {
  if (isStale) return 'idle'
  return isReady ? 'good' : 'busy'
}
