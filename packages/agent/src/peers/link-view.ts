import type { LinkStateName } from '@porpulsion/contract'

/** How a link is, as status, page and CLI show it. */
export interface LinkView {
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
}

/** The links as peers sees them, from below: it may not import them. */
export interface LinkViews {
  view(fingerprint: string): LinkView
  onChange(listener: (fingerprint: string, view: LinkView) => void): () => void
}
