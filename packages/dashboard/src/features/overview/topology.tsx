import { Anchor, Group, Paper, Stack, Text } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import type { AgentStatus } from '@porpulsion/contract'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { milliseconds } from '../../ui/amounts.ts'
import { StatusDot } from '../../ui/status-dot.tsx'
import { toneColor } from '../../ui/tone.ts'
import { AppCounts, Latency, Traffic } from '../peers/link-numbers.tsx'
import { isUsable, linkWords, trustOf } from '../peers/link-words.ts'
import { latencyOf, type PeerRow } from '../peers/peer-rows.ts'
import { inOrder } from './peer-order.ts'
import { layOutTopology, type Box, type PlacedPeer } from './topology-layout.ts'
import classes from './topology.module.css'

interface TopologyProps {
  readonly self: AgentStatus | undefined
  readonly rows: readonly PeerRow[]
}

/** More are a matter of the list. */
const MAX_SHOWN = 30
const MAX_SHOWN_NARROW = 8
const NARROW_PX = 700

/**
 * This cluster and its peers. The peers are a list of links like any other, only placed: Tab goes from one to the next,
 * Enter opens it, and a screen reader reads out what the lines show.
 */
export function Topology({ self, rows }: TopologyProps) {
  const { ref, width } = useElementSize()
  const most = width < NARROW_PX ? MAX_SHOWN_NARROW : MAX_SHOWN
  const shown = useMemo(() => inOrder(rows).slice(0, most), [rows, most])
  const layout = useMemo(() => layOutTopology(shown.length, width), [shown.length, width])
  return (
    <Paper
      p="md"
      component="section"
      aria-label="This cluster and its peers"
      className={classes['frame'] ?? ''}
    >
      <div
        ref={ref}
        className={classes['plane']}
        style={{ height: width === 0 ? 232 : layout.height }}
      >
        {width > 0 && (
          <>
            <svg
              width={layout.width}
              height={layout.height}
              className={classes['lines']}
              aria-hidden
            >
              {shown.map((row, index) => (
                <Line key={row.name} row={row} path={layout.peers[index]?.path ?? ''} />
              ))}
            </svg>
            <Self box={layout.self} status={self} />
            <ul className={classes['peers']} aria-label="Peers">
              {shown.map((row, index) => (
                <Peer
                  key={row.name}
                  row={row}
                  placed={layout.peers[index]}
                  isCompact={layout.isCompact}
                />
              ))}
            </ul>
          </>
        )}
      </div>
      <Group justify="space-between" mt="sm" gap="md">
        <Legend />
        {rows.length > shown.length && (
          <Anchor size="sm" renderRoot={(props) => <Link to="/peers" {...props} />}>
            And {rows.length - shown.length} more
          </Anchor>
        )}
      </Group>
    </Paper>
  )
}

const position = ({ x, y, width, height }: Box) => ({ left: x, top: y, width, height })

function Self({ box, status }: { box: Box; status: AgentStatus | undefined }) {
  return (
    <div className={classes['self']} style={position(box)}>
      <Text size="xs" c="dimmed">
        This cluster
      </Text>
      <Text fw={600} truncate>
        {status?.name ?? ' '}
      </Text>
      {status !== undefined && (
        <Text size="xs" c="dimmed" truncate>
          {status.cluster.kind === 'kubernetes' ? 'Kubernetes' : 'Embedded'}
          {status.cluster.version !== undefined && ` ${status.cluster.version}`}
        </Text>
      )}
    </div>
  )
}

/** Broken links are grey: nothing goes over them. */
const lineColor = ({ peer }: PeerRow): string =>
  isUsable(peer) ? toneColor(linkWords(peer).tone) : 'var(--mantine-color-dimmed)'

/** Dashes run along a link that carries something, towards the side that receives more. */
function Line({ row, path }: { row: PeerRow; path: string }) {
  const { receivedBytesPerSecond = 0, sentBytesPerSecond = 0 } = row.figures ?? {}
  const isBusy = isUsable(row.peer) && receivedBytesPerSecond + sentBytesPerSecond > BUSY_BYTES
  return (
    <>
      <path
        d={path}
        className={classes['line']}
        data-broken={!isUsable(row.peer) || undefined}
        style={{ stroke: lineColor(row) }}
      />
      {isBusy && (
        <path
          d={path}
          className={classes['flow']}
          data-inward={receivedBytesPerSecond > sentBytesPerSecond || undefined}
          style={{ stroke: lineColor(row) }}
        />
      )}
    </>
  )
}

