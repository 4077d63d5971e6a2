import { Code, Group, Text } from '@mantine/core'
import type { ExecutingApp } from '@porpulsion/contract'
import { Card } from '../../ui/card.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import classes from '../apps/apps.module.css'
import { ConditionTimeline } from '../apps/condition-timeline.tsx'
import { EventList } from '../apps/event-list.tsx'
import { Facts, type Fact } from '../apps/facts.tsx'
import { PodList } from '../apps/pod-list.tsx'
import { kubectlLines } from './kubectl-lines.ts'

interface HostedOverviewProps {
  readonly app: ExecutingApp
  readonly onLogs?: (pod: string) => void
}

export function HostedOverview({ app, onLogs }: HostedOverviewProps) {
  const { conditions = [], pods = [], events = [], replicas = 0 } = app.status ?? {}
  return (
    <div className={classes['grid']}>
      <div className={classes['column']}>
        <Submitter app={app} />
        <Kubectl app={app} />
        <ConditionTimeline conditions={conditions} peer="this cluster" isStale={false} />
      </div>
      <div className={classes['column']}>
        <PodList pods={pods} replicas={replicas} {...(onLogs !== undefined && { onLogs })} />
        <EventList events={events} />
      </div>
    </div>
  )
}

/** Who asked for it, and under which rules it was let in. */
function Submitter({ app: { metadata, spec, status } }: { app: ExecutingApp }) {
  const { submitter, approval } = spec
  const facts: readonly Fact[] = [
    { name: 'Submitted by', value: spec.peer.name },
    { name: 'There it is', value: `${submitter.namespace}/${submitter.name}` },
    { name: 'Generation', value: submitter.generation },
    {
      name: 'Came',
      value: metadata.creationTimestamp && <RelativeTime time={metadata.creationTimestamp} />,
    },
    {
      name: 'Approved',
      value: approval && (
        <>
          by {approval.by}, <RelativeTime time={approval.at} />
          {approval.note !== undefined && `: ${approval.note}`}
        </>
      ),
    },
    { name: 'Rules', value: <>revision {spec.policyRevision}</> },
    { name: 'Namespace here', value: metadata.namespace },
    { name: 'Deployment', value: status?.resourceName },
    { name: 'Service', value: status?.serviceName },
  ]
  return (
    <Card title="Whose it is">
      <Facts facts={facts} />
    </Card>
  )
}

/** Its objects by name, for whoever looks at them with other tools. */
function Kubectl({ app }: { app: ExecutingApp }) {
  return (
    <Card title="In Kubernetes">
      <div className={classes['rows']}>
        {kubectlLines(app).map(({ what, command }) => (
          <div key={what} className={classes['row']}>
            <Text size="xs" c="dimmed">
              {what}
            </Text>
            <Group gap={4} wrap="nowrap" align="flex-start">
              <Code flex={1} style={{ overflowWrap: 'anywhere' }}>
                {command}
              </Code>
              <CopyButton value={command} what="the command" />
            </Group>
          </div>
        ))}
      </div>
    </Card>
  )
}
