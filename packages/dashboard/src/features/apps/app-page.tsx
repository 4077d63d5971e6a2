import { Button } from '@mantine/core'
import { CubeIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { remoteAppOf, remoteAppsQuery } from '../../api/queries.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { AppActions } from './app-actions.tsx'
import { AppDetail } from './app-detail.tsx'
import { AppSkeleton } from './app-skeleton.tsx'
import { AppState } from './app-state.tsx'
import { searchOf, tabOf } from './app-view.ts'

const route = getRouteApi('/workloads/$namespace/$name')

const workloads = { to: '/workloads', title: 'Workloads' }

/** An app on a page of its own. */
export function AppPage() {
  const { namespace, name } = route.useParams()
  const { tab, pod } = route.useSearch()
  const navigate = route.useNavigate()
  const apps = useQuery(remoteAppsQuery)
  return (
    <QueryState query={apps} skeleton={<AppSkeleton />}>
      {(list) => {
        const app = remoteAppOf(namespace, name)(list)
        if (app === undefined) return <NoSuchApp namespace={namespace} name={name} />
        return (
          <Page
            title={name}
            parent={workloads}
            state={<AppState app={app} />}
            actions={<AppActions app={app} />}
          >
            <AppDetail
              app={app}
              view={{
                tab: tabOf(tab),
                pod,
                show: (next, nextPod) =>
                  void navigate({
                    search: searchOf(next, nextPod),
                    replace: true,
                    resetScroll: false,
                  }),
              }}
            />
          </Page>
        )
      }}
    </QueryState>
  )
}

function NoSuchApp({ namespace, name }: { namespace: string; name: string }) {
  return (
    <Page title={name} parent={workloads}>
      <EmptyState
        icon={<CubeIcon width={28} height={28} />}
        title={`There is no app ${name}`}
        actions={
          <Button renderRoot={(props) => <Link to="/workloads" {...props} />}>All workloads</Button>
        }
      >
        Nothing of that name is in namespace {namespace}. It may have been deleted.
      </EmptyState>
    </Page>
  )
}
