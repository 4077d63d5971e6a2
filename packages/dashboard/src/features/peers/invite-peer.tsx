import { Alert, Button, Group, Modal, Select, Stack, Text } from '@mantine/core'
import { endpoints } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { CopyField } from '../../ui/copy-field.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'

const lifetimes = [
  { value: '600', label: '10 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
]

export function InvitePeer({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [lifetime, setLifetime] = useState('3600')
  const create = useMutation({
    mutationFn: () =>
      call(endpoints.createInvite, { body: { expiresInSeconds: Number(lifetime) } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.invites }),
  })
  return (
    <Modal opened onClose={onClose} title="Invite a peer" size="lg">
      <Stack>
        {create.data === undefined ? (
          <>
            <Select
              label="Valid for"
              data={lifetimes}
              value={lifetime}
              onChange={(value) => setLifetime(value ?? '3600')}
              allowDeselect={false}
            />
            {create.error !== null && <ErrorAlert error={create.error} />}
            <Group justify="flex-end">
              <Button onClick={() => create.mutate()} loading={create.isPending}>
                Create invite
              </Button>
            </Group>
          </>
        ) : (
          <>
            <Text>
              Paste this at the other cluster: on its page under Peers, “Connect with an invite”, or
              with <code>porpulsion peer add</code>. It works once.
            </Text>
            <CopyField value={create.data.bundle} label="Invite" />
            <Alert color="blue" title="Shown once">
              Send it over a channel you trust. When the other side has used it, both of you compare
              six words and confirm.
            </Alert>
            <Group justify="flex-end">
              <Button onClick={onClose}>Done</Button>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  )
}
