import { SimpleGrid, Text } from '@mantine/core'
import { Link, type LinkProps } from '@tanstack/react-router'
import { StatusDot } from '../../ui/status-dot.tsx'
import type { Tone } from '../../ui/tone.ts'
import classes from './overview.module.css'

export interface Stat {
  readonly title: string
  readonly value: string
  /** How it is, in a few words. */
  readonly note: string
  readonly tone: Tone
  readonly link: Pick<LinkProps, 'to' | 'search'>
}

/** The whole agent in four numbers, each a way to what it counts. */
export function StatTiles({ stats }: { stats: readonly Stat[] }) {
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
      {stats.map(({ title, value, note, tone, link }) => (
        <Link key={title} {...link} className={classes['tile'] ?? ''}>
          <Text size="xs" c="dimmed" fw={500}>
            {title}
          </Text>
          <Text fz={26} fw={600} lh={1.2} className="tabular">
            {value}
          </Text>
          <span className={classes['note']}>
            <StatusDot tone={tone} />
            <Text span size="xs" c="dimmed">
              {note}
            </Text>
          </span>
        </Link>
      ))}
    </SimpleGrid>
  )
}
