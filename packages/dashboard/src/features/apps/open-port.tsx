import { Alert, Anchor, Button } from '@mantine/core'
import { ExternalLinkIcon } from '@radix-ui/react-icons'
import { endpoints, type RemoteApp } from '@porpulsion/contract'
import { useMutation, type UseMutationResult } from '@tanstack/react-query'
import { useState } from 'react'
import { appId } from '../../api/app-id.ts'
import { call } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { openTab } from './open-tab.ts'

/** Only these can be tunnelled. */
const tunnelledPorts = ({ spec }: RemoteApp) =>
  (spec.ports ?? []).filter(({ protocol }) => protocol !== 'UDP')

interface OpenPort {
  readonly open: UseMutationResult<void, Error, void>
  /** Set when the browser would not open a tab for us; a link that the user follows always works. */
  readonly blockedUrl: string | undefined
}

function useOpenPort(app: RemoteApp, port: number): OpenPort {
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
  return { open, blockedUrl }
}

interface PortButtonProps {
  readonly app: RemoteApp
  readonly port: number
}

/** Opens what listens on a port, in a tab of its own. */
export function OpenPortButton({ app, port }: PortButtonProps) {
  const { open, blockedUrl } = useOpenPort(app, port)
  return (
    <>
      <Button
        variant="light"
        leftSection={<ExternalLinkIcon />}
        aria-label={`Open port ${port}`}
        onClick={() => open.mutate()}
        loading={open.isPending}
      >
        Open
      </Button>
      {blockedUrl !== undefined && (
        <Alert color="blue" title="The browser opened no tab" flex="1 0 100%">
          <Anchor href={blockedUrl} target="_blank" rel="noopener noreferrer">
            Open port {port} of {app.metadata.name}
          </Anchor>
        </Alert>
      )}
      {open.error !== null && <ErrorAlert error={open.error} />}
    </>
  )
}

/** For the head of the page: the port that mostly is the page of the app. */
export function OpenFirstPort({ app }: { app: RemoteApp }) {
  const port = tunnelledPorts(app)[0]?.port
  return port === undefined ? null : <OpenHere app={app} port={port} />
}

function OpenHere({ app, port }: PortButtonProps) {
  const toast = useToast()
  const { open, blockedUrl } = useOpenPort(app, port)
  const isReady = (app.status?.readyReplicas ?? 0) > 0
  if (blockedUrl !== undefined)
    return (
      <Button
        variant="filled"
        leftSection={<ExternalLinkIcon />}
        component="a"
        href={blockedUrl}
        target="_blank"
        rel="noopener noreferrer"
      >
        Open
      </Button>
    )
  return (
    <Button
      leftSection={<ExternalLinkIcon />}
      disabled={!isReady}
      loading={open.isPending}
      onClick={() =>
        open.mutate(undefined, {
          onError: (error) =>
            toast({ tone: 'bad', text: `${app.metadata.name} was not opened: ${error.message}` }),
        })
      }
    >
      Open
    </Button>
  )
}
