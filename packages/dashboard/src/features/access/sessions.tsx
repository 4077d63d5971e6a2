import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { endpoints, type Session } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys, sessionQuery, sessionsQuery } from '../../api/queries.ts'
import { useChange } from '../../api/use-change.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { DataTable, type Column } from '../../ui/data-table.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { endSessionCommands, endSessionsCommands } from './access-commands.ts'

const columns: readonly Column<Session>[] = [
  {
    id: 'user',
    title: 'User',
    cell: ({ user, current }) => (
      <Group gap="xs" wrap="nowrap">
        <Text size="sm" fw={600} truncate>
          {user}
        </Text>
        {current && (
          <Badge size="sm" variant="default">
            this one
          </Badge>
        )}
      </Group>
    ),
    sortValue: ({ user }) => user,
  },
  {
    id: 'device',
    title: 'Device',
    hideBelow: 'sm',
    cell: ({ userAgent }) => (
      <Text size="sm" truncate>
        {userAgent ?? 'unknown'}
      </Text>
    ),
    sortValue: ({ userAgent }) => userAgent,
  },
  {
    id: 'from',
    title: 'From',
    width: '150px',
    hideBelow: 'md',
    cell: ({ address }) => address ?? 'unknown',
    sortValue: ({ address }) => address,
  },
  {
    id: 'seen',
    title: 'Last seen',
    width: '120px',
    cell: ({ lastUsedAt, createdAt }) => {
      const seen = lastUsedAt ?? createdAt
      return seen !== undefined && <RelativeTime time={seen} />
    },
    sortValue: ({ lastUsedAt }) => lastUsedAt,
  },
  {
    id: 'since',
    title: 'Signed in',
    width: '120px',
    hideBelow: 'lg',
    cell: ({ createdAt }) => createdAt !== undefined && <RelativeTime time={createdAt} />,
    sortValue: ({ createdAt }) => createdAt,
  },
  {
    id: 'ends',
    title: 'Ends',
    width: '110px',
    hideBelow: 'lg',
    cell: ({ expiresAt }) => <RelativeTime time={expiresAt} />,
    sortValue: ({ expiresAt }) => expiresAt,
  },
  {
    id: 'actions',
    title: 'Actions',
    hidesTitle: true,
    width: '96px',
    align: 'right',
    cell: (session) => !session.current && <End session={session} />,
  },
]

/** Where somebody is signed in right now. */
export function Sessions() {
  const sessions = useQuery(sessionsQuery)
  const own = useQuery(sessionQuery).data?.user
  const endOthers = useChange({
    run: () => call(endpoints.endSessions),
    changes: keys.sessions,
    said: (_none, { ended }) => ({
      text: `You are signed out everywhere but here (${ended} ended).`,
    }),
  })
  return (
    <QueryState query={sessions}>
      {({ items }) => (
        <Stack>
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              What you do not know, end; and set a new password.
            </Text>
            <Group gap="xs">
              {own !== undefined && (
                <CommandsButton what="End my sessions" commands={endSessionsCommands(own)} />
              )}
              <Button
                variant="default"
                onClick={() => endOthers.mutate(undefined)}
                loading={endOthers.isPending}
                disabled={!items.some(({ user, current }) => user === own && !current)}
              >
                End my other sessions
              </Button>
            </Group>
          </Group>
          <DataTable
            label="Sessions"
            rows={ownFirst(items)}
            columns={columns}
            rowId={({ id }) => id}
          />
        </Stack>
      )}
    </QueryState>
  )
}

/** Then whoever was seen last. */
const ownFirst = (items: readonly Session[]): readonly Session[] =>
  [...items].sort(
    (a, b) =>
      Number(b.current) - Number(a.current) ||
      (b.lastUsedAt ?? '').localeCompare(a.lastUsedAt ?? ''),
  )

function End({ session: { id, user, userAgent = 'an unknown device' } }: { session: Session }) {
  const end = useChange({
    run: () => call(endpoints.endSession, { params: { id } }),
    changes: keys.sessions,
    said: () => ({ text: `Ended: the session of ${user} with ${userAgent}.` }),
  })
  const what = `End the session of ${user} with ${userAgent}`
  return (
    <Group gap={2} wrap="nowrap" justify="flex-end">
      <CommandsButton isSmall what={what} commands={endSessionCommands(id)} />
      <Button
        variant="subtle"
        color="red"
        size="compact-xs"
        aria-label={what}
        loading={end.isPending}
        onClick={() => end.mutate(undefined)}
      >
        End
      </Button>
    </Group>
  )
}
