import { Button, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import { endpoints, type RemoteApp } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { appId } from './app-id.ts'

export function AppOverview({ app }: { app: RemoteApp }) {
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      <Conditions app={app} />
      <Ports app={app} />
      <Pods app={app} />
      <Events app={app} />
    </SimpleGrid>
  )
}

function Card({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Paper withBorder p="md" component="section">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
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
              </Table.Td>
              <Table.Td>
                <RelativeTime time={condition.lastTransitionTime} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  )
}

function Ports({ app }: { app: RemoteApp }) {
  const ports = (app.spec.ports ?? []).filter((port) => port.protocol !== 'UDP')
  const open = useMutation({
    mutationFn: (port: number) =>
      call(endpoints.createAppUrl, { params: { id: appId(app) }, body: { port } }),
    onSuccess: ({ url }) => {
      window.open(url, '_blank', 'noopener,noreferrer')
    },
  })
  return (
    <Card title="Ports">
      {ports.length === 0 && <Text>The app has no TCP ports.</Text>}
      {ports.map((port) => (
        <Group key={port.port} justify="space-between">
          <Text>
            {port.port}
            {port.name !== undefined && ` (${port.name})`}
          </Text>
          <Button
            size="xs"
            variant="light"
            onClick={() => open.mutate(port.port)}
            loading={open.isPending}
          >
            Open port {port.port}
          </Button>
        </Group>
      ))}
      {open.error !== null && <ErrorAlert error={open.error} />}
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
