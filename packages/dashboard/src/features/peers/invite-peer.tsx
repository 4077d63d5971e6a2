import {
  Alert,
  Button,
  Code,
  Group,
  List,
  Modal,
  SegmentedControl,
  Stack,
  Switch,
  Text,
} from '@mantine/core'
import { endpoints, type CreatedInvite } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { QrCode } from '../../ui/qr-code.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { inviteCommands } from './peer-commands.ts'

export function InvitePeer({ onClose }: { onClose: () => void }) {
  const [created, setCreated] = useState<CreatedInvite>()
  return (
    <Modal opened onClose={onClose} title="Invite a peer" size="lg">
      {created === undefined ? (
        <CreateInvite onCreated={setCreated} />
      ) : (
        <ShowInvite invite={created} onClose={onClose} />
      )}
    </Modal>
  )
}

const lifetimes = [
  { value: '600', label: '10 min' },
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
]

function CreateInvite({ onCreated }: { onCreated: (invite: CreatedInvite) => void }) {
  const client = useQueryClient()
  const [lifetime, setLifetime] = useState('3600')
  const [autoConfirm, setAutoConfirm] = useState(false)
  const body = { expiresInSeconds: Number(lifetime), ...(autoConfirm && { autoConfirm }) }
  const create = useMutation({
    mutationFn: () => call(endpoints.createInvite, { body }),
    onSuccess: async (invite) => {
      onCreated(invite)
      await client.invalidateQueries({ queryKey: keys.invites })
    },
  })
  return (
    <Stack>
      <Text>
        An invite lets one other cluster become your peer. Both of you then compare six words and
        confirm; before that nothing can run.
      </Text>
      <Stack gap={4}>
        <Text size="sm" fw={500} id="invite-lifetime">
          Valid for
        </Text>
        <SegmentedControl
          fullWidth
          size="sm"
          aria-labelledby="invite-lifetime"
          data={lifetimes}
          value={lifetime}
          onChange={setLifetime}
        />
      </Stack>
      <Switch
        label="Trust whoever uses it, without comparing words"
        description="For scripts, and for channels nobody else can read."
        checked={autoConfirm}
        onChange={(event) => setAutoConfirm(event.currentTarget.checked)}
      />
      {autoConfirm && (
        <Alert color="orange" title="Who steals it is your peer">
          The first to redeem this invite is trusted at once, whoever they are: their apps may run
          here under your rules, and yours may be sent to them.
        </Alert>
      )}
      {create.error !== null && <ErrorAlert error={create.error} />}
      <Group justify="space-between">
        <CommandsButton what="Create an invite" commands={inviteCommands(body)} />
        <Button onClick={() => create.mutate()} loading={create.isPending} data-autofocus>
          Create invite
        </Button>
      </Group>
    </Stack>
  )
}

function ShowInvite({ invite, onClose }: { invite: CreatedInvite; onClose: () => void }) {
  return (
    <Stack>
      <Alert color="blue" title="Shown once">
        Copy it now and send it over a channel you trust. It expires{' '}
        <RelativeTime time={invite.expiresAt} />, and works once.
      </Alert>
      <CopyField value={invite.bundle} label="Invite" />
      <Group align="flex-start" justify="center" gap="lg">
        <Stack gap={4} align="center">
          <QrCode value={invite.bundle} label="The invite as a QR code" size={230} />
          <Text size="xs" c="dimmed">
            or scan it at the other side
          </Text>
        </Stack>
        <Stack gap="xs" flex={1} miw={240}>
          <Text fw={600}>At the other cluster</Text>
          <List size="sm" spacing={6} type="ordered">
            <List.Item>
              Open its page, Peers, “Connect with an invite”, and paste – or run{' '}
              <Group gap={4} wrap="nowrap" component="span" display="inline-flex">
                <Code>porpulsion peer add</Code>
                <CopyButton value="porpulsion peer add" what="the command" />
              </Group>{' '}
              there and paste it when asked.
            </List.Item>
            <List.Item>
              {invite.autoConfirm
                ? 'It is trusted here at once; over there its operator compares and confirms.'
                : 'It appears here, waiting for you: call its operator, compare the six words, confirm on both sides.'}
            </List.Item>
            <List.Item>The link comes up, and apps can go both ways.</List.Item>
          </List>
        </Stack>
      </Group>
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  )
}
