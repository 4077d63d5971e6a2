import { SimpleGrid, Table, Text } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { AppPorts } from './app-ports.tsx'
import { Card } from '../../ui/card.tsx'

export function AppOverview({ app }: { app: RemoteApp }) {
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      <Conditions app={app} />
      <AppPorts app={app} />
      <Pods app={app} />
      <Events app={app} />
    </SimpleGrid>
  )
}

function Conditions({ app }: { app: RemoteApp }) {
  const conditions = app.status?.conditions ?? []
  return (
    <Card title="Conditions">
      {conditions.length === 0 && <Text>None yet.</Text>}
      <Table>
        <Table.Tbody>
          {conditions.map((condition) => (
            <Table.Tr key={condition.type}>
              <Table.Th scope="row">{condition.type}</Table.Th>
              <Table.Td>{condition.status}</Table.Td>
              <Table.Td>
                <Text size="sm" fw={600}>
                  {condition.reason}
                </Text>
                <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                  {condition.message}
                </Text>
                <Text size="xs" c="dimmed">
                  since <RelativeTime time={condition.lastTransitionTime} />
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  )
}

function Pods({ app }: { app: RemoteApp }) {
  const pods = app.status?.pods ?? []
  return (
    <Card title="Pods">
      {pods.length === 0 && <Text>No pods.</Text>}
      {pods.length > 0 && (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Restarts</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {pods.map((pod) => (
              <Table.Tr key={pod.name}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{pod.name}</Table.Td>
                <Table.Td>
                  {pod.ready ? 'Ready' : (pod.reason ?? pod.phase)}
                  {pod.message !== undefined && (
                    <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
                      {pod.message}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>{pod.restarts}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  )
}

function Events({ app }: { app: RemoteApp }) {
  const events = app.status?.events ?? []
  return (
    <Card title="Events">
      {events.length === 0 && <Text>None.</Text>}
      {events.map((event) => (
        <div key={`${event.object}/${event.reason}/${event.message}`}>
          <Text size="sm" fw={600}>
            {event.reason} · {event.object}
            {event.count > 1 && ` · ${event.count} times`}
          </Text>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {event.message}
          </Text>
          <Text size="xs" c="dimmed">
            <RelativeTime time={event.lastSeen} />
          </Text>
        </div>
      ))}
    </Card>
  )
}
