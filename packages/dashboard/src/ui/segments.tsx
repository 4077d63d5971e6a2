import { Group, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './segments.module.css'
import { toneColor, type Tone } from './tone.ts'

export interface Segment {
  readonly id: string
  readonly label: string
  readonly tone: Tone
  readonly count: number
  /** Wraps what stands for it, as in a link to what it counts. */
  readonly link: (content: ReactNode) => ReactNode
}

/** A whole by its parts: a bar, and beneath it each part with its number, which is what is read and followed. */
export function Segments({ label, segments }: { label: string; segments: readonly Segment[] }) {
  return (
    <div>
      <div className={classes['bar']} aria-hidden>
        {segments.map(({ id, tone, count }) => (
          <span key={id} style={{ flexGrow: count, background: toneColor(tone) }} />
        ))}
      </div>
      <ul aria-label={label} className={classes['legend']}>
        {segments.map(({ id, label: name, tone, count, link }) => (
          <li key={id}>
            {link(
              <Group gap={6} wrap="nowrap">
                <span className={classes['swatch']} style={{ background: toneColor(tone) }} />
                <Text span size="sm" c="dimmed">
                  {name}
                </Text>
                <Text span size="sm" fw={600} className="tabular">
                  {count}
                </Text>
              </Group>,
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
