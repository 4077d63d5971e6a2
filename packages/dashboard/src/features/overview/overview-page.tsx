import { Anchor, Button, Skeleton, Stack, Text } from '@mantine/core'
import { RocketIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { recentAuditQuery } from '../../api/peer-queries.ts'
import {
  approvalsQuery,
  executingAppsQuery,
  notificationsQuery,
  peersQuery,
  remoteAppsQuery,
  statusQuery,
  violationsQuery,
} from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { useUsage } from '../../api/use-usage.ts'
import { Card } from '../../ui/card.tsx'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { ActivityList } from '../activity/activity-list.tsx'
import { activityOf } from '../activity/activity.ts'
import { ConfirmPeer } from '../peers/confirm-peer.tsx'
import { UsedTotals } from '../peers/usage-card.tsx'
import { usePeerRows } from '../peers/use-peer-rows.ts'
import { AppsByState } from './apps-by-state.tsx'
import { AttentionList } from './attention-list.tsx'
import { attentionOf } from './attention.ts'
import { FirstRun } from './first-run.tsx'
import { nextStep } from './first-steps.ts'
import classes from './overview.module.css'
import { StatTiles } from './stat-tiles.tsx'
import { statsOf } from './stats.ts'
import { Topology } from './topology.tsx'

const nothing: readonly never[] = []

/** What is where, how it is, and what to do next. */
export function OverviewPage() {
  const peers = useQuery(peersQuery)
  const remoteApps = useQuery(remoteAppsQuery)
  const executingApps = useQuery(executingAppsQuery)
  const mayDeploy = useMay('operator')
  return (
    <Page
      title="Overview"
      actions={
        mayDeploy &&
        (peers.data?.items.length ?? 0) > 0 && (
          <Button
            leftSection={<RocketIcon />}
            renderRoot={(props) => <Link to="/deploy" {...props} />}
          >
            Deploy an app
          </Button>
        )
      }
    >
      {/* The three together say whether this is a first run: one alone would show the guide for a moment. */}
      <QueryState query={peers} skeleton={<OverviewSkeleton />}>
        {() => (
          <QueryState query={remoteApps} skeleton={<OverviewSkeleton />}>
            {() => (
              <QueryState query={executingApps} skeleton={<OverviewSkeleton />}>
                {() => <Overview />}
              </QueryState>
            )}
          </QueryState>
        )}
      </QueryState>
    </Page>
  )
}

function Overview() {
  const self = useQuery(statusQuery).data
  const rows = usePeerRows()
  const peers = useMemo(() => rows.map(({ peer }) => peer), [rows])
  const remoteApps = useQuery(remoteAppsQuery).data?.items ?? nothing
  const executingApps = useQuery(executingAppsQuery).data?.items ?? nothing
  const approvals = useQuery(approvalsQuery).data?.items ?? nothing
  const violations = useQuery(violationsQuery).data?.items ?? nothing
  const notifications = useQuery(notificationsQuery).data?.items ?? nothing
  const attention = useMemo(
    () => attentionOf({ peers, remoteApps, approvals, violations, notifications }),
    [peers, remoteApps, approvals, violations, notifications],
  )
  const stats = useMemo(
    () => statsOf({ peers, remoteApps, executingApps, approvals }),
    [peers, remoteApps, executingApps, approvals],
  )
  const [confirmed, setConfirmed] = useState<string>()
  const confirming = peers.find(({ metadata }) => metadata.name === confirmed)
  const step = nextStep(peers, { there: remoteApps.length, here: executingApps.length })
  return (
    <>
      {step !== undefined && <FirstRun step={step} rows={rows} onConfirm={setConfirmed} />}
      {rows.length > 0 && (
        <>
          {step === undefined && <StatTiles stats={stats} />}
          <Topology self={self} rows={rows} />
        </>
      )}
      {(rows.length > 0 || attention.length > 0) && (
        <div className={classes['columns']}>
          <Stack>
            <AttentionList attention={attention} onConfirm={setConfirmed} />
            <RecentActivity />
          </Stack>
          <Stack>
            <AppsByState there={remoteApps} here={executingApps} />
            <UsageOfAll />
          </Stack>
        </div>
      )}
      {confirming !== undefined && (
        <ConfirmPeer peer={confirming} onClose={() => setConfirmed(undefined)} />
      )}
    </>
  )
}

function UsageOfAll() {
  const usage = useUsage()
  return (
    <Card
      title="Used here by peers"
      actions={
        <Anchor
          size="sm"
          renderRoot={(props) => <Link to="/settings" search={{ section: 'totals' }} {...props} />}
        >
          Limits
        </Anchor>
      }
    >
      <QueryState query={usage} skeleton={<Skeleton h={200} />}>
        {({ all }) => <UsedTotals totals={all} />}
      </QueryState>
    </Card>
  )
}

const SHOWN_ACTIVITY = 10

function RecentActivity() {
  const maySeeAudit = useMay('admin')
  const audit = useQuery({ ...recentAuditQuery, enabled: maySeeAudit }).data?.items ?? nothing
  const notifications = useQuery(notificationsQuery).data?.items ?? nothing
  const activity = useMemo(
    () => activityOf({ audit, notifications, limit: SHOWN_ACTIVITY }),
    [audit, notifications],
  )
  return (
    <Card
      title="Recent activity"
      actions={
        maySeeAudit && (
          <Anchor size="sm" renderRoot={(props) => <Link to="/audit" {...props} />}>
            Audit
          </Anchor>
        )
      }
    >
      {activity.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing yet.
        </Text>
      ) : (
        <ActivityList activity={activity} />
      )}
    </Card>
  )
}

function OverviewSkeleton() {
  return (
    <Stack>
      <Skeleton h={92} />
      <Skeleton h={300} />
      <Skeleton h={240} />
    </Stack>
  )
}
