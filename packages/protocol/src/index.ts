/**
 * The channel between two agents, without I/O: bytes from a connection go in with
 * `session.receive`, bytes for it come out through the `Transport` given at creation, and time,
 * chance and the end of the tick are handed in. docs/protocol.md is its specification.
 *
 * Must not know: sockets, TLS, Node, what the streams carry, who the peers are or what they may do.
 */
export { StreamCode, SessionCode, isChannelCode } from './channel-code.ts'
export { createSession } from './session.ts'
export type { CancelTimer, Clock, Defer, Random } from './clock.ts'
export { maxHelloCount, type LocalHello, type PeerHello, type PeerLimits } from './hello.ts'
export { defaultLimits, type SessionLimits } from './limits.ts'
export type {
  DrainOptions,
  OpenRequest,
  OpenResult,
  OpenVerdict,
  Session,
  SessionEnd,
  SessionEvent,
  SessionOptions,
  SessionRole,
  SessionState,
  SessionStats,
  Transport,
} from './session-api.ts'
export { PairLoad } from './pair-load.ts'
export type { ChannelStream, StreamHandler, StreamOutcome } from './stream-api.ts'
export {
  generationOf,
  judgePair,
  maxDrainingSessions,
  type PairSession,
  type PairVerdict,
} from './session-pair-rule.ts'
