import { AppShell } from '@mantine/core'
import { useDisclosure, useTimeout } from '@mantine/hooks'
import { isPorpulsionError, type SessionInfo } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react'
import type { Connection, Live } from '../api/live.ts'
import { sessionQuery } from '../api/queries.ts'
import { QueryState } from '../ui/query-state.tsx'
import { ToastArea } from '../ui/toasts.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { Navigation } from './navigation.tsx'
import classes from './shell.module.css'
import { StillFrame } from './still-frame.tsx'
import { TopBar } from './top-bar.tsx'

// Who is signed in never sees it.
const SignIn = lazy(() =>
  import('../features/access/sign-in.tsx').then((module) => ({ default: module.SignIn })),
)

/** Signed in: the frame around every page. Not signed in: how to. */
export function Shell({ live }: { live: Live }) {
  const session = useQuery(sessionQuery)
  if (isPorpulsionError(session.error) && session.error.kind === 'Unauthenticated')
    return (
      <Suspense>
        <SignIn />
      </Suspense>
    )
  return (
    <QueryState query={session} skeleton={<StillFrame />}>
      {(info) => <LiveFrame session={info} live={live} />}
    </QueryState>
  )
}

/** How long the lists wait for the event stream. Without it they come all the same, and once more when it stands. */
const PATIENCE_MS = 1_000

function LiveFrame({ session, live }: { session: SessionInfo; live: Live }) {
  const connection = useSyncExternalStore(live.subscribe, live.connection)
  const [isImpatient, setIsImpatient] = useState(false)
  useTimeout(() => setIsImpatient(true), PATIENCE_MS, { autoInvoke: true })
  useEffect(() => {
    live.open()
    return live.close
  }, [live])
  // What is asked for once the stream stands need not be asked for twice: no change is missed between the two.
  if (connection === 'connecting' && !isImpatient) return <StillFrame />
  return <Frame session={session} connection={connection} />
}

function Frame({ session, connection }: { session: SessionInfo; connection: Connection }) {
  const [opened, { toggle, close }] = useDisclosure()
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
