import { Alert, Button, Group, Stack, Tabs, Text, Textarea } from '@mantine/core'
import { endpoints, isPorpulsionError, parseAs, RemoteAppManifest } from '@porpulsion/contract'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { peersQuery } from '../../api/queries.ts'
import { Page } from '../../ui/page.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { DeployForm } from './deploy-form.tsx'
import { emptyDraft, fromYaml, problemsOf, toYaml, type ManifestDraft } from './manifest-draft.ts'

export function DeployPage() {
  const navigate = useNavigate()
  const peers = useQuery(peersQuery)
  const [draft, setDraft] = useState<ManifestDraft>(emptyDraft)
  const [tab, setTab] = useState<string | null>('form')
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string>()

  const deploy = useMutation({
    mutationFn: () => call(endpoints.createRemoteApp, { body: parseAs(RemoteAppManifest, draft) }),
    onSuccess: ({ metadata }) =>
      navigate({
        to: '/workloads/$namespace/$name',
        params: { namespace: metadata.namespace ?? '', name: metadata.name },
      }),
  })
  const problems = isPorpulsionError(deploy.error) ? deploy.error.fields : []

  const show = (next: string | null): void => {
    if (next === 'yaml') setText(toYaml(draft))
    setTab(next)
  }
  const edit = (value: string): void => {
    setText(value)
    const read = fromYaml(value)
    setProblem(read.ok ? undefined : read.problem)
    if (read.ok) setDraft(read.draft)
  }

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
          <Tabs value={tab} onChange={show} keepMounted={false}>
            <Tabs.List>
              <Tabs.Tab value="form">Form</Tabs.Tab>
              <Tabs.Tab value="yaml">YAML</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="form" pt="md">
              <DeployForm
                draft={draft}
                onChange={setDraft}
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
                value={text}
                error={problem}
                onChange={(event) => edit(event.currentTarget.value)}
              />
            </Tabs.Panel>
          </Tabs>
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
            <Button
              type="submit"
              loading={deploy.isPending}
              disabled={problem !== undefined || draft.metadata.name === ''}
            >
              Deploy
            </Button>
          </Group>
          {problemsOf(draft).length > 0 && draft.metadata.name === '' && (
            <Text size="sm" c="dimmed">
              A name, a peer and an image are enough.
            </Text>
          )}
        </Stack>
      </form>
    </Page>
  )
}
