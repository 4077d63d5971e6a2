import { Alert, Button, Group, Modal, Stack, Table, Textarea, TextInput } from '@mantine/core'
import {
  decodeInviteBundle,
  endpoints,
  formatFingerprint,
  type InviteBundle,
  type Peer,
} from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'

interface ConnectPeerProps {
  readonly onClose: () => void
  readonly onAdded: (peer: Peer) => void
}

/** Paste, see what it says, send. */
export function ConnectPeer({ onClose, onAdded }: ConnectPeerProps) {
  const client = useQueryClient()
  const [pasted, setPasted] = useState('')
  const [as, setAs] = useState('')
  const read = readBundle(pasted)
  const add = useMutation({
    mutationFn: () =>
      call(endpoints.addPeer, { body: { bundle: pasted.trim(), ...(as !== '' && { as }) } }),
    onSuccess: async (peer) => {
      await client.invalidateQueries({ queryKey: keys.peers })
      onAdded(peer)
    },
  })
  return (
    <Modal opened onClose={onClose} title="Connect with an invite" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          add.mutate()
        }}
      >
        <Stack>
          <Textarea
            label="Invite from the other cluster"
            placeholder="porp1.…"
            minRows={4}
            autosize
            maxRows={8}
            value={pasted}
            onChange={(event) => setPasted(event.currentTarget.value)}
            error={read.problem}
            data-autofocus
          />
          {read.bundle !== undefined && <BundleSummary bundle={read.bundle} />}
          <TextInput
            label="Our name for it"
            description="Default: the name it gives itself"
            placeholder={read.bundle?.name}
            value={as}
            onChange={(event) => setAs(event.currentTarget.value)}
          />
          {add.error !== null && <ErrorAlert error={add.error} />}
          <Group justify="flex-end">
            <Button type="submit" disabled={read.bundle === undefined} loading={add.isPending}>
              Connect
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

interface ReadBundle {
  readonly bundle?: InviteBundle
  readonly problem?: string
}

function readBundle(pasted: string): ReadBundle {
  if (pasted.trim() === '') return {}
  try {
    return { bundle: decodeInviteBundle(pasted) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

function BundleSummary({ bundle }: { bundle: InviteBundle }) {
  const expired = Date.parse(bundle.expiresAt) < Date.now()
  return (
    <>
      <Table aria-label="What the invite says">
        <Table.Tbody>
          <Row name="Cluster" value={bundle.name} />
          <Row name="Address" value={bundle.url} />
          <Row name="Fingerprint" value={formatFingerprint(bundle.fingerprint)} />
          <Row name="Valid until" value={new Date(bundle.expiresAt).toLocaleString()} />
        </Table.Tbody>
      </Table>
      {expired && (
        <Alert color="red" title="This invite has expired">
          Ask for a new one.
        </Alert>
      )}
    </>
  )
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" w={120}>
        {name}
      </Table.Th>
      <Table.Td style={{ wordBreak: 'break-word' }}>{value}</Table.Td>
    </Table.Tr>
  )
}
