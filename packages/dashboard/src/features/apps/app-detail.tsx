import { Group, Stack, Tabs, Text } from '@mantine/core'
import type { RemoteApp } from '@porpulsion/contract'
import type { ReactNode } from 'react'
import { useMay } from '../../api/use-may.ts'
import { AppTerminal } from '../terminal/app-terminal.tsx'
import { submittedFacts } from './app-facts.ts'
import { AppAudit } from './app-audit.tsx'
import { AppConfigTab } from './app-config.tsx'
import { AppLogs } from './app-logs.tsx'
import { AppMetricsTab } from './app-metrics.tsx'
import { AppNotice } from './app-notice.tsx'
import { AppOverview } from './app-overview.tsx'
import { AppSpec } from './app-spec.tsx'
import { StatusAge, useFreshness } from './app-state.tsx'
import type { AppTab, AppView } from './app-view.ts'
import { tabOf } from './app-view.ts'
import classes from './apps.module.css'
import { PeerName } from './peer-name.tsx'
import { ReplicaDots } from './replica-dots.tsx'

interface AppDetailProps {
  readonly app: RemoteApp
  readonly view: AppView
}

const titles: Readonly<Record<AppTab, string>> = {
  overview: 'Overview',
  logs: 'Logs',
  terminal: 'Terminal',
  spec: 'Spec',
  config: 'Config',
  metrics: 'Metrics',
  audit: 'Audit',
}

/** All there is to know of an app, below its name. */
export function AppDetail({ app, view }: AppDetailProps) {
  const mayExec = useMay('operator')
  const mayReadAudit = useMay('admin')
  const tabs: readonly AppTab[] = [
    'overview',
    'logs',
    ...(mayExec ? (['terminal'] as const) : []),
    'spec',
    'config',
    'metrics',
    ...(mayReadAudit ? (['audit'] as const) : []),
  ]
  return (
    <Stack gap="md">
      <Facts app={app} />
      <AppNotice app={app} view={view} />
      <Tabs
        value={tabs.includes(view.tab) ? view.tab : 'overview'}
        onChange={(tab) => view.show(tabOf(tab ?? undefined))}
        keepMounted={false}
      >
        <Tabs.List className={classes['tabs'] ?? ''}>
          {tabs.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {titles[tab]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((tab) => (
          <Tabs.Panel key={tab} value={tab} pt="md">
            <TabContent tab={tab} app={app} view={view} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  )
}

function TabContent({ tab, app, view }: AppDetailProps & { readonly tab: AppTab }): ReactNode {
  switch (tab) {
    case 'overview':
      return <AppOverview app={app} view={view} />
    case 'logs':
      return <AppLogs key={view.pod} app={app} pod={view.pod} />
    case 'terminal':
      return <AppTerminal key={view.pod} app={app} pod={view.pod} />
    case 'spec':
      return <AppSpec app={app} />
    case 'config':
      return <AppConfigTab app={app} />
    case 'metrics':
      return <AppMetricsTab app={app} />
    case 'audit':
      return <AppAudit app={app} />
    default:
      return tab satisfies never
  }
}

/** The line below the name. */
function Facts({ app }: { app: RemoteApp }) {
  const { ready, wanted, peer, namespace, image } = submittedFacts(app)
  const isStale = useFreshness(app).kind === 'stale'
  return (
    <Group gap="md" role="status">
      <Group gap={8} maw="100%">
        <ReplicaDots ready={ready} wanted={wanted} isStale={isStale} isNumbered={false} />
        <Text span size="sm" className="tabular">
          {ready} of {wanted} ready at
        </Text>
        <PeerName name={peer} />
      </Group>
      <Text span size="sm" c="dimmed" className="foreign">
        {namespace}
      </Text>
      <Text span size="sm" c="dimmed" className="foreign">
        {image}
      </Text>
      {isStale && <StatusAge app={app} />}
    </Group>
  )
}
