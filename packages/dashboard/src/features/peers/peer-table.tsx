import {
  ActionIcon,
  Anchor,
  Button,
  Group,
  Menu,
  Paper,
  Stack,
  Text,
  VisuallyHidden,
} from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { DotsHorizontalIcon, TrashIcon } from '@radix-ui/react-icons'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useMay } from '../../api/use-may.ts'
import { DataTable, type Column } from '../../ui/data-table.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { AppCounts, Latency, Traffic, TrafficTrail } from './link-numbers.tsx'
import { LinkState, LinkTrouble } from './link-state.tsx'
import { linkWords, trustOf } from './link-words.ts'
import { latencyOf, type PeerRow } from './peer-rows.ts'
import classes from './peers.module.css'

export interface PeerIntents {
  readonly onConfirm: (name: string) => void
  readonly onRemove: (name: string) => void
}

/** Rows where there is room, cards where there is not. */
export function PeerTable({ rows, ...intents }: { rows: readonly PeerRow[] } & PeerIntents) {
  const isNarrow = useMediaQuery('(max-width: 48em)')
  const { onConfirm, onRemove } = intents
  const columns = useMemo(() => [...facts, actions({ onConfirm, onRemove })], [onConfirm, onRemove])
  if (isNarrow)
    return (
      <ul className={classes['cards']} aria-label="Peers">
        {rows.map((row) => (
          <li key={row.name}>
            <PeerCard row={row} {...intents} />
          </li>
        ))}
      </ul>
    )
  return <DataTable label="Peers" rows={rows} columns={columns} rowId={nameOf} />
}

const nameOf = ({ name }: PeerRow): string => name

const facts: readonly Column<PeerRow>[] = [
  {
    id: 'name',
    title: 'Peer',
    sortValue: nameOf,
    cell: (row) => <PeerName row={row} />,
  },
  {
    id: 'link',
    title: 'Link',
    width: '232px',
    sortValue: ({ peer }) => linkWords(peer).label,
    cell: ({ peer }) => (
      <>
        <LinkState peer={peer} />
        <LinkTrouble peer={peer} />
      </>
    ),
  },
  {
    id: 'latency',
    title: 'Latency',
    width: '84px',
    sortValue: latencyOf,
    cell: (row) => <Latency row={row} />,
  },
  {
    id: 'traffic',
    title: 'Traffic',
    width: '226px',
    hideBelow: 'md',
    sortValue: ({ figures }) =>
      figures && figures.receivedBytesPerSecond + figures.sentBytesPerSecond,
    cell: (row) => (
      <Group gap="sm" wrap="nowrap" justify="space-between">
        <Traffic row={row} />
        <TrafficTrail row={row} />
      </Group>
    ),
  },
  {
    id: 'apps',
    title: 'Apps',
    width: '152px',
    sortValue: ({ there, here }) => there.total + here.total,
    cell: (row) => <AppCounts row={row} />,
  },
  {
    id: 'version',
    title: 'Version',
    width: '84px',
    hideBelow: 'xl',
    sortValue: ({ peer }) => peer.status?.agentVersion,
    cell: ({ peer }) => peer.status?.agentVersion ?? '–',
  },
  {
    id: 'since',
    title: 'Since',
    width: '104px',
    hideBelow: 'xl',
    sortValue: ({ peer }) => peer.status?.since,
    cell: ({ peer }) =>
      peer.status?.since === undefined ? '–' : <RelativeTime time={peer.status.since} />,
  },
]

const actions = (intents: PeerIntents): Column<PeerRow> => ({
  id: 'actions',
  title: 'Actions',
  hidesTitle: true,
  width: '138px',
  align: 'right',
  cell: (row) => <PeerActions row={row} {...intents} />,
})

function PeerName({ row: { name, peer } }: { row: PeerRow }) {
  return (
    <>
      <Anchor
        fw={600}
        size="sm"
        c="var(--mantine-color-text)"
        renderRoot={(props) => <Link to="/peers/$name" params={{ name }} {...props} />}
      >
        {name}
      </Anchor>
      <Text size="xs" c="dimmed" truncate title={peer.spec.url}>
        {peer.spec.url ?? 'it dials us'}
      </Text>
    </>
  )
}

function PeerActions({ row: { name, peer }, onConfirm, onRemove }: { row: PeerRow } & PeerIntents) {
  const mayAdminister = useMay('admin')
  if (!mayAdminister) return null
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {trustOf(peer) === 'awaits-us' && (
        <Button flex="none" onClick={() => onConfirm(name)}>
          Confirm<VisuallyHidden> {name}</VisuallyHidden>
        </Button>
      )}
      <Menu position="bottom-end" width={180}>
        <Menu.Target>
          <ActionIcon aria-label={`More for ${name}`}>
            <DotsHorizontalIcon />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            renderRoot={(props) => <Link to="/peers/$name" params={{ name }} {...props} />}
          >
            Open
          </Menu.Item>
          <Menu.Item
            renderRoot={(props) => <Link to="/deploy" search={{ peer: name }} {...props} />}
          >
            Deploy an app there
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<TrashIcon />} onClick={() => onRemove(name)}>
            Remove…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}

function PeerCard({ row, ...intents }: { row: PeerRow } & PeerIntents) {
  return (
    <Paper p="sm">
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div style={{ minWidth: 0 }}>
            <PeerName row={row} />
          </div>
          <PeerActions row={row} {...intents} />
        </Group>
        <LinkState peer={row.peer} />
        <LinkTrouble peer={row.peer} lines={3} />
        <Group gap="4px 16px">
          <Latency row={row} />
          <Traffic row={row} />
          <AppCounts row={row} />
        </Group>
      </Stack>
    </Paper>
  )
}
