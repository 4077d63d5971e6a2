import { Skeleton, Stack } from '@mantine/core'
import { Link2Icon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useCallback } from 'react'
import { invitesQuery, peersQuery } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { AddPeerButtons } from './add-buttons.tsx'
import { ConfirmPeer } from './confirm-peer.tsx'
import { ConnectPeer } from './connect-peer.tsx'
import { InvitePeer } from './invite-peer.tsx'
import { InviteList } from './invite-list.tsx'
import { PeerTable } from './peer-table.tsx'
import { RemovePeer } from './remove-peer.tsx'
import { usePeerRows } from './use-peer-rows.ts'

const route = getRouteApi('/peers')

/** Every dialog has an address: a link can open it, and "back" closes it. */
export function PeersPage() {
  const peers = useQuery(peersQuery)
  const rows = usePeerRows()
  const mayAdminister = useMay('admin')
  const invites = useQuery({ ...invitesQuery, enabled: mayAdminister }).data?.items ?? []
  const navigate = route.useNavigate()
  const onConfirm = useCallback(
    (name: string) => void navigate({ search: { confirm: name } }),
    [navigate],
  )
  const onRemove = useCallback(
    (name: string) => void navigate({ search: { remove: name } }),
    [navigate],
  )
  return (
    <Page
      title="Peers"
      description="Other clusters that run your apps, or whose apps run here. Each link is one connection between two agents."
      actions={<AddPeerButtons />}
    >
      <QueryState query={peers} skeleton={<TableSkeleton />}>
        {({ items }) =>
          items.length === 0 ? (
            <NoPeers />
          ) : (
            <PeerTable rows={rows} onConfirm={onConfirm} onRemove={onRemove} />
          )
        }
      </QueryState>
      <InviteList invites={invites} />
      <Dialogs />
    </Page>
  )
}

function Dialogs() {
  const { add, confirm, remove } = route.useSearch()
  const navigate = route.useNavigate()
  const rows = usePeerRows()
  const close = (): void => void navigate({ search: {}, replace: true })
  const rowOf = (name: string | undefined) => rows.find((row) => row.name === name)
  const confirmed = rowOf(confirm)
  const removed = rowOf(remove)
  return (
    <>
      {add === 'invite' && <InvitePeer onClose={close} />}
      {add === 'connect' && (
        <ConnectPeer
          onClose={close}
          onAdded={({ metadata, spec }) =>
            void navigate({
              search: spec.confirmed === true ? {} : { confirm: metadata.name },
              replace: true,
            })
          }
        />
      )}
      {confirmed !== undefined && <ConfirmPeer peer={confirmed.peer} onClose={close} />}
      {removed !== undefined && <RemovePeer row={removed} onClose={close} />}
    </>
  )
}

function NoPeers() {
  return (
    <EmptyState
      icon={<Link2Icon width={28} height={28} />}
      title="No peers yet"
      actions={<AddPeerButtons />}
    >
      Create an invite here and paste it at the other cluster, or paste one of theirs here. Then
      both of you compare six words and confirm.
    </EmptyState>
  )
}

function TableSkeleton() {
  return (
    <Stack gap={1}>
      <Skeleton h={34} />
      {Array.from({ length: 3 }, (_row, index) => (
        <Skeleton key={index} h={45} />
      ))}
    </Stack>
  )
}
