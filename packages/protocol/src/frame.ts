import { maxCodeBytes, maxMessageBytes } from './channel-code.ts'

/**
 * The unit on the wire, after a fixed header of ten bytes, numbers in network order:
 *
 *     0        1        2                 6                10
 *     ┌────────┬────────┬─────────────────┬────────────────┬─────────────┐
 *     │ type   │ flags  │ stream id       │ payload length │ payload …   │
 *     └────────┴────────┴─────────────────┴────────────────┴─────────────┘
 */
export const headerBytes = 10

/** A larger frame would let one stream hold the wire for long; a smaller one costs headers. */
export const maxPayloadBytes = 64 * 1024

/** Frames about the session, not about one stream. */
export const sessionStreamId = 0

export const maxStreamId = 0xffff_ffff

/** The one-byte frame type. Numbers are wire format: never renumber, never reuse. Zero stays invalid. */
export const FrameType = {
  /** First frame each way, on stream 0: versions, boot, limits. JSON. */
  Hello: 0x1,
  /** Begins a stream; the payload is a header for the layer above. */
  Open: 0x2,
  /** Stream bytes. The only type that counts against windows and against bytes in flight. */
  Data: 0x3,
  /** On a stream: more credit for its sender. On stream 0: so many bytes of Data frames arrived. */
  Window: 0x4,
  /** Half-close: the sender sends no more Data on this stream. */
  Close: 0x5,
  /** Ends both directions of a stream at once: code and message. */
  Reset: 0x6,
  /** Eight opaque bytes, to be answered by a Pong with the same ones. */
  Ping: 0x7,
  Pong: 0x8,
  /** About the end of the session: retry-after, code and message. */
  GoAway: 0x9,
} as const
export type FrameType = (typeof FrameType)[keyof typeof FrameType]

/** Flags that are not defined for a type are sent as zero and not looked at. */
export const FrameFlag = {
  /** On a Ping: the sender holds its bulk back to measure the path; please do likewise for a moment. */
  Quiet: 0x01,
  /** Who does not know the type skips the frame. Without it, an unknown type ends the session. */
  Ignorable: 0x80,
} as const

/** What each type may carry. Known before any payload is read, so nothing larger is ever collected. */
export function maxPayloadOf(type: FrameType): number {
  switch (type) {
    case FrameType.Hello:
      return 8 * 1024
    case FrameType.Open:
    case FrameType.Data:
      return maxPayloadBytes
    case FrameType.Window:
      return 4
    case FrameType.Close:
      return 0
    case FrameType.Reset:
      return 1 + maxCodeBytes + maxMessageBytes
    case FrameType.Ping:
    case FrameType.Pong:
      return pingBytes
    case FrameType.GoAway:
      return 4 + 1 + maxCodeBytes + maxMessageBytes
    default:
      return type satisfies never
  }
}

export const pingBytes = 8

export function isKnownType(type: number): type is FrameType {
  return type >= FrameType.Hello && type <= FrameType.GoAway
}
