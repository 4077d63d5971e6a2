import { Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core'
import { endpoints, type Peer } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'

export function RemovePeer({ peer, onClose }: { peer: Peer; onClose: () => void }) {
  const { name } = peer.metadata
  const [executingApps, setExecutingApps] = useState<'delete' | 'keep'>('delete')
  const [remoteApps, setRemoteApps] = useState<'forget' | 'keep'>('keep')
  const [typed, setTyped] = useState('')
  const remove = useMutation({
    mutationFn: () =>
      call(endpoints.removePeer, { params: { name }, query: { executingApps, remoteApps } }),
    onSuccess: onClose,
  })
  return (
    <Modal opened onClose={onClose} title={`Remove ${name}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          remove.mutate()
        }}
      >
        <Stack>
          <Radio.Group
            label={`Apps that ${name} runs here`}
            value={executingApps}
            onChange={(value) => setExecutingApps(value === 'keep' ? 'keep' : 'delete')}
          >
            <Group mt="xs">
              <Radio value="delete" label="Delete" />
              <Radio value="keep" label="Leave running" />
            </Group>
          </Radio.Group>
          <Radio.Group
            label={`Our records of apps at ${name}`}
            value={remoteApps}
            onChange={(value) => setRemoteApps(value === 'forget' ? 'forget' : 'keep')}
          >
            <Group mt="xs">
              <Radio value="keep" label="Keep" />
              <Radio value="forget" label="Delete" />
            </Group>
          </Radio.Group>
          <TextInput
            label={`Type ${name} to remove it. It can return only with a new invite.`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
          />
          {remove.error !== null && <ErrorAlert error={remove.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              color="red.9"
              disabled={typed !== name}
              loading={remove.isPending}
            >
              Remove
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
