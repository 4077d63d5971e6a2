import { Button, Group, Text } from '@mantine/core'
import { ReaderIcon } from '@radix-ui/react-icons'
import type { PodSummary } from '@porpulsion/contract'
import { Card } from '../../ui/card.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StateLabel } from '../../ui/state-label.tsx'
import type { Tone } from '../../ui/tone.ts'
import classes from './apps.module.css'

interface PodListProps {
  readonly pods: readonly PodSummary[]
  /** Pods that exist: more than are listed, where there are very many. */
  readonly replicas: number
  readonly isStale?: boolean
  readonly onLogs?: (pod: string) => void
  readonly onTerminal?: (pod: string) => void
}

export function PodList({ pods, replicas, isStale = false, onLogs, onTerminal }: PodListProps) {
  return (
    <Card title="Pods">
      {pods.length === 0 && (
        <Text c="dimmed" size="sm">
          There are no pods.
        </Text>
      )}
      <div className={classes['rows']}>
        {pods.map((pod) => (
          <div key={pod.name} className={classes['row']}>
            <Group justify="space-between" wrap="nowrap" gap="xs">
              <Group gap={4} wrap="nowrap" miw={0}>
                <Text size="sm" fw={500} truncate title={pod.name}>
                  {pod.name}
                </Text>
                <CopyButton value={pod.name} what="the name of the pod" />
              </Group>
              <Group gap={4} wrap="nowrap">
                {onLogs !== undefined && (
                  <Button
                    variant="subtle"
                    color="gray"
                    leftSection={<ReaderIcon />}
                    aria-label={`Logs of ${pod.name}`}
                    onClick={() => onLogs(pod.name)}
                  >
                    Logs
                  </Button>
                )}
                {onTerminal !== undefined && (
                  <Button
                    variant="subtle"
                    color="gray"
                    aria-label={`Terminal in ${pod.name}`}
                    onClick={() => onTerminal(pod.name)}
                  >
                    Terminal
                  </Button>
                )}
              </Group>
            </Group>
            <Group gap="md">
              <StateLabel
                tone={isStale ? 'idle' : podTone(pod)}
                label={pod.ready ? 'Ready' : (pod.reason ?? pod.phase)}
              />
              <Text
                size="xs"
                {...(pod.restarts === 0 && { c: 'dimmed' })}
                fw={pod.restarts > 0 ? 600 : 400}
                className="tabular"
              >
                {pod.restarts === 1 ? '1 restart' : `${pod.restarts} restarts`}
              </Text>
              {pod.startedAt !== undefined && (
                <Text size="xs" c="dimmed">
                  started <RelativeTime time={pod.startedAt} />
                </Text>
              )}
            </Group>
            {pod.message !== undefined && (
              <Text size="xs" c="dimmed" className="foreign" lineClamp={4}>
                {pod.message}
              </Text>
            )}
          </div>
        ))}
      </div>
      {replicas > pods.length && (
        <Text size="xs" c="dimmed">
          and {replicas - pods.length} more
        </Text>
      )}
    </Card>
  )
}

function podTone({ ready, phase, reason }: PodSummary): Tone {
  if (ready) return 'good'
  if (phase === 'Failed' || reason !== undefined) return 'bad'
  return 'busy'
}
