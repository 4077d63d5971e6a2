import { Text } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import type { Column } from '../../ui/data-table.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { submittedFacts } from './app-facts.ts'
import { AppLink } from './app-link.tsx'
import { AppStateCell, StatusAge, useFreshness } from './app-state.tsx'
import classes from './apps.module.css'
import { urgencyOf } from './filter-apps.ts'
import { PeerName } from './peer-name.tsx'
import { ReplicaDots } from './replica-dots.tsx'

/** Of the list of apps that we run at peers. */
export const submittedColumns: readonly Column<RemoteApp>[] = [
  {
    id: 'name',
    title: 'Name',
    cell: (app) => (
      <>
        <AppLink namespace={app.metadata.namespace ?? ''} name={app.metadata.name} />
        <Text span size="xs" c="dimmed" className={classes['oneLine'] ?? ''} title={app.spec.image}>
          {app.spec.image}
        </Text>
      </>
    ),
    sortValue: (app) => app.metadata.name,
  },
  {
    id: 'phase',
    title: 'Phase',
    width: '26%',
    cell: (app) => <AppStateCell app={app} />,
    sortValue: (app) => urgencyOf(submittedFacts(app).phase),
  },
  {
    id: 'replicas',
    title: 'Replicas',
    width: '132px',
    hideBelow: 'sm',
    cell: (app) => <Replicas app={app} />,
    sortValue: (app) => app.spec.replicas ?? 1,
  },
  {
    id: 'peer',
    title: 'Peer',
    width: '14%',
    hideBelow: 'sm',
    cell: (app) => <PeerName name={app.spec.targetPeer} />,
    sortValue: (app) => app.spec.targetPeer,
  },
  {
    id: 'status',
    title: 'Status',
    width: '188px',
    hideBelow: 'md',
    cell: (app) => <StatusAge app={app} />,
    sortValue: (app) => timeOf(app.status?.observedAt),
  },
  {
    id: 'created',
    title: 'Created',
    width: '112px',
    hideBelow: 'lg',
    cell: (app) => <Created time={app.metadata.creationTimestamp} />,
    sortValue: (app) => timeOf(app.metadata.creationTimestamp),
  },
]

function Replicas({ app }: { app: RemoteApp }) {
  const isStale = useFreshness(app).kind === 'stale'
  const { ready, wanted } = submittedFacts(app)
  return <ReplicaDots ready={ready} wanted={wanted} isStale={isStale} />
}

export function Created({ time }: { time: string | undefined }) {
  return (
    <Text span size="sm" c="dimmed">
      {time === undefined ? '–' : <RelativeTime time={time} />}
    </Text>
  )
}

export const timeOf = (time: string | undefined): number | undefined =>
  time === undefined ? undefined : Date.parse(time)
