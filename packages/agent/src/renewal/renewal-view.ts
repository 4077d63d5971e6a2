import { X509Certificate } from 'node:crypto'
import type { OwnIdentity as IdentityView } from '@porpulsion/contract'
import type { KnownPeer, OwnIdentity } from '../peers/index.ts'

export type PeerView = IdentityView['peers'][number]

/** What went wrong when a peer was told. */
export type Trouble = Pick<PeerView, 'state' | 'message'>

/** Our identity as people see it. */
export function identityView(identity: OwnIdentity, peers: readonly PeerView[]): IdentityView {
  const { record, next, former, name, fingerprint, caCertificatePem } = identity
  const { stage, renewedAt } = record
  return {
    name,
    fingerprint,
    caCertificate: caCertificatePem,
    endsAt: new Date(Date.parse(new X509Certificate(caCertificatePem).validTo)).toISOString(),
    ...(renewedAt !== undefined && { renewedAt }),
    stage: stage.kind,
    ...(stage.kind !== 'Settled' && { since: stage.since }),
    ...(next !== undefined && { next: next.fingerprint }),
    ...(former !== undefined && { former: former.fingerprint }),
    peers: [...peers],
  }
}

/** What each peer knows of the new CA, or has yet to hear of one that was withdrawn. */
export function peersOf(
  { stage }: OwnIdentity['record'],
  peers: readonly KnownPeer[],
  troubleOf: (fingerprint: string) => Trouble,
): PeerView[] {
  const isUntold = ({ fingerprint }: KnownPeer): boolean => {
    switch (stage.kind) {
      case 'Announced':
        return !stage.knownTo.includes(fingerprint)
      case 'Switched':
        return stage.untold.includes(fingerprint)
      case 'Settled':
        return stage.withdrawn?.untold.includes(fingerprint) === true
      default:
        return stage satisfies never
    }
  }
  return peers
    .filter((peer) => stage.kind !== 'Settled' || isUntold(peer))
    .map((peer) => ({
      name: peer.name,
      ...(isUntold(peer) ? standingOf(peer, troubleOf) : { state: 'Knows' as const }),
    }))
    .sort((a, b) => a.name.localeCompare(b.name))
}

const standingOf = (
  { confirmed, fingerprint }: KnownPeer,
  troubleOf: (fingerprint: string) => Trouble,
): Trouble => (confirmed ? troubleOf(fingerprint) : { state: 'Unconfirmed' })
