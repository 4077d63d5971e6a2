import { Group, Text } from '@mantine/core'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StatusDot } from '../../ui/status-dot.tsx'
import classes from './activity.module.css'
import type { Activity } from './activity.ts'

export function ActivityList({ activity }: { activity: readonly Activity[] }) {
  return (
    <ol className={classes['list']}>
      {activity.map(({ id, time, tone, title, text }) => (
        <li key={id}>
          <Group gap="sm" wrap="nowrap" align="baseline">
            <StatusDot tone={tone} />
            <div className={classes['what']}>
              <Text span size="sm" fw={500} className="foreign">
                {title}
              </Text>{' '}
              <Text span size="sm" c="dimmed" className="foreign">
                {text}
              </Text>
            </div>
            <Text size="xs" c="dimmed" className={classes['when'] ?? ''}>
              <RelativeTime time={time} />
            </Text>
          </Group>
        </li>
      ))}
    </ol>
  )
}
