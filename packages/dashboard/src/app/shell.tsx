import {
  Alert,
  AppShell,
  Badge,
  Burger,
  Button,
  Group,
  NavLink,
  Text,
  VisuallyHidden,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { endpoints, isPorpulsionError, type SessionInfo } from '@porpulsion/contract'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { call } from '../api/client.ts'
import { followEvents, type Connection } from '../api/live.ts'
import { approvalsQuery, notificationsQuery, sessionQuery, statusQuery } from '../api/queries.ts'
import { SetPassword } from '../features/access/set-password.tsx'
import { SignIn } from '../features/access/sign-in.tsx'
import { ErrorAlert, QueryState } from '../ui/query-state.tsx'

/** Signed in: the frame around every page. Not signed in: how to. */
export function Shell() {
  const session = useQuery(sessionQuery)
  if (isPorpulsionError(session.error) && session.error.kind === 'Unauthenticated')
    return <SignIn />
  return <QueryState query={session}>{(info) => <Frame session={info} />}</QueryState>
}

const pages = [
  ['/peers', 'Peers'],
  ['/workloads', 'Workloads'],
  ['/deploy', 'Deploy'],
  ['/approvals', 'Approvals'],
  ['/notifications', 'Notifications'],
] as const

function Frame({ session }: { session: SessionInfo }) {
  const [opened, { toggle, close }] = useDisclosure()
  const connection = useEvents()
  const status = useQuery(statusQuery)
  const counts = useCounts()
  const path = useRouterState({ select: (state) => state.location.pathname })

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <Text fw={700}>Porpulsion</Text>
            {status.data !== undefined && (
              <Text c="dimmed">
                {status.data.name} · {status.data.version}
              </Text>
            )}
          </Group>
          <Group wrap="nowrap">
            <SetPassword user={session.user} />
            <SignOut />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        {pages.map(([to, label]) => (
          <NavLink
            key={to}
            label={label}
            renderRoot={(props) => <Link to={to} {...props} />}
            active={path.startsWith(to)}
            onClick={close}
            rightSection={<Count {...counts[to]} />}
          />
        ))}
        <NavLink label="API" href="/api/docs" />
      </AppShell.Navbar>
      <AppShell.Main>
        {/* There before it is filled: screen readers announce what changes in it. */}
        <div role="status">
          {connection === 'lost' && (
            <Alert color="orange" mb="md" role="presentation" title="The agent does not answer">
              What you see may be out of date. The page reconnects by itself.
            </Alert>
          )}
        </div>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  )
}

interface Counted {
  readonly count: number
  readonly what: string
}

/** What somebody should look at, by the page that shows it. */
function useCounts(): Partial<Record<(typeof pages)[number][0], Counted>> {
  const approvals = useQuery(approvalsQuery).data?.items ?? []
  const notifications = useQuery(notificationsQuery).data?.items ?? []
  return {
    '/approvals': {
      count: approvals.filter(({ state }) => state === 'Pending').length,
      what: 'waiting',
    },
    '/notifications': {
      count: notifications.filter((item) => item.acknowledgedAt === undefined).length,
      what: 'unseen',
    },
  }
}

function Count({ count = 0, what }: Partial<Counted>) {
  if (count === 0) return null
  return (
    <Badge circle>
      {count}
      <VisuallyHidden> {what}</VisuallyHidden>
    </Badge>
  )
}

function useEvents(): Connection {
  const client = useQueryClient()
  const [connection, setConnection] = useState<Connection>('connecting')
  useEffect(() => followEvents({ client, onConnection: setConnection }), [client])
  return connection
}

function SignOut() {
  const client = useQueryClient()
  const [error, setError] = useState<Error>()
  const signOut = async (): Promise<void> => {
    try {
      await call(endpoints.logout)
      await client.resetQueries()
    } catch (cause) {
      setError(cause instanceof Error ? cause : new Error(String(cause)))
    }
  }
  return (
    <>
      {error !== undefined && <ErrorAlert error={error} />}
      <Button variant="subtle" size="xs" onClick={() => void signOut()}>
        Sign out
      </Button>
    </>
  )
}
