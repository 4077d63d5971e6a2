import { formatFingerprint, type Peer } from '@porpulsion/contract'
import { age } from '../../output/age.ts'
import type { ListView } from '../../output/format.ts'
import { facts } from '../../output/table.ts'

export const peerListView = (nowMs: number): ListView<Peer> => ({
  columns: [
    { title: 'NAME', value: nameOf },
    { title: 'LINK', value: (peer) => peer.status?.link ?? 'Unknown' },
    { title: 'SINCE', value: (peer) => age(peer.status?.since, nowMs) },
    { title: 'TRUST', value: trust },
    { title: 'LATENCY', value: latency },
    { title: 'TRANSPORT', value: transport, isWide: true },
    { title: 'FINGERPRINT', value: (peer) => fingerprintOf(peer).slice(0, 16), isWide: true },
    { title: 'URL', value: ({ spec }) => spec.url ?? '(it dials us)', isWide: true },
    { title: 'VERSION', value: ({ status }) => status?.agentVersion ?? '', isWide: true },
    { title: 'AGE', value: ({ metadata }) => age(metadata.creationTimestamp, nowMs) },
  ],
  nameOf: (peer) => `peer/${nameOf(peer)}`,
  whenEmpty:
    'No peers yet; "porpulsion invite create" invites one, "porpulsion peer add" joins one.',
})

export function describePeer(peer: Peer, nowMs: number): string[] {
  const { spec, status } = peer
  const since = status?.since === undefined ? '' : ` for ${age(status.since, nowMs)}`
  return facts([
    ['Name', nameOf(peer)],
    ['It calls itself', status?.remoteName],
    ['Link', `${status?.link ?? 'Unknown'}${since}`],
    ['Why', status?.linkMessage],
    ['Trust', trust(peer)],
    ['Fingerprint', formatFingerprint(fingerprintOf(peer))],
    ['Identity renewed', renewal(peer)],
    ['Words', status?.words],
    ['URL', spec.url ?? 'none: it dials us'],
    ['Transport', transport(peer)],
    ['Latency', latency(peer)],
    ['Agent version', status?.agentVersion],
  ])
}

export const nameOf = ({ metadata }: Peer): string => metadata.name

/** Of the CA it has now: what its operator sees there. */
export const fingerprintOf = ({ spec, status }: Peer): string =>
  status?.caFingerprint ?? status?.fingerprint ?? spec.fingerprint ?? ''

/** It is kept under the fingerprint it came with, which namespaces and records are named by. */
function renewal({ status }: Peer): string | undefined {
  const { identityRenewedAt, fingerprint = '', nextCaFingerprint } = status ?? {}
  const next =
    nextCaFingerprint === undefined ? '' : `announced: ${formatFingerprint(nextCaFingerprint)}`
  if (identityRenewedAt === undefined) return next
  const done = `${identityRenewedAt}, signed by the former CA; it came as ${fingerprint.slice(0, 12)}…`
  return next === '' ? done : `${done}; ${next}`
}

function trust({ spec, status }: Peer): string {
  const here = spec.confirmed === true
  const there = status?.confirmedByPeer === true
  if (here && there) return 'confirmed'
  if (here) return status?.confirmedByPeer === undefined ? 'confirmed here' : 'awaits the peer'
  return 'awaits you'
}

const transport = ({ status }: Peer): string =>
  status?.transport === undefined ? '' : `${status.transport}, inner TLS, ${status.direction ?? ''}`

const latency = ({ status }: Peer): string =>
  status?.latencyMs === undefined ? '' : `${status.latencyMs} ms`
