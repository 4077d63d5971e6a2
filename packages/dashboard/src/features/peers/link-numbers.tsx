import { Group, Text, VisuallyHidden } from '@mantine/core'
import { ArrowDownIcon, ArrowUpIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { linkTrailsQuery } from '../../api/peer-queries.ts'
import { bytesPerSecond, milliseconds } from '../../ui/amounts.ts'
import { Sparkline } from '../../ui/sparkline.tsx'
import { isUp } from './link-words.ts'
import { latencyOf, type AppCount, type PeerRow } from './peer-rows.ts'
import classes from './peers.module.css'

export function Latency({ row }: { row: PeerRow }) {
  const latencyMs = latencyOf(row)
  return (
    <span className={classes['figures']}>
      {latencyMs === undefined ? <None /> : milliseconds(latencyMs)}
    </span>
  )
}

/** Down is what we receive. */
export function Traffic({ row: { figures, peer } }: { row: PeerRow }) {
  if (figures === undefined || !isUp(peer.status?.link)) return <None />
  return (
    <Group gap={8} wrap="nowrap" className={classes['figures'] ?? ''} display="inline-flex">
      <Rate icon={<ArrowDownIcon />} what="received" value={figures.receivedBytesPerSecond} />
      <Rate icon={<ArrowUpIcon />} what="sent" value={figures.sentBytesPerSecond} />
    </Group>
  )
}

/** Its shape over the last minute, once there is one. */
export function TrafficTrail({ row: { name, peer } }: { row: PeerRow }) {
  const trail = useQuery(linkTrailsQuery).data?.[name] ?? []
  if (trail.length < 2 || !isUp(peer.status?.link)) return null
  return <Sparkline values={trail} width={56} height={18} />
}

function Rate({ icon, what, value }: { icon: ReactNode; what: string; value: number }) {
  return (
    <Group gap={2} wrap="nowrap">
      <Text span c="dimmed" lh={1} aria-hidden>
        {icon}
      </Text>
      {bytesPerSecond(value)}
      <VisuallyHidden> {what}</VisuallyHidden>
    </Group>
  )
}

/** Ours there and theirs here; of those that are not all ready, how many are. */
export function AppCounts({ row: { there, here } }: { row: PeerRow }) {
  return (
    <Group gap="sm" wrap="nowrap" className={classes['figures'] ?? ''} display="inline-flex">
      <Count what="there" count={there} />
      <Count what="here" count={here} />
    </Group>
  )
}

function Count({ what, count: { total, ready } }: { what: string; count: AppCount }) {
  return (
    <span>
      {ready < total ? `${ready}/${total}` : total}{' '}
      <Text span c="dimmed" size="xs">
        {what}
        {ready < total && <VisuallyHidden>, not all ready</VisuallyHidden>}
      </Text>
    </span>
  )
}

function None() {
  return (
    <Text span c="dimmed">
      –
    </Text>
  )
}
