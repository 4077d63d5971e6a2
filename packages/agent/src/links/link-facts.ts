/** A link in figures, for who asks: read off its sessions at that moment. What others need to hear of is in its view. */
export interface LinkFacts {
  /** Since the agent started: all sessions together, inside the inner TLS. */
  readonly receivedBytes: number
  readonly sentBytes: number
  readonly openStreams: number
  /** The last round trip of the session that is the link now. */
  readonly latencyMs?: number
  readonly session?: SessionFacts
  /** While we wait to dial again. */
  readonly nextDialMs?: number
}

export interface SessionFacts {
  readonly sinceMs: number
  readonly protocolVersion: number
  /** Until when the certificates of the two sides in this session are good. */
  readonly peerLeafEndsMs: number
  readonly ownLeafEndsMs: number
}

/** Of a peer without a link yet. */
export const noLinkFacts: LinkFacts = { receivedBytes: 0, sentBytes: 0, openStreams: 0 }

export interface Traffic {
  readonly receivedBytes: number
  readonly sentBytes: number
}

export function sumOfTraffic(parts: readonly Traffic[]): Traffic {
  return parts.reduce(
    (sum, { receivedBytes, sentBytes }) => ({
      receivedBytes: sum.receivedBytes + receivedBytes,
      sentBytes: sum.sentBytes + sentBytes,
    }),
    { receivedBytes: 0, sentBytes: 0 },
  )
}
