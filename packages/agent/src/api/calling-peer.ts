/** Which peer calls the peer API; proven by the inner TLS of its session. */
export interface CallingPeer {
  readonly fingerprint: string
  /** Our local name for it. */
  readonly name: string
  /** Of the CA that proved it in this session. Left out where that is the one it came with, `fingerprint`. */
  readonly ca?: string
}
