import { Alert, Anchor, Button, Group, Text } from '@mantine/core'
import { endpoints, type RemoteApp } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { Card } from '../../ui/card.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { appId } from './app-id.ts'
import { openTab } from './open-tab.ts'

export function AppPorts({ app }: { app: RemoteApp }) {
  const ports = (app.spec.ports ?? []).filter((port) => port.protocol !== 'UDP')
  return (
    <Card title="Ports">
      {ports.length === 0 && <Text>The app has no TCP ports.</Text>}
      {ports.map(({ port, name }) => (
        <AppPort key={port} app={app} port={port} name={name} />
      ))}
    </Card>
  )
}

interface AppPortProps {
  readonly app: RemoteApp
  readonly port: number
  readonly name: string | undefined
}

function AppPort({ app, port, name }: AppPortProps) {
  /** Set when the browser would not open a tab for us; a link that the user follows always works. */
  const [blockedUrl, setBlockedUrl] = useState<string>()
  const open = useMutation({
    mutationFn: async () => {
      const tab = openTab()
      try {
        const { url } = await call(endpoints.createAppUrl, {
          params: { id: appId(app) },
          body: { port },
        })
        setBlockedUrl(tab.goTo(url) ? undefined : url)
      } catch (error) {
        tab.close()
        throw error
      }
    },
  })
  return (
    <>
      <Group justify="space-between">
        <Text>
          {port}
          {name !== undefined && ` (${name})`}
        </Text>
        <Button size="xs" variant="light" onClick={() => open.mutate()} loading={open.isPending}>
          Open port {port}
        </Button>
      </Group>
      {blockedUrl !== undefined && (
        <Alert color="blue" title="The browser opened no tab">
          <Anchor href={blockedUrl} target="_blank" rel="noopener noreferrer">
            Open port {port} of {app.metadata.name}
          </Anchor>
        </Alert>
      )}
      {open.error !== null && <ErrorAlert error={open.error} />}
    </>
  )
}
