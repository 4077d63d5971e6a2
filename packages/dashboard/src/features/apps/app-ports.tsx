import { Button, Code, Group, Stack, Text, VisuallyHidden } from '@mantine/core'
import { CheckIcon, Link2Icon } from '@radix-ui/react-icons'
import { endpoints, type RemoteApp, type RemoteAppPort } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { appId } from '../../api/app-id.ts'
import { call } from '../../api/client.ts'
import { useMay } from '../../api/use-may.ts'
import { Card } from '../../ui/card.tsx'
import { CommandsButton } from '../../ui/commands.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { portCommands } from './app-commands.ts'
import { OpenPortButton } from './open-port.tsx'

/** What the app listens on, and the ways there. */
export function AppPorts({ app }: { app: RemoteApp }) {
  const ports = app.spec.ports ?? []
  return (
    <Card title="Ports">
      {ports.length === 0 && (
        <Text c="dimmed" size="sm">
          It listens on no port. Add one to the spec to open it from here.
        </Text>
      )}
      <Stack gap="sm">
        {ports.map((port) => (
          <div key={`${port.port}/${port.protocol ?? 'TCP'}`}>
            <AppPort app={app} port={port} />
            {port.expose === true && <LocalAddress app={app} port={port.port} />}
          </div>
        ))}
      </Stack>
    </Card>
  )
}

interface AppPortProps {
  readonly app: RemoteApp
  readonly port: RemoteAppPort
}

function AppPort({ app, port: { port, name, protocol = 'TCP' } }: AppPortProps) {
  const mayOpen = useMay('operator')
  return (
    <Group justify="space-between" gap="xs">
      <div>
        <Text size="sm" fw={600} className="tabular">
          {port}
          <Text span size="xs" c="dimmed" fw={400}>
            {' '}
            {protocol}
          </Text>
        </Text>
        <Text size="xs" c="dimmed">
          {protocol === 'UDP' ? 'For its neighbours there only: no tunnel carries UDP' : name}
        </Text>
      </div>
      {protocol === 'TCP' && mayOpen && (
        <Group gap={4}>
          <CommandsButton what={`Port ${port}`} commands={portCommands(app, port)} />
          <CopyUrl app={app} port={port} />
          <OpenPortButton app={app} port={port} />
        </Group>
      )}
    </Group>
  )
}

/** Where programs of this very cluster reach the port, or why they do not. */
function LocalAddress({ app, port }: { app: RemoteApp; port: number }) {
  const exposed = app.status?.localService?.ports.find((one) => one.port === port)
  if (exposed === undefined)
    return (
      <Text size="xs" c="dimmed">
        Not reachable in this cluster yet.
      </Text>
    )
  const { address, message } = exposed
  return (
    <>
      {address !== undefined && (
        <Group gap={4} wrap="nowrap">
          <Text size="xs" c="dimmed" style={{ flex: 'none' }}>
            In this cluster:
          </Text>
          <Code fz="xs" className="foreign">
            {address}
          </Code>
          <CopyButton value={address} what={`the address of port ${port}`} />
        </Group>
      )}
      {message !== undefined && (
        <Text size="xs" c="var(--tone-warn)" className="foreign">
          {message}
        </Text>
      )}
    </>
  )
}

/** A URL with a ticket, for another browser or a person beside you. */
function CopyUrl({ app, port }: { app: RemoteApp; port: number }) {
  /** Shown where the page may not write to the clipboard. */
  const [shown, setShown] = useState<string>()
  const copy = useMutation({
    mutationFn: async () => {
      const { url } = await call(endpoints.createAppUrl, {
        params: { id: appId(app) },
        body: { port },
      })
      try {
        await navigator.clipboard.writeText(url)
      } catch {
        setShown(url)
      }
    },
  })
  return (
    <>
      <Button
        variant="subtle"
        color="gray"
        leftSection={copy.isSuccess && shown === undefined ? <CheckIcon /> : <Link2Icon />}
        onClick={() => copy.mutate()}
        loading={copy.isPending}
      >
        {copy.isSuccess && shown === undefined ? 'Copied, for 10 min' : 'Copy URL'}
        <VisuallyHidden> for port {port}</VisuallyHidden>
      </Button>
      {shown !== undefined && <CopyField value={shown} label={`URL for port ${port}`} />}
      {copy.error !== null && <ErrorAlert error={copy.error} />}
    </>
  )
}
