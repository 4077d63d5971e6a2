import { Group, Text } from '@mantine/core'
import type { AppEvent } from '@porpulsion/contract'
import { Card } from '../../ui/card.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StatusDot } from '../../ui/status-dot.tsx'
import classes from './apps.module.css'

/** What Kubernetes says of the app's objects, newest first. */
export function EventList({ events }: { events: readonly AppEvent[] }) {
  return (
    <Card title="Events">
      {events.length === 0 && (
        <Text c="dimmed" size="sm">
          Nothing happened lately.
        </Text>
      )}
      <div className={classes['rows']}>
        {events.map((event) => (
          <div key={`${event.object}/${event.reason}/${event.message}`} className={classes['row']}>
            <Group gap={8} justify="space-between" wrap="nowrap">
              <Group gap={8} wrap="nowrap" miw={0}>
                <StatusDot tone={event.type === 'Warning' ? 'warn' : 'idle'} />
                <Text size="sm" fw={500}>
                  {event.reason}
                </Text>
                <Text size="xs" c="dimmed" truncate title={event.object}>
                  {event.object}
                </Text>
              </Group>
              <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                {event.count > 1 && `${event.count} times, `}
                <RelativeTime time={event.lastSeen} />
              </Text>
            </Group>
            <Text size="xs" c="dimmed" className="foreign" pl={16}>
              {event.message}
            </Text>
          </div>
        ))}
      </div>
    </Card>
  )
}
