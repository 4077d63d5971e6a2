import type { LinkStateName } from '@porpulsion/contract'

/** What keeps a link down and will not pass by itself. */
export type LinkTrouble = 'RemovedByPeer' | 'CertificateRefused' | 'OuterCertificateRefused'

/** What a dialler sees on its way to a session, before anything is proven. */
export interface SeenOutside {
  /** Until when the certificate of the ingress is good. */
  readonly outerCertificateEndsMs?: number
  /** How far the clock there is ahead of ours, as it says. */
  readonly clockDifferenceMs?: number
}

/** How a link is, as status, page and CLI show it. */
export interface LinkView extends SeenOutside {
  readonly state: LinkStateName
  /** Since when it is in this state; milliseconds since the epoch. */
  readonly sinceMs: number
  /** Why it is not Connected, and what to do. A peer's own words are quoted. */
  readonly message?: string
  readonly transport?: 'ws' | 'wss'
  readonly direction?: 'outbound' | 'inbound'
  readonly latencyMs?: number
  /** How the peer calls itself. Its words. */
  readonly remoteName?: string
  readonly agentVersion?: string
  /** The peer's operator confirmed us, says its Hello. */
  readonly confirmedByPeer?: boolean
  readonly trouble?: LinkTrouble
  /** When the first of the two certificates of the session ends. */
  readonly certificatesEndMs?: number
  /** From when on the session should have been replaced, by the life of the same two. */
  readonly certificatesOverdueMs?: number
}

/** The links as peers sees them, from below: it may not import them. */
export interface LinkViews {
  view(fingerprint: string): LinkView
  onChange(listener: (fingerprint: string, view: LinkView) => void): () => void
}
