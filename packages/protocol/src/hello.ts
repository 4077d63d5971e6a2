/** What our side says of itself when a session begins. */
export interface LocalHello {
  /** Random, made when the process starts: the peer sees by it that we started anew. 32 lower-case hex digits. */
  readonly bootId: string
  /** The dialler's count of dials to this peer since its boot; the acceptor leaves it out. */
  readonly dialSeq?: number
  /** Generation of the session this one is meant to replace; see `generationOf` in session-pair-rule.ts. */
  readonly replaces?: number
  /** Our operator confirmed the peering. */
  readonly confirmed: boolean
  /** For people; nothing is decided by it. */
  readonly agentVersion: string
  /** Extensions we speak, by name; both must name one for it to be used. */
  readonly features?: readonly string[]
}

/** What the peer said of itself. It has proven who it is, not that any of this is true. */
export interface PeerHello {
  readonly bootId: string
  readonly dialSeq: number | undefined
  readonly replaces: number | undefined
  readonly confirmed: boolean
  readonly agentVersion: string
  readonly features: readonly string[]
  /** Protocol versions it speaks. */
  readonly versions: readonly number[]
  /** What it allows us. */
  readonly limits: PeerLimits
}

export interface PeerLimits {
  readonly maxStreams: number
  readonly opensPerSecond: number
  readonly openBurst: number
  readonly maxOpenHeaderBytes: number
  readonly initialWindowBytes: number
}
