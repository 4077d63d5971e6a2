import { Code, Group, Text, Timeline } from '@mantine/core'
import { AppConditionType, type Condition } from '@porpulsion/contract'
import { Card } from '../../ui/card.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StatusDot } from '../../ui/status-dot.tsx'
import classes from './apps.module.css'
import { conditionTone } from './condition-tone.ts'

interface ConditionTimelineProps {
  readonly conditions: readonly Condition[]
  readonly peer: string
  readonly isStale: boolean
}

const order: readonly string[] = Object.values(AppConditionType)

/** The way an app goes, with what holds it up where it is held up. */
export function ConditionTimeline({ conditions, peer, isStale }: ConditionTimelineProps) {
  const sorted = [...conditions].sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type))
  return (
    <Card title="How it went">
      {sorted.length === 0 && (
        <Text c="dimmed" size="sm">
          Nothing is known yet: it is on its way to {peer}.
        </Text>
      )}
      <Timeline
        className={classes['timeline'] ?? ''}
        bulletSize={20}
        lineWidth={2}
        color="gray"
        active={-1}
      >
        {sorted.map((condition) => (
          <Timeline.Item
            className={classes['timelineItem'] ?? ''}
            key={condition.type}
            bullet={<StatusDot tone={conditionTone(condition, isStale)} />}
            title={
              <Group gap={8}>
                <Text span size="sm" fw={600}>
                  {condition.type}
                </Text>
                <Text span size="xs" c="dimmed">
                  {answers[condition.status]}
                </Text>
                <Code>{condition.reason}</Code>
              </Group>
            }
          >
            <Text size="sm" className="foreign">
              {condition.message}
            </Text>
            <Text size="xs" c="dimmed">
              since <RelativeTime time={condition.lastTransitionTime} />
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Card>
  )
}

const answers = { True: 'yes', False: 'no', Unknown: 'not known' } as const
