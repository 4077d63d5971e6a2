import { Alert, Button, Group, Stack, Tabs, Text, Textarea } from '@mantine/core'
import {
  createdApp,
  endpoints,
  isPorpulsionError,
  parseAs,
  RemoteAppManifest,
} from '@porpulsion/contract'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { peersQuery } from '../../api/queries.ts'
import { Page } from '../../ui/page.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { DeployForm } from './deploy-form.tsx'
import { useManifest } from './use-manifest.ts'

export function DeployPage() {
  const navigate = useNavigate()
  const peers = useQuery(peersQuery)
  const manifest = useManifest()
  const [tab, setTab] = useState<string | null>('form')

  const deploy = useMutation({
    mutationFn: async () =>
      createdApp(
        await call(endpoints.createRemoteApp, {
          body: parseAs(RemoteAppManifest, manifest.draft),
        }),
      ),
    onSuccess: ({ metadata }) =>
      navigate({
        to: '/workloads/$namespace/$name',
        params: { namespace: metadata.namespace ?? '', name: metadata.name },
      }),
  })
  const problems = isPorpulsionError(deploy.error) ? deploy.error.fields : []

  return (
    <Page title="Deploy an app">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          deploy.mutate()
        }}
      >
        <Stack>
          <Tabs value={tab} onChange={setTab} keepMounted={false}>
            <Tabs.List>
              {/* The form could not show what is not understood, and would lose it. */}
              <Tabs.Tab value="form" disabled={manifest.problem !== undefined}>
                Form
              </Tabs.Tab>
              <Tabs.Tab value="yaml">YAML</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="form" pt="md">
              <DeployForm
                draft={manifest.draft}
                onChange={manifest.change}
                peers={peers.data?.items.map((peer) => peer.metadata.name) ?? []}
                problems={problems}
              />
            </Tabs.Panel>
            <Tabs.Panel value="yaml" pt="md">
              <Textarea
                label="Manifest"
                autosize
                minRows={16}
                maxRows={40}
                styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
                spellCheck={false}
                value={manifest.text}
                error={manifest.problem}
                onChange={(event) => manifest.edit(event.currentTarget.value)}
              />
            </Tabs.Panel>
          </Tabs>
          {peers.data?.items.length === 0 && (
            <Alert color="orange" title="No peers yet">
              An app runs at a peer. Invite one, or connect to one, under Peers.
            </Alert>
          )}
          {deploy.error !== null && <ErrorAlert error={deploy.error} />}
          {problems.length > 1 && (
            <Alert color="red" title="To mend">
              {problems.map((field) => (
                <Text key={`${field.path}${field.message}`} size="sm">
                  {field.path}: {field.message}
                </Text>
              ))}
            </Alert>
          )}
          <Group justify="flex-end">
            <Text size="sm" c="dimmed">
              A name, a peer and an image are enough.
            </Text>
            <Button
              type="submit"
              loading={deploy.isPending}
              disabled={manifest.problem !== undefined}
            >
              Deploy
            </Button>
          </Group>
        </Stack>
      </form>
    </Page>
  )
}
