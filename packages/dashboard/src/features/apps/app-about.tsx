import { Badge, Group, Text } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import { Card } from '../../ui/card.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { Facts, type Fact } from './facts.tsx'

/** What does not change by itself. */
export function AppAbout({ app }: { app: RemoteApp }) {
  const { metadata, spec, status } = app
  const labels = Object.entries({ ...metadata.labels, ...spec.labels })
  const facts: readonly Fact[] = [
    {
      name: 'Image',
      value: (
        <Group gap={4} wrap="nowrap">
          <Text span size="sm" className="foreign">
            {spec.image}
          </Text>
          <CopyButton value={spec.image} what="the image" />
        </Group>
      ),
    },
    { name: 'Namespace', value: metadata.namespace },
    {
      name: 'Created',
      value: metadata.creationTimestamp && <RelativeTime time={metadata.creationTimestamp} />,
    },
    {
      name: 'Last news',
      value: status?.observedAt && <RelativeTime time={status.observedAt} />,
    },
    {
      name: 'Ready at first',
      value: status?.firstReadyTime && <RelativeTime time={status.firstReadyTime} />,
    },
    { name: 'Service there', value: status?.serviceName },
    { name: 'CPU and memory', value: resourcesOf(app) },
    {
      name: 'Labels',
      value: labels.length > 0 && (
        <Group gap={4}>
          {labels.map(([key, value]) => (
            <Badge key={key} variant="light" color="gray" c="inherit" maw="100%">
              {key}={value}
            </Badge>
          ))}
        </Group>
      ),
    },
  ]
  return (
    <Card title="About">
      <Facts facts={facts} />
    </Card>
  )
}

function resourcesOf({ spec: { resources } }: RemoteApp): string | undefined {
  const { requests = {}, limits = {} } = resources ?? {}
  const names = new Set([...Object.keys(requests), ...Object.keys(limits)])
  const said = [...names].map((name) => {
    const [least, most] = [requests[name], limits[name]]
    if (least === undefined) return `${name} at most ${most ?? ''}`
    if (most === undefined || most === least) return `${name} ${least}`
    return `${name} ${least} to ${most}`
  })
  return said.length === 0 ? undefined : said.join(', ')
}
