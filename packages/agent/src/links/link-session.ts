import { randomUUID } from 'node:crypto'
import { PorpulsionError } from '@porpulsion/contract'
import {
  createSession,
  generationOf,
  StreamCode,
  type ChannelStream,
  type Clock as ChannelClock,
  type LocalHello,
  type OpenVerdict,
  type PairLoad,
  type PairSession,
  type PeerHello,
  type Session,
  type SessionEvent,
  type SessionLimits,
} from '@porpulsion/protocol'
import { serveConnected, StreamDuplex, whenConnected, type ResetToError } from '@porpulsion/streams'
import type { CallingPeer } from '../api/index.ts'
import { peerActor, type Audit } from '../audit/index.ts'
import type { Clock, Random } from '../observability/index.ts'
import type { SessionFacts, Traffic } from './link-facts.ts'
import type { ExecTarget, LinkServices, TcpTarget } from './links-api.ts'
import { retireEvent } from './retire-event.ts'
import { encodeOpenHeader, readOpenHeader, type OpenHeader } from './open-header.ts'
import { errorOfReset } from './peer-words.ts'
import { RpcClient } from './rpc-client.ts'
import type { SecureConnection } from './secure-connection.ts'
import type { Duplex } from 'node:stream'

export interface LinkSessionDeps {
  readonly clock: Clock
  readonly channelClock: ChannelClock
  readonly random: Random
  readonly services: LinkServices
  readonly audit: Audit
  /** Asked at every stream: names change, and a removed peer must open nothing in its last milliseconds. */
  readonly caller: () => (CallingPeer & { readonly confirmed: boolean }) | undefined
  readonly onEvent: (session: LinkSession, event: SessionEvent) => void
}

export interface LinkSessionOptions {
  readonly peerFingerprint: string
  readonly hello: LocalHello
  readonly limits: Partial<SessionLimits>
  /** Of all sessions with this peer. */
  readonly load: PairLoad
  /** When this session is to be replaced because of our certificate. */
  readonly renewAtMs: number
}

/** For requests under way when the CA of their session is given up. */
const requestsMayEndMs = 10_000

/** One session of a link: its frames on its connection, its streams served or used. */
export class LinkSession {
  readonly id = randomUUID()
  readonly connection: SecureConnection
  readonly options: LinkSessionOptions
  readonly #deps: LinkSessionDeps
  readonly #session: Session
  readonly #rpc: RpcClient
  readonly #closed = new AbortController()
  /** Set when the Hello came. */
  #up: { readonly hello: PeerHello; readonly order: number; readonly atMs: number } | undefined
  /** Opened by us, for whoever pools them. */
  readonly #tcp = new Set<Duplex>()
  /** Opened by the peer, for requests. */
  readonly #requests = new Set<Duplex>()
  #isGivenUp = false
  #isProven = false
  #isSuspect = false
  #drains = false
  #rttMs: number | undefined

