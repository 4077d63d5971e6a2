import type { CaReading } from './ca-certificate.ts'
import type { KnownPeer } from './known-peer.ts'
import type { StoredPeer } from './peer-store.ts'
import type { Revocation } from './revocations.ts'

/** What a Peer resource is worth: in force, or why not. */
export type PeerStanding =
  | { readonly kind: 'known'; readonly peer: KnownPeer }
  /** Being removed; `peer` is what it was, as far as that can be told. */
  | { readonly kind: 'leaving'; readonly peer: KnownPeer | undefined }
  | {
      readonly kind: 'refused'
      readonly reason: string
      readonly message: string
      readonly fingerprint: string | undefined
    }

export interface StandingContext {
  readonly ownFingerprint: string
  readonly readCa: (pem: string) => CaReading
  readonly revocation: (fingerprint: string) => Revocation | undefined
}

/** Judges all Peers of the namespace together: of two that claim one CA, only the older is in force. */
export function judgePeers(
  stored: readonly StoredPeer[],
  context: StandingContext,
): ReadonlyMap<string, PeerStanding> {
  const standings = new Map<string, PeerStanding>()
  const holders = new Map<string, string>()
  for (const peer of [...stored].sort(olderFirst)) {
    const standing = judgePeer(peer, context, holders)
    standings.set(peer.metadata.name, standing)
    if (standing.kind !== 'refused' && standing.peer !== undefined)
      holders.set(standing.peer.fingerprint, peer.metadata.name)
  }
  return standings
}

function judgePeer(
  { metadata, spec, status }: StoredPeer,
  { ownFingerprint, readCa, revocation }: StandingContext,
  holders: ReadonlyMap<string, string>,
): PeerStanding {
  const leaving = metadata.deletionTimestamp !== undefined
  const reading = readCa(spec.caCertificate)
  if (reading.kind === 'invalid') {
    return leaving
      ? { kind: 'leaving', peer: undefined }
      : refused('CertificateInvalid', `spec.caCertificate ${reading.message}`, undefined)
  }
  const { ca } = reading
  const peer: KnownPeer = {
    name: metadata.name,
    uid: metadata.uid,
    fingerprint: ca.fingerprint,
    caCertificatePem: ca.pem,
    ...(spec.url !== undefined && { url: spec.url }),
    confirmed: spec.confirmed === true,
  }
  if (leaving) return { kind: 'leaving', peer }
  // The status holds what was pinned when we first saw it, should the API server not enforce immutability.
  const pinned = status?.fingerprint ?? ca.fingerprint
  if (pinned !== ca.fingerprint)
    return refused(
      'PeerIdentityMismatch',
      `spec.caCertificate was exchanged for another one; the peer's identity is ${pinned}. Remove the peer and add it anew`,
      ca.fingerprint,
    )
  if (spec.fingerprint !== undefined && spec.fingerprint !== ca.fingerprint)
    return refused(
      'FingerprintMismatch',
      `spec.fingerprint is not that of spec.caCertificate, which is ${ca.fingerprint}`,
      ca.fingerprint,
    )
  if (ca.fingerprint === ownFingerprint)
    return refused('SelfPeering', 'spec.caCertificate is that of this very agent', ca.fingerprint)
  const revoked = revocation(ca.fingerprint)
  if (revoked !== undefined)
    return refused(
      'PeerRevoked',
      `This peer was removed on ${revoked.revokedAt}; it can return only with a new invite`,
      ca.fingerprint,
    )
  const holder = holders.get(ca.fingerprint)
  if (holder !== undefined)
    return refused(
      'PeerExists',
      `Peer "${holder}" has the same CA certificate and is older; delete one of the two`,
      ca.fingerprint,
    )
  return { kind: 'known', peer }
}

function refused(reason: string, message: string, fingerprint: string | undefined): PeerStanding {
  return { kind: 'refused', reason, message, fingerprint }
}

/** Times have whole seconds; the name makes the order total. */
function olderFirst(a: StoredPeer, b: StoredPeer): number {
  const byTime = a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp)
  return byTime !== 0 ? byTime : a.metadata.name.localeCompare(b.metadata.name)
}
