import type { SessionCode, StreamCode } from './channel-code.ts'
import type { Clock, Defer, Random } from './clock.ts'
import type { LocalHello, PeerHello } from './hello.ts'
import type { SessionLimits } from './limits.ts'
import type { PairLoad } from './pair-load.ts'
import type { ChannelStream, StreamOutcome } from './stream-api.ts'

/** Who made the connection. It decides only who has the odd stream ids. */
export type SessionRole = 'dialler' | 'acceptor'

/** The ordered, reliable, authenticated connection below. The session writes into it; whoever owns it feeds the session. */
export interface Transport {
  /**
   * One batch of frames, to be sent in order. The arrays belong to the transport from now on.
   * False: it has enough for now and will say `session.transportDrained()`. Keep its buffer small
   * (64 to 128 KiB): what lies there can no longer be overtaken by something more urgent.
   */
  write(chunks: readonly Uint8Array[]): boolean
  /** Called once, last: send what was written, then end the connection. Give up on it after a while. */
  close(): void
}

export interface SessionOptions {
  readonly role: SessionRole
  /** What our side says of itself. */
  readonly hello: LocalHello
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  readonly defer: Defer
  /** Differences from `defaultLimits`. */
  readonly limits?: Partial<SessionLimits>
  /** Shared by all sessions with this peer. Left out: this is the only one. */
  readonly load?: PairLoad
  /** Judges every Open of the peer before a stream exists. Left out: everything is accepted. */
  readonly canOpen?: (request: OpenRequest) => OpenVerdict
  /** A stream the peer opened. Call `stream.handle(…)` before returning or later; its bytes wait. */
  readonly onStream: (stream: ChannelStream) => void
  readonly onEvent: (event: SessionEvent) => void
}

export interface OpenRequest {
  readonly header: Uint8Array
  readonly peer: PeerHello
}

export type OpenVerdict =
  | { readonly kind: 'accept' }
  | { readonly kind: 'refuse'; readonly code: StreamCode | (string & {}); readonly message: string }

export type OpenResult =
  | { readonly kind: 'opened'; readonly stream: ChannelStream }
  /** `retryAfterMs` is there where waiting helps. */
  | {
      readonly kind: 'refused'
      readonly code: StreamCode | 'NotUp' | 'StreamIdsExhausted'
      readonly message: string
      readonly retryAfterMs?: number
    }

/** One authenticated connection to one peer, carrying many streams. Made by `createSession`. */
export interface Session {
  readonly role: SessionRole
  readonly state: SessionState
  /** Bytes from the transport, which then belong to the session. Never throws, whatever they are. */
  receive(bytes: Uint8Array): void
  /** The transport takes more again. */
  transportDrained(): void
  /** The connection is gone: everything ends at once, without a goodbye. */
  transportClosed(message?: string): void
  /** Opens a stream; its header and first bytes may travel together. */
  open(header: Uint8Array): OpenResult
  /** Measures a round trip now; the answer is an `answered` event. */
  ping(): void
  /** No new streams from either side; the session ends by itself when the last one has, or after `drainTimeoutMs`. */
  drain(options?: DrainOptions): void
  /** Asks the peer to dial a successor. Nothing else changes. */
  askToReplace(message: string): void
  /** Says goodbye and ends: streams are reset, the transport is closed after the GoAway. */
  end(
    code: SessionCode | (string & {}),
    message: string,
    options?: { readonly retryAfterMs?: number },
  ): void
  stats(): SessionStats
}

export interface DrainOptions {
  /** Why: `Drain` (shutdown, the default) or `Superseded`. */
  readonly code?: typeof SessionCode.Drain | typeof SessionCode.Superseded
  readonly message?: string
  /** When a redial makes sense. */
  readonly retryAfterMs?: number
}

export type SessionState =
  /** Nothing may be opened: the peer's Hello has not come. */
  | { readonly kind: 'greeting' }
  | { readonly kind: 'up'; readonly peer: PeerHello; readonly version: number }
  /** Up for the streams it has. */
  | {
      readonly kind: 'draining'
      readonly peer: PeerHello
      readonly version: number
      readonly by: 'local' | 'peer'
    }
  | { readonly kind: 'ended'; readonly end: SessionEnd }

export interface SessionEnd {
  /** `transport`: the connection broke or fell silent. */
  readonly by: 'local' | 'peer' | 'transport'
  readonly code: string
  /** From the peer: their words. */
  readonly message: string
  readonly retryAfterMs?: number
}

/** What happened, for the link above, for logs and for metrics. The order of events is the order of things. */
export type SessionEvent =
  /** The peer's Hello was read: streams may be opened. */
  | { readonly kind: 'up'; readonly peer: PeerHello; readonly version: number }
  /** A Ping came back. `first`: this session is proven to work both ways. */
  | { readonly kind: 'answered'; readonly rttMs: number; readonly first: boolean }
  /** Two Pings in a row were missed. */
  | { readonly kind: 'suspect'; readonly missedPings: number }
  /** A Ping was answered after all. */
  | { readonly kind: 'recovered' }
  /** The peer wants no more streams here, and why. */
  | {
      readonly kind: 'peerDrains'
      readonly code: string
      readonly message: string
      readonly retryAfterMs?: number
    }
  /** The peer asks us to dial a successor. */
  | { readonly kind: 'replaceAsked'; readonly message: string }
  /** An Open of the peer was refused. */
  | { readonly kind: 'openRefused'; readonly code: string; readonly message: string }
  /** A stream was reset for a reason that lies in the channel or the peer. */
  | {
      readonly kind: 'streamReset'
      readonly streamId: number
      readonly outcome: Extract<StreamOutcome, { kind: 'reset' }>
    }
  /** A callback of the layer above threw; its stream was reset, the session lives. */
  | { readonly kind: 'callbackFailed'; readonly error: unknown }
  /** Exactly once, last. */
  | { readonly kind: 'ended'; readonly end: SessionEnd }

/** Counters since the session began, and the present state of the path. */
export interface SessionStats {
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly framesSent: number
  readonly framesReceived: number
  readonly streamsOpened: number
  readonly streamsAccepted: number
  readonly streamsRefused: number
  readonly openStreams: number
  /** Received and not yet read, all streams together. */
  readonly unreadBytes: number
  /** Sent and not yet acknowledged by the peer's session (not by its readers). */
  readonly inFlightBytes: number
  readonly inFlightBoundBytes: number
  readonly deliveryRateBytesPerMs: number
  /** Undefined until the first Ping was answered. */
  readonly rttMs: number | undefined
  readonly minRttMs: number | undefined
}
