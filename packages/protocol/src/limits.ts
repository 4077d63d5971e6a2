/** Every bound of a session, by name, with what happens there. Defaults suit an agent with some hundred peers. */
export interface SessionLimits {
  /** Streams the peer may have open at once; one more is refused with `TooManyStreams`. */
  readonly maxStreams: number
  /** Sustained rate at which the peer may open streams; beyond it `OpenRateExceeded`. */
  readonly opensPerSecond: number
  /** Streams that may be opened at once after a rest. */
  readonly openBurst: number
  /** Header of an Open; a larger one is refused with `OpenHeaderTooLarge`. */
  readonly maxOpenHeaderBytes: number
  /** What a new stream may receive before its reader took anything; beyond it `WindowExceeded`. */
  readonly initialWindowBytes: number
  /** A stream's window grows to at most this. */
  readonly maxWindowBytes: number
  /** Received and unread, all streams together; beyond it the one that holds most is reset with `SessionMemoryExceeded`. */
  readonly maxUnreadBytes: number
  /** Written and unsent on one stream, beyond which `write` answers false. */
  readonly sendBufferBytes: number
  /** Written and unsent, all streams together: where there are many, each is told to wait earlier, down to 16 KiB. */
  readonly maxUnsentBytes: number
  /** Control frames we owe the peer and it does not take; beyond it the session ends with `ControlFlood`. */
  readonly maxControlBytes: number
  /** Unacknowledged bytes are always allowed up to this, so that a slow start is no standstill. */
  readonly minInFlightBytes: number
  /** … and never beyond this, however fat the path. */
  readonly maxInFlightBytes: number
  /** How much standing queue, in time, the bound on bytes in flight allows beyond the path itself. */
  readonly queueTargetMs: number
  /** A stream that sends more than this in one exchange gives way to others. */
  readonly bulkAfterBytes: number
  /** With nothing to send for this long, a stream's exchange is over. */
  readonly exchangeIdleMs: number
  /** From creation to the peer's Hello; then the session ends with `HelloTimeout`. */
  readonly helloTimeoutMs: number
  readonly pingIntervalMs: number
  /** A Ping unanswered for this long counts as missed; two in a row make the session suspect. */
  readonly pongTimeoutMs: number
  /** Nothing at all heard for this long: the session ends with `PeerSilent`. */
  readonly silenceMs: number
  /** How long a draining session waits for its streams; then they are reset with `Drained`. */
  readonly drainTimeoutMs: number
}

const KiB = 1024
const MiB = 1024 * KiB

export const defaultLimits: SessionLimits = {
  maxStreams: 1024,
  opensPerSecond: 2_000,
  openBurst: 2_000,
  maxOpenHeaderBytes: 16 * KiB,
  initialWindowBytes: 256 * KiB,
  maxWindowBytes: 16 * MiB,
  maxUnreadBytes: 32 * MiB,
  sendBufferBytes: 128 * KiB,
  maxUnsentBytes: 32 * MiB,
  maxControlBytes: 2 * MiB,
  minInFlightBytes: 64 * KiB,
  maxInFlightBytes: 32 * MiB,
  queueTargetMs: 50,
  bulkAfterBytes: 256 * KiB,
  exchangeIdleMs: 1_000,
  helloTimeoutMs: 10_000,
  pingIntervalMs: 10_000,
  pongTimeoutMs: 4_000,
  silenceMs: 25_000,
  drainTimeoutMs: 60 * 60 * 1_000,
}
