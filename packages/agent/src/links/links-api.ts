import type { IncomingMessage } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import type {
  BodyOf,
  PeerEndpointName,
  peerEndpoints,
  QueryOf,
  ResponseOf,
} from '@porpulsion/contract'
import type { CallingPeer } from '../api/index.ts'
import type { LinkViews } from '../peers/index.ts'
import type { LinkFacts } from './link-facts.ts'

type Table = typeof peerEndpoints

/** What a peer endpoint takes besides the signal. */
export interface CallInput<K extends PeerEndpointName> {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: QueryOf<Table[K]>
  readonly body?: BodyOf<Table[K]>
  readonly signal: AbortSignal
  /** Until the whole answer is there (of a stream: until it begins). Default `defaultCallTimeoutMs`. */
  readonly timeoutMs?: number
}

export interface RpcRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | Readable
  readonly signal: AbortSignal
  /** Until the head of the answer is there. */
  readonly timeoutMs?: number
}

export interface RpcResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readable
}

/** One port of one app that runs for its submitter at the other side. */
export interface TcpTarget {
  /** uid of the RemoteApp at the submitter. */
  readonly app: string
  readonly port: number
}

/** One command in a pod of an app that runs for its submitter at the other side. */
export interface ExecTarget {
  /** uid of the RemoteApp at the submitter. */
  readonly app: string
  readonly command: readonly string[]
  readonly pod?: string
  readonly container?: string
  readonly tty: boolean
  readonly stdin: boolean
  /** Of the terminal, at first. */
  readonly columns?: number
  readonly rows?: number
}

/**
 * All links of this agent, by fingerprint of the peer. Everything here fails with a PorpulsionError that says why:
 * `PeerNotFound`, `LinkDown`, `NotConfirmed`, `PeerTimeout`, or what the peer answered, quoted as its words.
 */
export interface Links extends LinkViews {
  /** Follows the peer directory from here on: dials who has a URL, closes who is gone. */
  start(): void
  /** Traffic, session and certificates of a link, as of this moment. */
  facts(fingerprint: string): LinkFacts
  /** One JSON request of the peer API. Problem documents of the peer are thrown with their kind and code. */
  call<K extends PeerEndpointName>(
    fingerprint: string,
    endpoint: K,
    input: CallInput<K>,
  ): Promise<ResponseOf<Table[K]>>
  /** One request whose answer comes line by line; the loop ends with the answer, leaving it ends the request. */
  stream<K extends PeerEndpointName>(
    fingerprint: string,
    endpoint: K,
    input: CallInput<K>,
  ): Promise<AsyncIterable<ResponseOf<Table[K]>>>
  /** One HTTP request over an rpc stream, as it is. */
  request(fingerprint: string, request: RpcRequest): Promise<RpcResponse>
  /**
   * Raw bytes to a port of an app at the peer; resolves once the connection there stands. Half-close works both ways,
   * `destroy` resets. A refusal rejects with the host's code, its message quoted. Emits `retireEvent` when its session
   * gives way to another, or to none: what it carries may end, and whoever pools it must not use it again.
   */
  openTcp(fingerprint: string, target: TcpTarget, signal: AbortSignal): Promise<Duplex>
  /**
   * A command at the peer, as the bytes of its frames (docs/protocol.md, "Commands"); resolves once it may be running.
   * Ends and refusals as of `openTcp`.
   */
  openExec(fingerprint: string, target: ExecTarget, signal: AbortSignal): Promise<Duplex>
  /** An upgrade request on `GET /ws` of the peer-facing port. Takes the socket over, whatever becomes of it. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Ends every session with this peer now. It may come back, unless the directory no longer knows it. */
  close(fingerprint: string, reason: string): void
  /**
   * Tells every peer that we stop: no new streams, those that run go on. Resolves when they have ended, or when the
   * time is up; what is left then `stop` ends.
   */
  drain(graceMs: number): Promise<void>
  /** Ends all sessions with a goodbye. Idempotent. */
  stop(): Promise<void>
}

/** What the host's side of a link needs from the features above it. */
export interface LinkServices {
  /** Serves the peer API on one rpc stream. Owns the duplex from here on. */
  servePeerApi(duplex: Duplex, peer: CallingPeer): void
  /** Connects a tcp stream's target; a PorpulsionError refuses it and travels to the peer. */
  acceptTcp(peer: CallingPeer, target: TcpTarget, signal: AbortSignal): Promise<Duplex>
  /** The same for a command of an exec stream. */
  acceptExec(peer: CallingPeer, target: ExecTarget, signal: AbortSignal): Promise<Duplex>
}
