import { Text } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import { phaseLabel, phaseTones } from '../../ui/phase-badge.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StateLabel } from '../../ui/state-label.tsx'
import { submittedFacts } from './app-facts.ts'
import classes from './apps.module.css'
import { freshnessOf, type Freshness } from './freshness.ts'
import { useLink } from './use-link.ts'

const underWay = ['Deleting', 'Running', 'Pending']

/** What is known of an app, and whether that is how it is now. */
export function useFreshness(app: RemoteApp): Freshness {
  return freshnessOf(app, useLink(app.spec.targetPeer))
}

/** The phase in a word; never green, and never breathing, when it is how things were. */
export function AppState({ app }: { app: RemoteApp }) {
  const isStale = useFreshness(app).kind === 'stale'
  const { phase } = submittedFacts(app)
  return (
    <StateLabel
      tone={isStale && phase !== 'Rejected' ? 'idle' : phaseTones[phase]}
      label={phaseLabel(phase)}
      pulses={!isStale && underWay.includes(phase)}
      why={app.status?.message === '' ? undefined : app.status?.message}
    />
  )
}

/** The phase with its reason below, in the height of a row. */
export function AppStateCell({ app }: { app: RemoteApp }) {
  const { status } = app
  const says = status?.phase === 'Ready' ? undefined : status?.message
  return (
    <>
      <AppState app={app} />
      {says !== undefined && says !== '' && (
        <Text span size="xs" c="dimmed" className={classes['oneLine'] ?? ''}>
          {says}
        </Text>
      )}
    </>
  )
}

/** "now", or "14 min ago, link down". */
export function StatusAge({ app }: { app: RemoteApp }) {
  const freshness = useFreshness(app)
  if (freshness.kind === 'current')
    return (
      <Text span size="sm" c="dimmed">
        {app.status?.observedAt === undefined ? 'not reported yet' : 'now'}
      </Text>
    )
  const { asOf, why } = freshness
  return (
    <Text span size="sm" style={{ color: 'var(--tone-warn)' }}>
      {asOf === undefined ? (
        'never seen'
      ) : (
        <>
          as of <RelativeTime time={asOf} />
        </>
      )}
      , {why}
    </Text>
  )
}