  constructor(deps: LinkSessionDeps, connection: SecureConnection, options: LinkSessionOptions) {
    this.#deps = deps
    this.connection = connection
    this.options = options
    this.#session = createSession({
      role: connection.direction === 'outbound' ? 'dialler' : 'acceptor',
      hello: options.hello,
      transport: connection,
      clock: deps.channelClock,
      random: deps.random,
      defer: setImmediate,
      limits: options.limits,
      load: options.load,
      canOpen: ({ header, peer }) => this.#judgeOpen(header, peer),
      onStream: (stream) => this.#serve(stream),
      onEvent: (event) => this.#on(event),
    })
    this.#rpc = new RpcClient({ clock: deps.clock, openRpc: () => this.#openRpc() })
  }

  /** Lets bytes in. Events may come before this returns: the connection may have ended meanwhile. */
  start(): void {
    this.connection.attach({
      onBytes: (bytes) => this.#session.receive(bytes),
      onDrain: () => this.#session.transportDrained(),
      onClosed: (message) => {
        this.#session.transportClosed(message)
        this.#closed.abort()
      },
    })
  }

  /** Resolves once the connection is gone: nothing of the session is left, not even its goodbye. */
  whenClosed(): Promise<void> {
    const { signal } = this.#closed
    return new Promise((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  get peer(): PeerHello | undefined {
    return this.#up?.hello
  }

  get isProven(): boolean {
    return this.#isProven
  }

  get isSuspect(): boolean {
    return this.#isSuspect
  }

  /** It has a peer's Hello, and has not ended. */
  get isUp(): boolean {
    const { kind } = this.#session.state
    return kind === 'up' || kind === 'draining'
  }

  get isDraining(): boolean {
    return this.#drains
  }

  get rttMs(): number | undefined {
    return this.#rttMs
  }

  get traffic(): Traffic {
    const { bytesReceived, bytesSent } = this.#session.stats()
    return { receivedBytes: bytesReceived, sentBytes: bytesSent }
  }

  /** In one direction, each of which has a key of its own. */
  get sealedBytes(): number {
    const { receivedBytes, sentBytes } = this.traffic
    return Math.max(receivedBytes, sentBytes)
  }

  get openStreams(): number {
    return this.#session.stats().openStreams
  }

  /** Undefined until the Hello came, and after the end. */
  get facts(): SessionFacts | undefined {
    const { state } = this.#session
    if (this.#up === undefined || (state.kind !== 'up' && state.kind !== 'draining'))
      return undefined
    return {
      sinceMs: this.#up.atMs,
      protocolVersion: state.version,
      peerLeafEndsMs: this.connection.peerNotAfterMs,
      ownLeafEndsMs: this.connection.leaf.notAfterMs,
    }
  }

  get rpc(): RpcClient {
    return this.#rpc
  }

  /** What the pair rule judges by. Undefined until the Hello came. */
  get inPair(): PairSession | undefined {
    if (this.#up === undefined) return undefined
    const { hello, order } = this.#up
    const isOurs = this.connection.direction === 'outbound'
    const diallerHello = isOurs ? this.options.hello : hello
    return {
      id: this.id,
      // Of this session: both sides know it, whatever either has renewed since.
      dialler: isOurs ? this.connection.ownCa : this.connection.peerCa,
      dialSeq: diallerHello.dialSeq ?? 0,
      generation: generationOf(diallerHello),
      peerBootId: hello.bootId,
      upOrder: order,
      proven: this.#isProven,
      draining: this.#drains,
    }
  }

  /** Called by the link when the Hello came; counts the sessions of the pair. */
  cameUp(hello: PeerHello, order: number): void {
    this.#up = { hello, order, atMs: this.#deps.clock.now() }
  }

  async openTcp(target: TcpTarget, signal: AbortSignal): Promise<Duplex> {
    const stream = await this.#connect({ kind: 'tcp', app: target.app, port: target.port }, signal)
    // Later: whoever gets it now has not been able to listen yet.
    if (this.#drains) setImmediate(() => stream.emit(retireEvent))
    else {
      this.#tcp.add(stream)
      stream.once('close', () => this.#tcp.delete(stream))
    }
    return stream
  }

  async openExec(target: ExecTarget, signal: AbortSignal): Promise<Duplex> {
    return await this.#connect({ kind: 'exec', ...target }, signal)
  }

  askToReplace(reason: string): void {
    this.#session.askToReplace(reason)
  }

  drain(code: 'Drain' | 'Superseded', message: string, retryAfterMs?: number): void {
    if (this.#drains) return
    this.#retire()
    this.#session.drain({ code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) })
  }

  /**
   * The CA that proved the peer here counts no more. An honest peer asks on its next session; a stream that is kept for
   * requests would let who has the former key go on asking for as long as this one drains.
   */
  giveUp(message: string): void {
    this.drain('Superseded', message)
    if (this.#isGivenUp) return
    this.#isGivenUp = true
    this.#deps.clock.setTimeout(() => {
      const over = new PorpulsionError('Unavailable', 'LinkDown', message)
      for (const requests of [...this.#requests]) requests.destroy(over)
    }, requestsMayEndMs)
  }

  /** What is pooled on it goes as soon as it is idle: a session that drains must come to an end. */
  #retire(): void {
    this.#drains = true
    this.#rpc.close()
    for (const stream of this.#tcp) stream.emit(retireEvent)
    this.#tcp.clear()
  }

  close(code: string, message: string): void {
    this.#session.end(code, message)
  }

  #open(header: OpenHeader): ChannelStream {
    const result = this.#session.open(encodeOpenHeader(header))
    if (result.kind === 'opened') return result.stream
    throw errorOfReset(this.#peerName, { by: 'session', ...result })
  }

  async #connect(header: OpenHeader, signal: AbortSignal): Promise<Duplex> {
    const stream = this.#open(header)
    const first = await whenConnected(stream, this.#toError, signal)
    const duplex = new StreamDuplex(stream, this.#toError)
    if (first.length > 0) duplex.unshift(first)
    return duplex
  }

  #openRpc(): StreamDuplex {
    return new StreamDuplex(this.#open({ kind: 'rpc' }), this.#toError)
  }

  #judgeOpen(bytes: Uint8Array, peer: PeerHello): OpenVerdict {
    const caller = this.#deps.caller()
    if (caller === undefined) return refuse('PeerRevoked', 'You are no peer of this agent any more')
    if (!caller.confirmed)
      return refuse(StreamCode.NotConfirmed, 'The operator here has not confirmed your fingerprint')
    if (!peer.confirmed)
      return refuse(StreamCode.NotConfirmed, 'Your own operator has not confirmed our fingerprint')
    if (readOpenHeader(bytes) === undefined) {
      const actor = peerActor(caller.name)
      const reason = 'StreamKindUnknown'
      this.#deps.audit.record({ actor, action: 'openStream', outcome: 'refused', reason })
      return refuse(reason, 'This agent knows no stream of this kind')
    }
    return { kind: 'accept' }
  }

  #serve(stream: ChannelStream): void {
    const caller = this.#deps.caller()
    const header = readOpenHeader(stream.header)
    if (caller === undefined || header === undefined) {
      stream.reset(StreamCode.Refused)
      return
    }
    if (header.kind === 'rpc') {
      const requests = new StreamDuplex(stream, this.#toError)
      this.#requests.add(requests)
      requests.once('close', () => this.#requests.delete(requests))
      // Whoever serves it hears of it too; without a listener the process would end.
      requests.on('error', () => undefined)
      this.#deps.services.servePeerApi(requests, { ...caller, ca: this.connection.peerCa })
      return
    }
    const { services } = this.#deps
    void serveConnected(stream, (signal) =>
      header.kind === 'tcp'
        ? services.acceptTcp(caller, header, signal)
        : services.acceptExec(caller, header, signal),
    )
  }

  #on(event: SessionEvent): void {
    switch (event.kind) {
      case 'answered':
        this.#isProven = true
        // Smoothed: one slow answer is not what the path is like.
        this.#rttMs = this.#session.stats().rttMs ?? event.rttMs
        break
      case 'suspect':
        this.#isSuspect = true
        break
      case 'recovered':
        this.#isSuspect = false
        break
      case 'peerDrains':
        this.#retire()
        break
      case 'ended':
        this.#rpc.destroy(
          errorOfReset(this.#peerName, {
            by: 'session',
            code: 'SessionEnded',
            message: event.end.message,
          }),
        )
        break
      default:
        break
    }
    this.#deps.onEvent(this, event)
  }

  readonly #toError: ResetToError = (outcome) => errorOfReset(this.#peerName, outcome)

  get #peerName(): string {
    return this.#deps.caller()?.name ?? this.options.peerFingerprint.slice(0, 12)
  }
}

const refuse = (code: string, message: string): OpenVerdict => ({ kind: 'refuse', code, message })

/** For callers above, when there is no session to ask. */
export function linkDown(
  peer: string,
  why: string | undefined,
  retryAfterMs?: number,
): PorpulsionError {
  return new PorpulsionError(
    'Unavailable',
    'LinkDown',
    `The link to peer "${peer}" is down${why === undefined ? '' : `: ${why}`}`,
    retryAfterMs === undefined
      ? {}
      : { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)) },
  )
}
