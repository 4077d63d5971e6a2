import type { PeerSpec } from '@porpulsion/contract'
import type { CaChain, ChainReading } from './ca-chain.ts'
import type { KnownPeer } from './known-peer.ts'
import type { StoredPeer } from './peer-store.ts'
import type { Revocation } from './revocations.ts'

/** What a Peer resource is worth: in force, or why not. */
export type PeerStanding =
  | { readonly kind: 'known'; readonly peer: KnownPeer; readonly chain: CaChain }
  /** Being removed; `peer` is what it was, as far as that can be told. */
  | { readonly kind: 'leaving'; readonly peer: KnownPeer; readonly chain: CaChain }
  | { readonly kind: 'leaving'; readonly peer: undefined; readonly chain: undefined }
  | {
      readonly kind: 'refused'
      readonly reason: string
      readonly message: string
      readonly fingerprint: string | undefined
    }

export interface StandingContext {
  /** Of a CA we have or had. */
  readonly isOurs: (fingerprint: string) => boolean
  readonly readChain: (spec: PeerSpec) => ChainReading
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
      for (const { fingerprint } of standing.chain.cas)
        if (!holders.has(fingerprint)) holders.set(fingerprint, peer.metadata.name)
  }
  return standings
}

function judgePeer(
  { metadata, spec, status }: StoredPeer,
  { isOurs, readChain, revocation }: StandingContext,
  holders: ReadonlyMap<string, string>,
): PeerStanding {
  const leaving = metadata.deletionTimestamp !== undefined
  const reading = readChain(spec)
  if (reading.kind === 'invalid') {
    return leaving
      ? { kind: 'leaving', peer: undefined, chain: undefined }
      : refused(reading.reason, reading.message, reading.fingerprint)
  }
  const { chain } = reading
  const { id, current, next } = chain
  const peer: KnownPeer = {
    name: metadata.name,
    uid: metadata.uid,
    fingerprint: id,
    caCertificatePem: current.pem,
    ...(current.fingerprint !== id && { caFingerprint: current.fingerprint }),
    ...(next !== undefined && {
      nextCa: { fingerprint: next.fingerprint, certificatePem: next.pem },
    }),
    ...(spec.url !== undefined && { url: spec.url }),
    confirmed: spec.confirmed === true,
  }
  if (leaving) return { kind: 'leaving', peer, chain }
  // The status holds what was pinned when we first saw it, should the API server not enforce immutability.
  const pinned = status?.fingerprint ?? id
  if (pinned !== id)
    return refused(
      'PeerIdentityMismatch',
      `spec.caCertificate was exchanged for another one; the peer's identity is ${pinned}. Remove the peer and add it anew`,
      id,
    )
  // And what it has renewed itself to: else a CA that was given up would count again.
  const renewed = status?.caFingerprint
  if (renewed !== undefined && !chain.cas.some(({ fingerprint }) => fingerprint === renewed))
    return refused(
      'PeerIdentityMismatch',
      `spec.renewals has lost the CA ${renewed}, which the peer has now. Remove the peer and add it anew`,
      id,
    )
  if (spec.fingerprint !== undefined && spec.fingerprint !== id)
    return refused(
      'FingerprintMismatch',
      `spec.fingerprint is not that of spec.caCertificate, which is ${id}`,
      id,
    )
  if (chain.cas.some(({ fingerprint }) => isOurs(fingerprint)))
    return refused('SelfPeering', 'spec.caCertificate is that of this very agent', id)
  const revoked = firstOf(chain, revocation)
  if (revoked !== undefined)
    return refused(
      'PeerRevoked',
      `This peer was removed on ${revoked.revokedAt}; it can return only with a new invite`,
      id,
    )
  const holder = firstOf(chain, (fingerprint) => holders.get(fingerprint))
  if (holder !== undefined)
    return refused(
      'PeerExists',
      `Peer "${holder}" has the same CA certificate and is older; delete one of the two`,
      id,
    )
  return { kind: 'known', peer, chain }
}

/** What holds of any CA the peer has or had holds of the peer. */
function firstOf<T>({ cas }: CaChain, find: (fingerprint: string) => T | undefined): T | undefined {
  for (const { fingerprint } of cas) {
    const found = find(fingerprint)
    if (found !== undefined) return found
  }
  return undefined
}

function refused(reason: string, message: string, fingerprint: string | undefined): PeerStanding {
  return { kind: 'refused', reason, message, fingerprint }
}

/** Times have whole seconds; the name makes the order total. */
function olderFirst(a: StoredPeer, b: StoredPeer): number {
  const byTime = a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp)
  return byTime !== 0 ? byTime : a.metadata.name.localeCompare(b.metadata.name)
}
