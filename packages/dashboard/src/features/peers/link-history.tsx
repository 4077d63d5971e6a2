import { Button, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import type { LinkChange, Peer, PeerHistory } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { peerHistoryQuery } from '../../api/peer-queries.ts'
import { bytesPerSecond, duration, milliseconds, percent } from '../../ui/amounts.ts'
import { Card } from '../../ui/card.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StatusDot } from '../../ui/status-dot.tsx'
import { TimeChart } from '../../ui/time-chart.tsx'
import { LinkBand } from './link-band.tsx'
import { knownSpan, linkPeriods, periodTone, upShare } from './link-periods.ts'
import { linkLines } from './link-samples.ts'
import { linkMark } from './link-words.ts'
import classes from './peers.module.css'

/** The last 24 hours, as this agent kept them. */
export function LinkHistory({ peer }: { peer: Peer }) {
  const history = useQuery(peerHistoryQuery(peer.metadata.name, linkMark(peer)))
  return (
    <Card title="Last 24 hours">
      <QueryState query={history} skeleton={<Skeleton h={320} />}>
        {(past) => <Past past={past} readAt={history.dataUpdatedAt} />}
      </QueryState>
    </Card>
  )
}

function Past({ past, readAt }: { past: PeerHistory; readAt: number }) {
  // A link of ten minutes would be a hair at the right end of a day.
  const span = useMemo(() => knownSpan(past, readAt), [past, readAt])
  const periods = useMemo(() => linkPeriods(past.changes, span), [past, span])
  const lines = useMemo(() => linkLines(past), [past])
  const charts = useMemo(
    () => ({
      latency: [{ name: 'Round trip', color: '--tone-ask', values: lines.latencyMs }],
      traffic: [
        { name: 'Received', color: '--tone-busy', values: lines.received, filled: true },
        { name: 'Sent', color: '--tone-good', values: lines.sent },
      ],
    }),
    [lines],
  )
  const up = upShare(periods)
  const pace = paceOf(past)
  return (
    <Stack gap="md">
      <Stack gap={6}>
        <Text size="sm">
          {up === undefined
            ? 'Nothing is known of it yet.'
            : `Up for ${percent(up)} of the time known.`}
        </Text>
        <LinkBand periods={periods} span={span} />
      </Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <div>
          <Text size="sm" fw={500}>
            Latency
          </Text>
          <TimeChart
            label="Latency"
            times={lines.times}
            series={charts.latency}
            format={milliseconds}
            span={span}
            pace={pace}
          />
        </div>
        <div>
          <Text size="sm" fw={500}>
            Traffic
          </Text>
          <TimeChart
            label="Traffic"
            times={lines.times}
            series={charts.traffic}
            format={bytesPerSecond}
            span={span}
            pace={pace}
          />
        </div>
      </SimpleGrid>
      <Changes changes={past.changes} />
    </Stack>
  )
}

const paceOf = ({ intervalSeconds }: PeerHistory): string =>
  `Figures come ${intervalSeconds === 60 ? 'once a minute' : `every ${duration(intervalSeconds * 1_000)}`}.`

const SHOWN_CHANGES = 5

/** Newest first; most days nobody reads more than the first few. */
function Changes({ changes }: { changes: readonly LinkChange[] }) {
  const [showsAll, setShowsAll] = useState(false)
  const newest = useMemo(() => [...changes].reverse(), [changes])
  if (newest.length === 0) return null
  const shown = showsAll ? newest : newest.slice(0, SHOWN_CHANGES)
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>
        Changes
      </Text>
      <ul className={classes['list']} aria-label="Changes of the link">
        {shown.map((change, index) => (
          <li key={`${change.time} ${index}`}>
            <Change change={change} />
          </li>
        ))}
      </ul>
      {newest.length > SHOWN_CHANGES && (
        <Group>
          <Button variant="subtle" color="gray" onClick={() => setShowsAll(!showsAll)}>
            {showsAll ? 'Fewer' : `All ${newest.length}`}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

function Change({ change }: { change: LinkChange }) {
  const { time, state, transport, message, direction } = change
  const tone = periodTone({ state, transport }) ?? 'idle'
  const how = [
    ...(transport === undefined ? [] : [transport]),
    ...(direction === undefined ? [] : [direction === 'outbound' ? 'we dialled' : 'it dialled']),
  ].join(', ')
  return (
    <Group gap="sm" wrap="nowrap" align="baseline">
      <Text size="xs" c="dimmed" miw={92} className="tabular">
        <RelativeTime time={time} />
      </Text>
      <StatusDot tone={tone} />
      <div style={{ minWidth: 0 }}>
        <Text span size="sm" fw={500}>
          {state}
        </Text>
        {how !== '' && (
          <Text span size="sm" c="dimmed">
            {' '}
            · {how}
          </Text>
        )}
        {message !== undefined && (
          <Text size="xs" c="dimmed" className="foreign">
            {message}
          </Text>
        )}
      </div>
    </Group>
  )
}
