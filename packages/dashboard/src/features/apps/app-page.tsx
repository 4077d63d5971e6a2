import { Anchor, Group, Tabs, Text } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { remoteAppOf, remoteAppsQuery } from '../../api/queries.ts'
import { Page } from '../../ui/page.tsx'
import { PhaseBadge } from '../../ui/phase-badge.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { AppActions } from './app-actions.tsx'
import { AppLogs } from './app-logs.tsx'
import { AppOverview } from './app-overview.tsx'
import { AppSpecView } from './app-spec-view.tsx'

export function AppPage() {
  const { namespace, name } = useParams({ from: '/workloads/$namespace/$name' })
  const apps = useQuery(remoteAppsQuery)
  return (
    <QueryState query={apps}>
      {(list) => {
        const app = remoteAppOf(namespace, name)(list)
        return app === undefined ? (
          <Page title={name}>
            <Text>
              There is no app {name} in {namespace}. It may have been deleted.
            </Text>
            <Text>
              <Anchor renderRoot={(props) => <Link to="/workloads" {...props} />}>
                All workloads
              </Anchor>
            </Text>
          </Page>
        ) : (
          <AppDetail app={app} />
        )
      }}
    </QueryState>
  )
}

function AppDetail({ app }: { app: RemoteApp }) {
  return (
    <Page title={app.metadata.name} actions={<AppActions app={app} />}>
      <Group gap="sm" role="status">
        <PhaseBadge {...(app.status !== undefined && { phase: app.status.phase })} />
        <Text>
          {app.status?.readyReplicas ?? 0} of {app.spec.replicas ?? 1} ready at{' '}
          {app.spec.targetPeer}
        </Text>
      </Group>
      {app.status?.message !== undefined && app.status.phase !== 'Ready' && (
        <Text style={{ overflowWrap: 'anywhere' }}>{app.status.message}</Text>
      )}
      <Tabs defaultValue="overview" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="logs">Logs</Tabs.Tab>
          <Tabs.Tab value="spec">Spec</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview" pt="md">
          <AppOverview app={app} />
        </Tabs.Panel>
        <Tabs.Panel value="logs" pt="md">
          <AppLogs app={app} />
        </Tabs.Panel>
        <Tabs.Panel value="spec" pt="md">
          <AppSpecView app={app} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
