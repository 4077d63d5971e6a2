import { Badge, Button, Skeleton, Stack, Tabs } from '@mantine/core'
import { CubeIcon, HomeIcon, PlusIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { executingAppsQuery, peersQuery, remoteAppsQuery } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { hostedFacts } from './app-facts.ts'
import { AppList } from './app-list.tsx'
import { executingColumns } from './executing-columns.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { SubmittedApps } from './submitted-apps.tsx'
import { useListSearch } from './use-list-search.ts'

const AppDrawer = lazy(() =>
  import('./app-drawer.tsx').then(({ AppDrawer }) => ({ default: AppDrawer })),
)

/** Both sides: what we run at peers, and what runs here for them. */
export function WorkloadsPage() {
  const { search, change } = useListSearch()
  const view = search.view ?? 'submitted'
  const submitted = useQuery(remoteAppsQuery).data?.items.length
  const executing = useQuery(executingAppsQuery).data?.items.length
  const mayDeploy = useMay('operator')
  const navigate = useNavigate()
  return (
    <Page
      title="Workloads"
      actions={
        <>
          <Shortcuts
            shortcuts={[
              { keys: '/', what: 'Search apps' },
              { keys: '↑ ↓', what: 'From app to app, once one has the focus' },
              { keys: 'Enter', what: 'Open the app that has the focus' },
              { keys: 'Esc', what: 'Close the app beside the list' },
              ...(mayDeploy ? [{ keys: 'c', what: 'Deploy an app' }] : []),
            ]}
            hotkeys={mayDeploy ? [['c', () => void navigate({ to: '/deploy' })]] : []}
          />
          {mayDeploy && <DeployButton />}
        </>
      }
    >
      <Tabs
        value={view}
        keepMounted={false}
        onChange={(next) => change({ view: next === 'executing' ? next : undefined })}
      >
        <Tabs.List>
          <Tabs.Tab value="submitted" rightSection={<Count of={submitted} />}>
            At peers
          </Tabs.Tab>
          <Tabs.Tab value="executing" rightSection={<Count of={executing} />}>
            Here, for peers
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="submitted" pt="md">
          <Stack gap="sm">
            <SubmittedView />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="executing" pt="md">
          <Stack gap="sm">
            <ExecutingView />
          </Stack>
        </Tabs.Panel>
      </Tabs>
      {search.app !== undefined && (
        <Suspense>
          <AppDrawer
            id={search.app}
            onClose={() => change({ app: undefined, tab: undefined, pod: undefined })}
          />
        </Suspense>
      )}
    </Page>
  )
}

const DeployButton = () => (
  <Button leftSection={<PlusIcon />} renderRoot={(props) => <Link to="/deploy" {...props} />}>
    Deploy an app
  </Button>
)

/** Takes its room before it is known, so that nothing moves when it is. */
function Count({ of: count }: { of: number | undefined }) {
  return (
    <Badge size="sm" variant="light" color="gray" c="inherit" miw={28} className="tabular">
      {count ?? ' '}
    </Badge>
  )
}

function SubmittedView() {
  const apps = useQuery(remoteAppsQuery)
  return (
    <QueryState query={apps} skeleton={<ListSkeleton />}>
      {({ items }) => <SubmittedApps apps={items} empty={<NothingSubmitted />} />}
    </QueryState>
  )
}

function ExecutingView() {
  const apps = useQuery(executingAppsQuery)
  return (
    <QueryState query={apps} skeleton={<ListSkeleton />}>
      {({ items }) => (
        <AppList
          label="Apps that run here for peers"
          apps={items}
          factsOf={hostedFacts}
          columns={executingColumns}
          empty={<NothingHosted />}
        />
      )}
    </QueryState>
  )
}

/** As high as the filters and some rows. */
function ListSkeleton() {
  return (
    <Stack gap="sm">
      <Skeleton h={30} maw={420} />
      <Skeleton h={28} maw={320} />
      {Array.from({ length: 10 }, (_row, index) => (
        <Skeleton key={index} h={37} />
      ))}
    </Stack>
  )
}

function NothingSubmitted() {
  const mayDeploy = useMay('operator')
  const hasPeers = (useQuery(peersQuery).data?.items.length ?? 0) > 0
  if (!hasPeers)
    return (
      <EmptyState
        icon={<CubeIcon width={28} height={28} />}
        title="First, a peer to run apps at"
        actions={
          <Button renderRoot={(props) => <Link to="/peers" {...props} />}>Go to peers</Button>
        }
      >
        Apps run in another cluster that is your peer. Invite one, or redeem the invite of one.
      </EmptyState>
    )
  return (
    <EmptyState
      icon={<CubeIcon width={28} height={28} />}
      title="Nothing runs at a peer yet"
      actions={mayDeploy && <DeployButton />}
    >
      What you deploy to a peer is listed here, with how it is there: live, with its logs, its ports
      and everything it was before.
    </EmptyState>
  )
}

function NothingHosted() {
  return (
    <EmptyState
      icon={<HomeIcon width={28} height={28} />}
      title="No peer runs anything here"
      actions={
        <Button variant="default" renderRoot={(props) => <Link to="/settings" {...props} />}>
          See your rules
        </Button>
      }
    >
      Apps that peers run in this cluster are listed here. Your rules say what they may be.
    </EmptyState>
  )
}
