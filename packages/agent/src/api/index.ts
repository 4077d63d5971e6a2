/**
 * What a route is, to the features that answer it: a plain function from a checked request to a result. How requests
 * arrive, are authenticated and validated is `http/`, which knows no feature; features know no server.
 */
import type { Duplex } from 'node:stream'
import type {
  BodyOf,
  Endpoint,
  EndpointName,
  endpoints,
  peerEndpoints,
  PeerEndpointName,
  QueryOf,
  ResponseOf,
  Role,
} from '@porpulsion/contract'
import type { CallingPeer } from './calling-peer.ts'

/** Who calls the REST API; proven before a handler runs. */
export interface Caller {
  /** `admin`, `token/ci`: for logs and records. */
  readonly name: string
  readonly role: Role
  /** The user who called, or whose token called. A token of the agent itself is nobody's. */
  readonly user?: { readonly id: string; readonly name: string }
  /** Names the session it came with; left out for a token. */
  readonly sessionId?: string
  /** Names the token it came with; left out for a session. */
  readonly tokenId?: string
}

interface Checked<E extends Endpoint> {
  readonly params: Readonly<Record<string, string>>
  readonly query: QueryOf<E>
  readonly body: BodyOf<E>
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal
}

/**
 * One JSON value, or what arrives line by line (`ndjson`, `sse`). For a `websocket` what it carries, made before the
 * caller is told yes, so that a refusal is an answer like any other: a Duplex of Uint8Array objects, the messages of a
 * terminal, whose end closes the WebSocket, and which is destroyed when the caller goes; or who serves a session.
 */
export type Result<E extends Endpoint> = E['format'] extends 'json'
  ? Promise<ResponseOf<E>>
  : E['webSocket'] extends { readonly carries: 'session' }
    ? Promise<ServeSession>
    : E['format'] extends 'websocket'
      ? Promise<Duplex>
      : Promise<AsyncIterable<ResponseOf<E>>>

/** Takes over a connection's bytes. It ends with the caller, or when the caller lost the right to it. */
export type ServeSession = (connection: Duplex) => void

export type ApiRequest<E extends Endpoint> = Checked<E> & {
  readonly caller: Caller
  /** The address the caller has for us: `http://localhost:8000`. */
  readonly origin: string
  /** Adds to what the audit trail says of this request. Never values. */
  readonly note: (facts: NotedFacts) => void
}

/** Goes beside what the trail says anyway: who, what, from where, and how it ended. */
export interface NotedFacts {
  /** `remoteapp/porpulsion,web`: what it is done to, however the request names it. */
  readonly about?: string
  /** Dotted paths of what changed. */
  readonly changes?: readonly string[]
}
export type PeerRequest<E extends Endpoint> = Checked<E> & { readonly peer: CallingPeer }

/** What a feature answers of the REST API. `agent.ts` merges these; a missing or doubled endpoint fails at start. */
export type ApiHandlers = {
  readonly [K in EndpointName]?: (
    request: ApiRequest<(typeof endpoints)[K]>,
  ) => Result<(typeof endpoints)[K]>
}

/** What a feature answers of the peer API. */
export type PeerHandlers = {
  readonly [K in PeerEndpointName]?: (
    request: PeerRequest<(typeof peerEndpoints)[K]>,
  ) => Result<(typeof peerEndpoints)[K]>
}

export type { CallingPeer } from './calling-peer.ts'
export { GatheredBytes } from './gathered-bytes.ts'
export { PeerStreams } from './peer-streams.ts'
export { problemHeaders } from './problem-headers.ts'
export { createRateLimit, type RateLimit, type RateLimitOptions } from './rate-limit.ts'
