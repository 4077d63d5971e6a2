import { Button, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { executingAppsQuery, remoteAppsQuery } from '../../api/queries.ts'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { AppTable } from './app-table.tsx'

/** Both sides: what we run at peers, and what runs here for them. */
export function WorkloadsPage() {
  const submitted = useQuery(remoteAppsQuery)
  const executing = useQuery(executingAppsQuery)
  return (
    <Page
      title="Workloads"
      actions={
        <Button renderRoot={(props) => <Link to="/deploy" {...props} />}>Deploy an app</Button>
      }
    >
      <Tabs defaultValue="submitted">
        <Tabs.List>
          <Tabs.Tab value="submitted">
            At peers{submitted.data !== undefined && ` (${submitted.data.items.length})`}
          </Tabs.Tab>
          <Tabs.Tab value="executing">
            Here for peers{executing.data !== undefined && ` (${executing.data.items.length})`}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="submitted" pt="md">
          <QueryState query={submitted}>
            {({ items }) =>
              items.length === 0 ? (
                <Text py="xl">Nothing runs at a peer yet. Deploy an app to see it here.</Text>
              ) : (
                <AppTable
                  rows={items.map((app) => ({
                    uid: app.metadata.uid ?? app.metadata.name,
                    name: app.metadata.name,
                    namespace: app.metadata.namespace ?? '',
                    peer: app.spec.targetPeer,
                    image: app.spec.image,
                    wanted: app.spec.replicas ?? 1,
                    status: app.status,
                    since: app.status?.observedAt ?? app.metadata.creationTimestamp,
                    linked: true,
                  }))}
                />
              )
            }
          </QueryState>
        </Tabs.Panel>
        <Tabs.Panel value="executing" pt="md">
          <QueryState query={executing}>
            {({ items }) =>
              items.length === 0 ? (
                <Text py="xl">No peer runs anything here.</Text>
              ) : (
                <AppTable
                  rows={items.map((app) => ({
                    uid: app.metadata.uid ?? app.metadata.name,
                    name: app.spec.submitter.name,
                    namespace: app.metadata.namespace ?? '',
                    peer: app.spec.peer.name,
                    image: app.spec.app.image,
                    wanted: app.spec.app.replicas ?? 1,
                    status: app.status,
                    since: app.metadata.creationTimestamp,
                    linked: false,
                  }))}
                />
              )
            }
          </QueryState>
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
