import { Group, Text } from '@mantine/core'
import classes from './meter.module.css'
import { percent } from './amounts.ts'

interface MeterProps {
  /** What is measured. */
  readonly label: string
  /** Between 0 and 1, or above where a limit was lowered since; left out without a limit. */
  readonly share?: number | undefined
  /** `1.5 of 4`, or only what is used. */
  readonly text: string
}

/** Rules warn at 90 %; the eye is told a little earlier. */
const NEAR = 0.75
const FULL = 0.9

/** How much of a limit is used. Without a limit there is nothing to fill, and it says so. */
export function Meter({ label, share, text }: MeterProps) {
  const level = share === undefined || share < NEAR ? 'calm' : share < FULL ? 'near' : 'full'
  return (
    <div>
      <Group justify="space-between" gap="xs" wrap="nowrap" mb={4}>
        <Text size="sm">{label}</Text>
        <Text size="sm" c="dimmed" className="tabular" ta="right">
          {text}
          {share !== undefined && ` · ${percent(share)}`}
        </Text>
      </Group>
      {share === undefined ? (
        <div className={classes['track']} data-open aria-hidden />
      ) : (
        <div
          className={classes['track']}
          role="meter"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.min(100, Math.round(share * 100))}
          aria-valuetext={text}
        >
          <div
            className={classes['fill']}
            data-level={level}
            style={{ width: `${Math.min(1, share) * 100}%` }}
          />
        </div>
      )}
    </div>
  )
}
