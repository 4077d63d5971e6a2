import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core'
import { endpoints, type Notification } from '@porpulsion/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys, notificationsQuery } from '../../api/queries.ts'
import { Page } from '../../ui/page.tsx'
import { ErrorAlert, QueryState } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'

export function NotificationsPage() {
  const notifications = useQuery(notificationsQuery)
  return (
    <Page title="Notifications">
      <QueryState query={notifications}>
        {({ items }) =>
          items.length === 0 ? (
            <Text py="xl">Nothing needs attention.</Text>
          ) : (
            <Stack component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
              {items.map((item) => (
                <li key={item.id}>
                  <NotificationCard notification={item} />
                </li>
              ))}
            </Stack>
          )
        }
      </QueryState>
    </Page>
  )
}

const colors = { info: 'blue.8', warning: 'orange.9', error: 'red.9' } as const

function NotificationCard({ notification }: { notification: Notification }) {
  const client = useQueryClient()
  const acknowledge = useMutation({
    mutationFn: () => call(endpoints.acknowledgeNotification, { params: { id: notification.id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.notifications }),
  })
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Stack gap={4}>
          <Group gap="xs">
            <Badge color={colors[notification.severity]} tt="none">
              {notification.reason}
            </Badge>
            {notification.about !== undefined && (
              <Text fw={600}>
                {notification.about.kind} {notification.about.name}
              </Text>
            )}
            <Text size="sm" c="dimmed">
              <RelativeTime time={notification.time} />
              {notification.count > 1 && ` · ${notification.count} times`}
            </Text>
          </Group>
          <Text style={{ overflowWrap: 'anywhere' }}>{notification.message}</Text>
          {acknowledge.error !== null && <ErrorAlert error={acknowledge.error} />}
        </Stack>
        {notification.acknowledgedAt === undefined && (
          <Button
            size="xs"
            variant="light"
            onClick={() => acknowledge.mutate()}
            loading={acknowledge.isPending}
          >
            Seen
          </Button>
        )}
      </Group>
    </Paper>
  )
}
