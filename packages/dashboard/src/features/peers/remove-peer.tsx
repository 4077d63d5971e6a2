import { Alert, Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core'
import { endpoints, type PeerRemoval } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { countOf } from './count-of.ts'
import { removeCommands } from './peer-commands.ts'
import type { PeerRow } from './peer-rows.ts'

interface RemovePeerProps {
  readonly row: PeerRow
  readonly onClose: () => void
  readonly onRemoved?: () => void
}

export function RemovePeer({ row, onClose, onRemoved }: RemovePeerProps) {
  const { name, here, there } = row
  const toast = useToast()
  const [executingApps, setExecutingApps] = useState<'delete' | 'keep'>('delete')
  const [remoteApps, setRemoteApps] = useState<'forget' | 'keep'>('keep')
  const [typed, setTyped] = useState('')
  const choices = { executingApps, remoteApps }
  const remove = useMutation({
    mutationFn: () => call(endpoints.removePeer, { params: { name }, query: choices }),
    onSuccess: (removal) => {
      toast({ text: removedText(removal) })
      onClose()
      onRemoved?.()
    },
  })
  return (
    <Modal opened onClose={onClose} title={`Remove ${name}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (typed === name) remove.mutate()
        }}
      >
        <Stack gap="lg">
          <Alert color="orange" title="This cannot be undone">
            The link is cut at once, and {name} has no access any more. It can return only with a
            new invite.
          </Alert>
          <Radio.Group
            label={`Its apps that run here: ${countOf(here.total, 'app')}`}
            value={executingApps}
            onChange={(value) => setExecutingApps(value === 'keep' ? 'keep' : 'delete')}
          >
            <Stack mt="xs" gap="xs">
              <Radio
                value="delete"
                label="Delete"
                description="With all that was made for them. Claims of storage go too, unless they are to be retained."
              />
              <Radio
                value="keep"
                label="Leave running"
                description="They go on as they are; the peer can neither reach nor change them any more."
              />
            </Stack>
          </Radio.Group>
          <Radio.Group
            label={`Our records of apps at ${name}: ${countOf(there.total, 'app')}`}
            value={remoteApps}
            onChange={(value) => setRemoteApps(value === 'forget' ? 'forget' : 'keep')}
          >
            <Stack mt="xs" gap="xs">
              <Radio
                value="keep"
                label="Keep"
                description="As records of what to run. They can be pointed at another peer."
              />
              <Radio
                value="forget"
                label="Delete"
                description={`What runs at ${name} is for its owner to remove.`}
              />
            </Stack>
          </Radio.Group>
          <TextInput
            label={`Type ${name} to remove it`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          {remove.error !== null && <ErrorAlert error={remove.error} />}
          <Group justify="space-between">
            <CommandsButton what={`Remove ${name}`} commands={removeCommands(name, choices)} />
            <Group gap="xs">
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
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function removedText({ name, deletedExecutingApps, forgottenRemoteApps }: PeerRemoval): string {
  const done = [
    ...(deletedExecutingApps > 0 ? [`${countOf(deletedExecutingApps, 'app')} of it deleted`] : []),
    ...(forgottenRemoteApps > 0
      ? [`${countOf(forgottenRemoteApps, 'record')} of ours forgotten`]
      : []),
  ]
  return `${name} is removed${done.length === 0 ? '' : `: ${done.join(', ')}`}.`
}
