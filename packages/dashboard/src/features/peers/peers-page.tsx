import { Badge, Button, Group, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import type { Peer } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { invitesQuery, peersQuery } from '../../api/queries.ts'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { ConfirmPeer } from './confirm-peer.tsx'
import { ConnectPeer } from './connect-peer.tsx'
import { InvitePeer } from './invite-peer.tsx'
import { InviteList } from './invite-list.tsx'
import { LinkBadge } from './link-badge.tsx'
import { RemovePeer } from './remove-peer.tsx'

type Dialog =
  | { readonly kind: 'invite' }
  | { readonly kind: 'connect' }
  | { readonly kind: 'confirm'; readonly name: string }
  | { readonly kind: 'remove'; readonly name: string }

export function PeersPage() {
  const peers = useQuery(peersQuery)
  const invites = useQuery(invitesQuery)
  const [dialog, setDialog] = useState<Dialog>()
  const close = (): void => setDialog(undefined)
  const items = peers.data?.items ?? []
  const chosen =
    dialog !== undefined && 'name' in dialog
      ? items.find((peer) => peer.metadata.name === dialog.name)
      : undefined

  return (
    <Page
      title="Peers"
      actions={
        <>
          <Button variant="default" onClick={() => setDialog({ kind: 'connect' })}>
            Connect with an invite
          </Button>
          <Button onClick={() => setDialog({ kind: 'invite' })}>Invite a peer</Button>
        </>
      }
    >
      <QueryState query={peers}>
        {(list) =>
          list.items.length === 0 ? (
            <FirstPeer />
          ) : (
            <PeerTable
              peers={list.items}
              onConfirm={(name) => setDialog({ kind: 'confirm', name })}
              onRemove={(name) => setDialog({ kind: 'remove', name })}
            />
          )
        }
      </QueryState>
      {invites.data !== undefined && <InviteList invites={invites.data.items} />}
      {dialog?.kind === 'invite' && <InvitePeer onClose={close} />}
      {dialog?.kind === 'connect' && (
        <ConnectPeer
          onClose={close}
          onAdded={(peer) => setDialog({ kind: 'confirm', name: peer.metadata.name })}
        />
      )}
      {dialog?.kind === 'confirm' && chosen !== undefined && (
        <ConfirmPeer peer={chosen} onClose={close} />
      )}
      {dialog?.kind === 'remove' && chosen !== undefined && (
        <RemovePeer peer={chosen} onClose={close} />
      )}
    </Page>
  )
}

function FirstPeer() {
  return (
    <Stack gap="xs" py="xl">
      <Text fw={600}>No peers yet.</Text>
      <Text>
        Create an invite here and paste it at the other cluster, or paste one of theirs here. Then
        both of you compare six words and confirm.
      </Text>
    </Stack>
  )
}

interface PeerTableProps {
  readonly peers: readonly Peer[]
  readonly onConfirm: (name: string) => void
  readonly onRemove: (name: string) => void
}

function PeerTable({ peers, onConfirm, onRemove }: PeerTableProps) {
  return (
    <Table.ScrollContainer minWidth={860}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Link</Table.Th>
            <Table.Th>Latency</Table.Th>
            <Table.Th>Since</Table.Th>
            <Table.Th>Fingerprint</Table.Th>
            <Table.Th>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {peers.map((peer) => (
            <PeerRow
              key={peer.metadata.uid ?? peer.metadata.name}
              peer={peer}
              onConfirm={() => onConfirm(peer.metadata.name)}
              onRemove={() => onRemove(peer.metadata.name)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

interface PeerRowProps {
  readonly peer: Peer
  readonly onConfirm: () => void
  readonly onRemove: () => void
}

function PeerRow({ peer, onConfirm, onRemove }: PeerRowProps) {
  const { metadata, spec, status } = peer
  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={600}>{metadata.name}</Text>
        <Text size="xs" c="dimmed">
          {spec.url ?? 'dials us'}
        </Text>
      </Table.Td>
      <Table.Td>
        <LinkBadge status={status} />
        {status?.linkMessage !== undefined && (
          <Text size="xs" c="dimmed" maw={320}>
            {status.linkMessage}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{status?.latencyMs === undefined ? '–' : `${status.latencyMs} ms`}</Table.Td>
      <Table.Td>
        {status?.since === undefined ? '–' : <RelativeTime time={status.since} />}
      </Table.Td>
      <Table.Td>
        <Text ff="monospace" size="sm">
          {status?.fingerprint?.slice(0, 12) ?? '–'}
        </Text>
      </Table.Td>
      <Table.Td>
        <Group justify="flex-end" wrap="nowrap">
          {spec.confirmed !== true && (
            <Button size="xs" onClick={onConfirm}>
              Confirm {metadata.name}
            </Button>
          )}
          {spec.confirmed === true && status?.confirmedByPeer === false && (
            <Badge color="yellow.4" tt="none">
              They have not confirmed
            </Badge>
          )}
          <Button size="xs" variant="subtle" color="red" onClick={onRemove}>
            Remove<VisuallyHidden> {metadata.name}</VisuallyHidden>
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}
