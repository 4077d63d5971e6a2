import { Button, Group, Tabs, Text } from '@mantine/core'
import { HomeIcon } from '@radix-ui/react-icons'
import type { ExecutingApp } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { executingAppsQuery } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { phaseLabel, phaseTones } from '../../ui/phase-badge.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { StateLabel } from '../../ui/state-label.tsx'
import { hostedFacts } from '../apps/app-facts.ts'
import { AppSkeleton } from '../apps/app-skeleton.tsx'
import classes from '../apps/apps.module.css'
import { PeerName } from '../apps/peer-name.tsx'
import { ReplicaDots } from '../apps/replica-dots.tsx'
import { UsageCharts } from '../apps/usage-charts.tsx'
import { LogViewer } from '../logs/log-viewer.tsx'
import { HostedNotices } from './hosted-notices.tsx'
import { HostedOverview } from './hosted-overview.tsx'

const route = getRouteApi('/hosted/$namespace/$name')
const workloads = { to: '/workloads', title: 'Workloads' }

const tabs = ['overview', 'logs', 'metrics'] as const
type Tab = (typeof tabs)[number]
const titles = { overview: 'Overview', logs: 'Logs', metrics: 'Metrics' } as const

/** An app that runs here for a peer, as the owner of this cluster sees it. */
export function HostedAppPage() {
  const { namespace, name } = route.useParams()
  const apps = useQuery(executingAppsQuery)
  return (
    <QueryState query={apps} skeleton={<AppSkeleton />}>
      {({ items }) => {
        const app = items.find(
          ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
        )
        return app === undefined ? <NoSuchApp name={name} /> : <HostedApp app={app} />
      }}
    </QueryState>
  )
}

function NoSuchApp({ name }: { name: string }) {
  return (
    <Page title={name} parent={workloads}>
      <EmptyState
        icon={<HomeIcon width={28} height={28} />}
        title={`No app ${name} runs here`}
        actions={
          <Button
            renderRoot={(props) => (
              <Link to="/workloads" search={{ view: 'executing' }} {...props} />
            )}
          >
            What runs here
          </Button>
        }
      >
        Its submitter may have deleted it.
      </EmptyState>
    </Page>
  )
}

function HostedApp({ app }: { app: ExecutingApp }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const mayReadLogs = useMay('operator')
  const { name, phase, ready, wanted, peer, namespace, image } = hostedFacts(app)
  const offered = tabs.filter((tab) => tab !== 'logs' || mayReadLogs)
  const tab = offered.find((one) => one === search.tab) ?? 'overview'
  const show = (next: Tab, pod?: string): void =>
    void navigate({
      search: { ...(next !== 'overview' && { tab: next }), ...(pod !== undefined && { pod }) },
      replace: true,
      resetScroll: false,
    })
  return (
    <Page
      title={name}
      parent={workloads}
      state={
        <StateLabel tone={phaseTones[phase]} label={phaseLabel(phase)} why={app.status?.message} />
      }
    >
      <Group gap="md" role="status">
        <Group gap={8} maw="100%">
          <ReplicaDots ready={ready} wanted={wanted} isNumbered={false} />
          <Text span size="sm" className="tabular">
            {ready} of {wanted} ready here, for
          </Text>
          <PeerName name={peer} />
        </Group>
        <Text span size="sm" c="dimmed" className="foreign">
          {namespace}
        </Text>
        <Text span size="sm" c="dimmed" className="foreign">
          {image}
        </Text>
      </Group>
      <HostedNotices app={app} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) => show(tabs.find((one) => one === next) ?? 'overview')}
      >
        <Tabs.List className={classes['tabs'] ?? ''}>
          {offered.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {titles[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {offered.map((one) => (
          <Tabs.Panel key={one} value={one} pt="md">
            <TabContent
              tab={one}
              app={app}
              pod={search.pod}
              {...(mayReadLogs && { onLogs: (pod: string) => show('logs', pod) })}
            />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  )
}

interface TabContentProps {
  readonly tab: Tab
  readonly app: ExecutingApp
  readonly pod: string | undefined
  readonly onLogs?: (pod: string) => void
}

function TabContent({ tab, app, pod, onLogs }: TabContentProps): ReactNode {
  const { metadata, spec, status } = app
  const id = metadata.uid ?? `${metadata.namespace ?? ''},${metadata.name}`
  switch (tab) {
    case 'overview':
      return <HostedOverview app={app} {...(onLogs !== undefined && { onLogs })} />
    case 'logs':
      return (
        <LogViewer
          key={pod}
          source={{ kind: 'ExecutingApp', id }}
          name={spec.submitter.name}
          pods={(status?.pods ?? []).map((one) => one.name)}
          pod={pod}
        />
      )
    case 'metrics':
      return <UsageCharts source={{ kind: 'ExecutingApp', id }} />
    default:
      return tab satisfies never
  }
}
