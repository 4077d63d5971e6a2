import { Button, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { Link2Icon, RocketIcon, TrashIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { peersQuery } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { ConfirmPeer } from './confirm-peer.tsx'
import { LinkCard } from './link-card.tsx'
import { LinkHistory } from './link-history.tsx'
import { LinkState } from './link-state.tsx'
import { trustOf } from './link-words.ts'
import { PeerActivity } from './peer-activity.tsx'
import { PeerApps } from './peer-apps.tsx'
import { TroubleAlerts } from './trouble-alerts.tsx'
import { RemovePeer } from './remove-peer.tsx'
import { RulesCard } from './rules-card.tsx'
import { UsageCard } from './usage-card.tsx'
import type { PeerRow } from './peer-rows.ts'
import { usePeerRows } from './use-peer-rows.ts'

const route = getRouteApi('/peers/$name')
const parent = { to: '/peers', title: 'Peers' }

export function PeerPage() {
  const { name } = route.useParams()
  const peers = useQuery(peersQuery)
  const row = usePeerRows().find((one) => one.name === name)
  if (row !== undefined) return <Details row={row} />
  return (
    <Page title={name} parent={parent}>
      <QueryState query={peers}>
        {() => (
          <EmptyState
            icon={<Link2Icon width={28} height={28} />}
            title="There is no such peer"
            actions={<Button renderRoot={(props) => <Link to="/peers" {...props} />}>Peers</Button>}
          >
            It was removed, or has another name here.
          </EmptyState>
        )}
      </QueryState>
    </Page>
  )
}

type Dialog = 'confirm' | 'remove' | undefined

function Details({ row }: { row: PeerRow }) {
  const { name, peer } = row
  const [dialog, setDialog] = useState<Dialog>()
  const navigate = useNavigate()
  const mayAdminister = useMay('admin')
  const mayDeploy = useMay('operator')
  const close = (): void => setDialog(undefined)
  return (
    <Page
      title={name}
      parent={parent}
      state={<LinkState peer={peer} />}
      description={<Subtitle row={row} />}
      actions={
        <>
          {mayDeploy && (
            <Button
              variant="default"
              leftSection={<RocketIcon />}
              renderRoot={(props) => <Link to="/deploy" search={{ peer: name }} {...props} />}
            >
              Deploy here
            </Button>
          )}
          {mayAdminister && trustOf(peer) === 'awaits-us' && (
            <Button onClick={() => setDialog('confirm')}>Compare and confirm</Button>
          )}
          {mayAdminister && (
            <Button
              variant="subtle"
              color="red"
              leftSection={<TrashIcon />}
              onClick={() => setDialog('remove')}
            >
              Remove
            </Button>
          )}
        </>
      }
    >
      <TroubleAlerts peer={peer} />
      <LinkHistory peer={peer} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Stack>
          <LinkCard row={row} />
          <PeerActivity row={row} />
        </Stack>
        <Stack>
          <RulesCard peer={name} />
          <UsageCard peer={name} />
        </Stack>
      </SimpleGrid>
      <PeerApps row={row} />
      {dialog === 'confirm' && <ConfirmPeer peer={peer} onClose={close} />}
      {dialog === 'remove' && (
        <RemovePeer row={row} onClose={close} onRemoved={() => void navigate({ to: '/peers' })} />
      )}
    </Page>
  )
}

function Subtitle({ row: { peer, name } }: { row: PeerRow }) {
  const { remoteName, agentVersion } = peer.status ?? {}
  return (
    <Group gap="xs" component="span" display="inline-flex">
      <Text span className="foreign">
        {peer.spec.url ?? 'It dials us; we have no address of it'}
      </Text>
      {remoteName !== undefined && remoteName !== name && (
        <Text span className="foreign">
          · calls itself “{remoteName}”
        </Text>
      )}
      {agentVersion !== undefined && (
        <Text span className="foreign">
          · agent {agentVersion}
        </Text>
      )}
    </Group>
  )
}