/** Pings alone are no traffic. */
const BUSY_BYTES = 200

interface PeerProps {
  readonly row: PeerRow
  readonly placed: PlacedPeer | undefined
  readonly isCompact: boolean
}

function Peer({ row, placed, isCompact }: PeerProps) {
  if (placed === undefined) return null
  const latencyMs = latencyOf(row)
  const { middle, box } = placed
  return (
    <li>
      <Link
        to="/peers/$name"
        params={{ name: row.name }}
        className={classes['peer'] ?? ''}
        data-compact={isCompact || undefined}
        style={position(box)}
      >
        {isCompact ? <PeerLine row={row} /> : <PeerBox row={row} isWhole={middle === undefined} />}
      </Link>
      {middle !== undefined && isUsable(row.peer) && latencyMs !== undefined && (
        <span className={classes['pill']} style={{ left: middle.x, top: middle.y }}>
          {milliseconds(latencyMs)}
          <Traffic row={row} />
        </span>
      )}
    </li>
  )
}

/** What is not trusted yet is more important than how its link is. */
function stateOf({ peer }: PeerRow): ReturnType<typeof linkWords> {
  const words = linkWords(peer)
  switch (trustOf(peer)) {
    case 'awaits-us':
      return { ...words, tone: 'ask', label: 'Compare the words' }
    case 'awaits-them':
      return { ...words, tone: 'ask', label: 'Not confirmed there yet' }
    case 'both':
      return words
  }
}

/** `isWhole`: its link has no room for what it carries. */
function PeerBox({ row, isWhole }: { row: PeerRow; isWhole: boolean }) {
  const { tone, label, pulses } = stateOf(row)
  const carries = isWhole && isUsable(row.peer)
  return (
    <Stack gap={2} className={classes['box'] ?? ''}>
      <Text fw={600} truncate>
        {row.name}
      </Text>
      <Group gap={8} wrap="nowrap" fz="xs">
        <StatusDot tone={tone} pulses={pulses} />
        <Text size="xs" truncate flex={1}>
          {label}
        </Text>
        {carries && <Traffic row={row} />}
      </Group>
      <Group justify="space-between" wrap="nowrap" fz="xs" className={classes['numbers'] ?? ''}>
        <AppCounts row={row} />
        {carries && <Latency row={row} />}
      </Group>
    </Stack>
  )
}

/** Who is in trouble says so in place of numbers. */
function PeerLine({ row }: { row: PeerRow }) {
  const { tone, label, pulses } = stateOf(row)
  return (
    <Group gap={8} wrap="nowrap" h="100%">
      <StatusDot tone={tone} pulses={pulses} />
      <Text size="sm" fw={600} truncate flex={1}>
        {row.name}
      </Text>
      {isUsable(row.peer) ? (
        <Group gap="md" wrap="nowrap" fz="xs">
          <span className={classes['counts']}>
            <AppCounts row={row} />
          </span>
          <Text size="xs" c="dimmed" ta="right" miw={46} component="span">
            <Latency row={row} />
          </Text>
        </Group>
      ) : (
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {label}
        </Text>
      )}
    </Group>
  )
}

function Legend() {
  return (
    <Group gap="md" aria-hidden>
      {(
        [
          ['--tone-good', 'wss', false],
          ['--tone-warn', 'ws', false],
          ['--mantine-color-dimmed', 'no link', true],
        ] as const
      ).map(([color, text, isBroken]) => (
        <Group key={text} gap={6}>
          <svg width="20" height="4">
            <line
              x2="20"
              y1="2"
              y2="2"
              stroke={`var(${color})`}
              strokeWidth="2"
              {...(isBroken && { strokeDasharray: '3 3' })}
            />
          </svg>
          <Text size="xs" c="dimmed">
            {text}
          </Text>
        </Group>
      ))}
      <Text size="xs" c="dimmed">
        all of it inside TLS between the agents
      </Text>
    </Group>
  )
}
