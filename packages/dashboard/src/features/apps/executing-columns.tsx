import { Anchor, Text } from '@mantine/core'
import type { ExecutingApp } from '@porpulsion/contract'
import { Link } from '@tanstack/react-router'
import type { Column } from '../../ui/data-table.tsx'
import { phaseLabel, phaseTones } from '../../ui/phase-badge.tsx'
import { StateLabel } from '../../ui/state-label.tsx'
import { hostedFacts } from './app-facts.ts'
import classes from './apps.module.css'
import { urgencyOf } from './filter-apps.ts'
import { PeerName } from './peer-name.tsx'
import { ReplicaDots } from './replica-dots.tsx'
import { Created, timeOf } from './submitted-columns.tsx'

/** Of the list of apps that run here for peers. */
export const executingColumns: readonly Column<ExecutingApp>[] = [
  {
    id: 'name',
    title: 'Name',
    cell: (app) => <Name app={app} />,
    sortValue: (app) => app.spec.submitter.name,
  },
  {
    id: 'phase',
    title: 'Phase',
    width: '26%',
    cell: (app) => <HostedState app={app} />,
    sortValue: (app) => urgencyOf(hostedFacts(app).phase),
  },
  {
    id: 'replicas',
    title: 'Replicas',
    width: '132px',
    hideBelow: 'sm',
    cell: (app) => {
      const { ready, wanted } = hostedFacts(app)
      return <ReplicaDots ready={ready} wanted={wanted} />
    },
    sortValue: (app) => app.spec.app.replicas ?? 1,
  },
  {
    id: 'peer',
    title: 'Peer',
    width: '14%',
    hideBelow: 'sm',
    cell: (app) => <PeerName name={app.spec.peer.name} />,
    sortValue: (app) => app.spec.peer.name,
  },
  {
    id: 'namespace',
    title: 'Namespace there',
    width: '188px',
    hideBelow: 'md',
    cell: (app) => (
      <Text span size="sm" c="dimmed" className={classes['oneLine'] ?? ''}>
        {app.spec.submitter.namespace}
      </Text>
    ),
    sortValue: (app) => app.spec.submitter.namespace,
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

function Name({ app: { metadata, spec } }: { app: ExecutingApp }) {
  return (
    <>
      <Anchor
        fw={600}
        c="inherit"
        size="sm"
        className={classes['oneLine'] ?? ''}
        title={spec.submitter.name}
        renderRoot={(props) => (
          <Link
            to="/hosted/$namespace/$name"
            params={{ namespace: metadata.namespace ?? '', name: metadata.name }}
            {...props}
          />
        )}
      >
        {spec.submitter.name}
      </Anchor>
      <Text span size="xs" c="dimmed" className={classes['oneLine'] ?? ''} title={spec.app.image}>
        {spec.app.image}
      </Text>
    </>
  )
}

function HostedState({ app }: { app: ExecutingApp }) {
  const { phase } = hostedFacts(app)
  const says = heldWords(app) ?? (phase === 'Ready' ? undefined : app.status?.message)
  return (
    <>
      <StateLabel tone={phaseTones[phase]} label={phaseLabel(phase)} why={app.status?.message} />
      {says !== undefined && says !== '' && (
        <Text span size="xs" c="dimmed" className={classes['oneLine'] ?? ''}>
          {says}
        </Text>
      )}
    </>
  )
}

/** What the owner has to decide, or decided. */
function heldWords({ spec: { hold, update } }: ExecutingApp): string | undefined {
  if (update?.hold.state === 'Pending') return 'A change waits for approval'
  if (hold?.state === 'Pending') return 'Waits for approval'
  if (hold?.state === 'Stopped')
    return `Stopped${hold.reason === undefined ? '' : `: ${hold.reason}`}`
  return undefined
}
