/** A peer in force: valid, not revoked, not being removed. What is not one of these gets no session and no stream. */
export interface KnownPeer extends PinnedIdentity {
  /** Our local name for it. */
  readonly name: string
  readonly uid: string
  /** Where we dial it; left out when only it can dial us. */
  readonly url?: string
  /** Our operator compared the fingerprints. */
  readonly confirmed: boolean
}

/** By what a peer is known, and what proves it. */
export interface PinnedIdentity {
  /**
   * SHA-256 of the CA certificate it came with: the name under which everything of it is kept. It stays the same when
   * the peer renews its CA, so that its namespace, its records and its history stay where they are.
   */
  readonly fingerprint: string
  /** The CA that proves it now. */
  readonly caCertificatePem: string
  /** Of that CA. Left out while it is the first one: then it is `fingerprint`. */
  readonly caFingerprint?: string
  /** The CA it has announced and not used yet; proves it as well. */
  readonly nextCa?: PinnedCa
}

export interface PinnedCa {
  readonly fingerprint: string
  readonly certificatePem: string
}

/** Every CA that proves this peer: one, or two while it renews its own. */
export function casOf(peer: PinnedIdentity): readonly PinnedCa[] {
  const current = {
    fingerprint: peer.caFingerprint ?? peer.fingerprint,
    certificatePem: peer.caCertificatePem,
  }
  return peer.nextCa === undefined ? [current] : [current, peer.nextCa]
}

/** In memory and current; whoever needs a peer asks here at the moment of need and keeps no copy. */
export interface PeerDirectory {
  byName(name: string): KnownPeer | undefined
  byFingerprint(fingerprint: string): KnownPeer | undefined
  /** By any CA that proves it. */
  byCa(fingerprint: string): KnownPeer | undefined
  list(): readonly KnownPeer[]
  /** Something about some peer changed: read again. The returned function unsubscribes. */
  onChange(listener: () => void): () => void
}

/** What becomes of apps when their peer is removed. */
export interface RemovalChoices {
  readonly executingApps: 'delete' | 'keep'
  readonly remoteApps: 'forget' | 'keep'
}

/** What a feature did about a removal. */
export interface RemovalCounts {
  readonly deletedExecutingApps: number
  readonly forgottenRemoteApps: number
}

/**
 * Called once the peer has no session any more. Idempotent: it is called again when the agent stopped half-way. A
 * failure is logged and does not keep the peer.
 */
export type RemovalHandler = (
  peer: KnownPeer,
  choices: RemovalChoices,
  signal: AbortSignal,
) => Promise<RemovalCounts>
