import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core'
import {
  ClipboardCopyIcon,
  DotsHorizontalIcon,
  Pencil1Icon,
  ReloadIcon,
  TrashIcon,
} from '@radix-ui/react-icons'
import { endpoints, type RemoteApp } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { appId } from '../../api/app-id.ts'
import { call } from '../../api/client.ts'
import { useMay } from '../../api/use-may.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { appCommands } from './app-commands.ts'
import { DeleteApp } from './delete-app.tsx'
import { OpenFirstPort } from './open-port.tsx'
import { ScaleApp } from './scale-app.tsx'

/** What can be done with an app. What came of it arrives with the event stream. */
export function AppActions({ app }: { app: RemoteApp }) {
  const mayChange = useMay('operator')
  const isGoing = app.metadata.deletionTimestamp !== undefined
  const commands = <CommandsButton what={app.metadata.name} commands={appCommands(app)} />
  if (!mayChange) return commands
  return (
    <>
      <OpenFirstPort app={app} />
      {!isGoing && <ScaleApp app={app} />}
      {!isGoing && <Restart app={app} />}
      {commands}
      <MoreActions app={app} isGoing={isGoing} />
      <Delete app={app} />
    </>
  )
}

function Restart({ app }: { app: RemoteApp }) {
  const toast = useToast()
  const { name } = app.metadata
  const restart = useMutation({
    mutationFn: () => call(endpoints.restartRemoteApp, { params: { id: appId(app) } }),
    onSuccess: () => toast({ text: `Replacing the pods of ${name}, one after the other` }),
    onError: (error) => toast({ tone: 'bad', text: `${name} was not restarted: ${error.message}` }),
  })
  return (
    <Tooltip label="Replace every pod, one after the other">
      <Button
        variant="default"
        leftSection={<ReloadIcon />}
        onClick={() => restart.mutate()}
        loading={restart.isPending}
      >
        Restart
      </Button>
    </Tooltip>
  )
}

function Delete({ app }: { app: RemoteApp }) {
  const [isAsking, setIsAsking] = useState(false)
  return (
    <>
      <Button
        variant="light"
        color="red"
        leftSection={<TrashIcon />}
        onClick={() => setIsAsking(true)}
      >
        Delete
      </Button>
      {isAsking && <DeleteApp app={app} onClose={() => setIsAsking(false)} />}
    </>
  )
}

function MoreActions({ app, isGoing }: { app: RemoteApp; isGoing: boolean }) {
  const { namespace = '', name } = app.metadata
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={30} variant="default" aria-label="More actions">
          <DotsHorizontalIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<Pencil1Icon />}
          disabled={isGoing}
          renderRoot={(props) => (
            <Link
              to="/workloads/$namespace/$name"
              params={{ namespace, name }}
              search={{ tab: 'spec' }}
              {...props}
            />
          )}
        >
          Edit the spec
        </Menu.Item>
        <Menu.Item
          leftSection={<ClipboardCopyIcon />}
          renderRoot={(props) => (
            <Link to="/deploy" search={{ copy: `${namespace},${name}` }} {...props} />
          )}
        >
          Copy as a new app
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
