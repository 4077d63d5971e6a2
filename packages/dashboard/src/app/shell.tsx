import { AppShell } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { isPorpulsionError, type SessionInfo } from '@porpulsion/contract'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { followEvents, type Connection } from '../api/live.ts'
import { sessionQuery } from '../api/queries.ts'
import { QueryState } from '../ui/query-state.tsx'
import { ToastArea } from '../ui/toasts.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { Navigation } from './navigation.tsx'
import classes from './shell.module.css'
import { TopBar } from './top-bar.tsx'

// Who is signed in never sees it.
const SignIn = lazy(() =>
  import('../features/access/sign-in.tsx').then((module) => ({ default: module.SignIn })),
)

/** Signed in: the frame around every page. Not signed in: how to. */
export function Shell() {
  const session = useQuery(sessionQuery)
  if (isPorpulsionError(session.error) && session.error.kind === 'Unauthenticated')
    return (
      <Suspense>
        <SignIn />
      </Suspense>
    )
  return (
    <QueryState query={session} skeleton={<div />}>
      {(info) => <Frame session={info} />}
    </QueryState>
  )
}

function Frame({ session }: { session: SessionInfo }) {
  const [opened, { toggle, close }] = useDisclosure()
  const connection = useEvents()
  return (
    <ToastArea>
      <a className={classes['skip']} href="#content">
        Skip to the page
      </a>
      <AppShell
        header={{ height: 52 }}
        navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !opened } }}
        padding={{ base: 'sm', sm: 'lg' }}
      >
        <AppShell.Header className={classes['header']}>
          <TopBar session={session} isMenuOpen={opened} onMenu={toggle} />
        </AppShell.Header>
        <AppShell.Navbar className={classes['navbar']} p="xs" aria-label="Pages">
          <Navigation onNavigate={close} />
        </AppShell.Navbar>
        <AppShell.Main id="content">
          <ConnectionBanner connection={connection} />
          <Outlet />
        </AppShell.Main>
      </AppShell>
    </ToastArea>
  )
}

function useEvents(): Connection {
  const client = useQueryClient()
  const [connection, setConnection] = useState<Connection>('connecting')
  useEffect(() => followEvents({ client, onConnection: setConnection }), [client])
  return connection
}
