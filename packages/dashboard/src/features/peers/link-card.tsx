import { Group, Skeleton, Text } from '@mantine/core'
import type { PeerLink } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { peerLinkQuery } from '../../api/peer-queries.ts'
import { bytes, duration } from '../../ui/amounts.ts'
import { Card } from '../../ui/card.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { Fingerprint } from './fingerprint.tsx'
import { Latency, Traffic, TrafficTrail } from './link-numbers.tsx'
import { LinkState } from './link-state.tsx'
import { fingerprintOf, linkMark } from './link-words.ts'
import type { PeerRow } from './peer-rows.ts'

/** All that is known of the link as it is now. */
export function LinkCard({ row }: { row: PeerRow }) {
  const link = useQuery(peerLinkQuery(row.name, linkMark(row.peer)))
  const fingerprint = fingerprintOf(row.peer)
  const { caFingerprint, nextCaFingerprint } = row.peer.status ?? {}
  return (
    <Card title="Link">
      <QueryState query={link} skeleton={<Skeleton h={360} />}>
        {(now) => <LinkFacts row={row} link={now} />}
      </QueryState>
      {fingerprint !== undefined && (
        <Fingerprint label={`Fingerprint of ${row.name}`} value={fingerprint} />
      )}
      {caFingerprint !== undefined && (
        <Fingerprint label="What proves it since its renewal" value={caFingerprint} />
      )}
      {nextCaFingerprint !== undefined && (
        <Fingerprint label="Announced, to prove it next" value={nextCaFingerprint} />
      )}
    </Card>
  )
}

function LinkFacts({ row, link }: { row: PeerRow; link: PeerLink }) {
  const { certificates } = link
  const { identityRenewedAt } = row.peer.status ?? {}
  return (
    <Facts>
      <Fact name="State">
        <LinkState peer={row.peer} />
        {link.since !== undefined && <Since time={link.since} />}
      </Fact>
      {link.lastError !== undefined && (
        <Fact name="Last error">
          <span className="foreign">{link.lastError}</span>
        </Fact>
      )}
      {link.nextDialTime !== undefined && (
        <Fact name="Next try">
          <RelativeTime time={link.nextDialTime} />
        </Fact>
      )}
      {link.direction !== undefined && (
        <Fact name="Dialled by">{link.direction === 'outbound' ? 'us' : 'the peer'}</Fact>
      )}
      {link.sessionSince !== undefined && (
        <Fact name="Session">
          <Since time={link.sessionSince} />
        </Fact>
      )}
      <Fact name="Latency">
        <Latency row={row} />
      </Fact>
      <Fact name="Traffic">
        <Group gap="md">
          <Traffic row={row} />
          <TrafficTrail row={row} />
        </Group>
        <Text size="xs" c="dimmed" className="tabular">
          {bytes(link.receivedBytes)} received, {bytes(link.sentBytes)} sent since this agent
          started
        </Text>
      </Fact>
      <Fact name="Streams">{link.openStreams} open</Fact>
      {link.protocolVersion !== undefined && (
        <Fact name="Protocol">version {link.protocolVersion}</Fact>
      )}
      <Fact name="Its identity">
        <Ends time={certificates.ca.notAfter} soonMs={IDENTITY_SOON_MS} />
        {identityRenewedAt !== undefined && (
          <Text size="xs" c="dimmed">
            renewed on {new Date(identityRenewedAt).toLocaleString()}, signed by the former one
          </Text>
        )}
      </Fact>
      {certificates.peerLeaf !== undefined && (
        <Fact name="Its certificate">
          <Ends time={certificates.peerLeaf.notAfter} soonMs={LEAF_SOON_MS} />
        </Fact>
      )}
      {certificates.ownLeaf !== undefined && (
        <Fact name="Our certificate">
          <Ends time={certificates.ownLeaf.notAfter} soonMs={LEAF_SOON_MS} />
        </Fact>
      )}
    </Facts>
  )
}

/** As the notifications IdentityExpiring and CertificateNotRenewed have it. */
const IDENTITY_SOON_MS = 180 * 86_400_000
const LEAF_SOON_MS = 4 * 3_600_000

/** A countdown; sessions replace their certificates long before. */
function Ends({ time, soonMs }: { time: string; soonMs: number }) {
  const leftMs = Date.parse(time) - Date.now()
  return (
    <>
      <Text
        span
        size="sm"
        className="tabular"
        {...(leftMs < soonMs && { c: 'var(--tone-warn)', fw: 600 })}
      >
        {leftMs > 0 ? `valid for ${duration(leftMs)}` : `ended ${duration(-leftMs)} ago`}
      </Text>
      <Text size="xs" c="dimmed">
        until {new Date(time).toLocaleString()}
      </Text>
    </>
  )
}

function Since({ time }: { time: string }) {
  return (
    <Text size="xs" c="dimmed">
      since <RelativeTime time={time} />
    </Text>
  )
}
