/** A peer in force: valid, not revoked, not being removed. What is not one of these gets no session and no stream. */
export interface KnownPeer {
  /** Our local name for it. */
  readonly name: string
  readonly uid: string
  readonly fingerprint: string
  /** The one CA that counts as this peer; pinned when it was added. */
  readonly caCertificatePem: string
  /** Where we dial it; left out when only it can dial us. */
  readonly url?: string
  /** Our operator compared the fingerprints. */
  readonly confirmed: boolean
}

/** In memory and current; whoever needs a peer asks here at the moment of need and keeps no copy. */
export interface PeerDirectory {
  byName(name: string): KnownPeer | undefined
  byFingerprint(fingerprint: string): KnownPeer | undefined
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
