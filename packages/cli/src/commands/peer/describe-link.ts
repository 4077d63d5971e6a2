/** The link to a peer beyond what its `Peer` says: traffic, certificates, and when it was lost last. */
import type { LinkChange, PeerHistory, PeerLink } from '@porpulsion/contract'
import { age, duration } from '../../output/age.ts'
import { facts, table } from '../../output/table.ts'

export function describeLink(link: PeerLink, nowMs: number): string[] {
  const { certificates, nextDialTime, protocolVersion } = link
  const { ca, peerLeaf, ownLeaf } = certificates
  const session =
    link.sessionSince === undefined
      ? undefined
      : `up for ${age(link.sessionSince, nowMs)}, protocol ${protocolVersion ?? 'unknown'}, ${link.openStreams} open streams`
  return facts([
    ['Session', session],
    ['Next dial', nextDialTime && `in ${until(nextDialTime, nowMs)}`],
    ['Received', bytes(link.receivedBytes)],
    ['Sent', bytes(link.sentBytes)],
    ['Its identity ends', day(ca.notAfter, nowMs)],
    ['Its certificate ends', peerLeaf && day(peerLeaf.notAfter, nowMs)],
    ['Our certificate ends', ownLeaf && day(ownLeaf.notAfter, nowMs)],
  ])
}

/** Enough to see whether it flaps. */
const SHOWN_CHANGES = 8

export function describeHistory({ changes }: PeerHistory, nowMs: number): string[] {
  const newest = changes.slice(-SHOWN_CHANGES).reverse()
  if (newest.length === 0) return []
  const earlier = changes.length - newest.length
  const lines = table<LinkChange>(
    [
      { title: 'AGO', value: ({ time }) => age(time, nowMs) },
      { title: 'LINK', value: ({ state }) => state },
      {
        title: 'HOW',
        value: ({ transport, direction }) => [transport, direction].filter(Boolean).join(', '),
      },
      { title: 'WHY', value: ({ message = '' }) => message },
    ],
    newest,
    { isWide: false },
  )
  return [
    ...lines,
    ...(earlier > 0 ? [`… and ${earlier} earlier changes in the last 24 hours`] : []),
  ]
}

const until = (time: string, nowMs: number): string => duration(Date.parse(time) - nowMs)

const day = (time: string, nowMs: number): string =>
  `${time.slice(0, 16).replace('T', ' ')} UTC (in ${until(time, nowMs)})`

function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10))
  const value = count / 1_024 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${units[power] ?? ''}`
}
