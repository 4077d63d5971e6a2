import { Agent, type ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../observability/index.ts'
import { retireEvent } from '../links/index.ts'
import { asSocket } from './as-socket.ts'
import * as limits from './limits.ts'

export type OpenStream = (signal: AbortSignal) => Promise<Duplex>

/**
 * Which connection a request may go on. An app may close an idle one at the very moment we send on it, and nobody could
 * tell whether it still did what was asked.
 *
 * - `any`: one that was kept. If it turns out to be dead, the request can be sent again.
 * - `recent`: one that was in use a moment ago, when no server closes it; else a new one. For what must not be done
 *   twice.
 * - `none`: a new one.
 */
export type Reuse = 'any' | 'recent' | 'none'

interface Connection {
  readonly stream: Duplex
  /** On a session that ends: good for the request it carries, not for another. */
  isRetired: boolean
  /** How long the app says it keeps a connection (`Keep-Alive: timeout=5`). */
  keepAliveMs: number
  isIdle: boolean
  idleSinceMs: number
  /** Not used from then on. */
  idleUntilMs: number
  /** Whatever an idle connection says, it is of no use any more. */
  readonly discard: () => void
}

/**
 * HTTP connections to one port of one app, as streams of a link, kept open between requests. Node's own agent keeps
 * sockets; ours only has what a stream has, and asks for a new one in a way that can fail with a reason.
 */
export class StreamAgent extends Agent {
  readonly #openStream: OpenStream
  readonly #clock: Clock
  /** Last used last: the freshest is the likeliest to be alive. */
  readonly #idle: Connection[] = []
  readonly #opening = new WeakMap<ClientRequest, AbortController>()
  #sweep: { readonly atMs: number; readonly cancel: () => void } | undefined
  /** What we had to find out by ourselves: a connection of the app ended while we kept it. */
  #lesson: { readonly idleMs: number; readonly untilMs: number } | undefined
  #open = 0

  constructor(openStream: OpenStream, clock: Clock) {
    super({ keepAlive: true })
    this.#openStream = openStream
    this.#clock = clock
  }

  /** Connections that stand or are being made. */
  get size(): number {
    return this.#open
  }

  /** What Node calls for every request that names this agent. */
  addRequest(request: ClientRequest, { reuse = 'any' }: { readonly reuse?: Reuse }): void {
    const kept = this.#take(reuse)
    if (kept === undefined) {
      this.#connect(request)
      return
    }
    request.reusedSocket = true
    this.#put(request, kept)
  }

  /** Ends a request wherever it is; Node's own `destroy` says nothing to a connection that is still being made. */
  abort(request: ClientRequest): void {
    request.destroy()
    this.#opening.get(request)?.abort()
  }

  /** Ends idle connections; those in use end with their request. */
  override destroy(): void {
    this.#cancelSweep()
    for (const connection of this.#idle.splice(0)) this.#end(connection)
  }

  #take(reuse: Reuse): Connection | undefined {
    if (reuse === 'none') return undefined
    const now = this.#clock.now()
    for (;;) {
      const freshest = this.#idle.at(-1)
      if (freshest === undefined) return undefined
      if (reuse === 'recent' && now - freshest.idleSinceMs > limits.RECENTLY_USED_MS)
        return undefined
      this.#idle.pop()
      if (isFresh(freshest, now)) {
        this.#leaveIdle(freshest)
        return freshest
      }
      this.#end(freshest)
    }
  }

  #connect(request: ClientRequest): void {
    this.#open++
    const opening = new AbortController()
    this.#opening.set(request, opening)
    this.#openStream(opening.signal).then(
      (stream) => {
        const connection = this.#adopt(stream)
        if (request.destroyed) stream.destroy()
        else this.#put(request, connection)
      },
      (error: unknown) => {
        this.#open--
        fail(request, error instanceof Error ? error : new Error(String(error)))
      },
    )
  }

  #put(request: ClientRequest, connection: Connection): void {
    request.once('response', ({ headers }) => {
      const said = headers['keep-alive']
      if (said === undefined) return
      const seconds = /(?:^|[\s,])timeout=(\d+)/i.exec(String(said))?.[1]
      if (seconds !== undefined) connection.keepAliveMs = Number(seconds) * 1_000
    })
    request.onSocket(asSocket(connection.stream))
  }

  #adopt(stream: Duplex): Connection {
    const connection: Connection = {
      stream,
      isRetired: false,
      keepAliveMs: Infinity,
      isIdle: false,
      idleSinceMs: 0,
      idleUntilMs: 0,
      discard: () => this.#discard(connection),
    }
    stream.on('error', ignored)
    stream.once('close', () => {
      this.#open--
      if (connection.isIdle) connection.discard()
    })
    stream.once('end', () => {
      if (!connection.isIdle) return
      this.#learn(this.#clock.now() - connection.idleSinceMs)
      connection.discard()
    })
    stream.once(retireEvent, () => {
      connection.isRetired = true
      if (connection.isIdle) connection.discard()
    })
    // Emitted by Node's client once the answer has been read to its end and the connection may be used again.
    stream.on('free', () => this.#keep(connection))
    return connection
  }

  #keep(connection: Connection): void {
    const { stream } = connection
    const isUsable =
      !stream.destroyed && !stream.readableEnded && stream.writable && !connection.isRetired
    const idleMs = this.#idleMs(connection)
    if (!isUsable || idleMs <= 0 || this.#idle.length >= limits.MAX_IDLE_PER_PORT) {
      stream.destroy()
      return
    }
    connection.isIdle = true
    connection.idleSinceMs = this.#clock.now()
    connection.idleUntilMs = connection.idleSinceMs + idleMs
    stream.on('data', connection.discard)
    this.#idle.push(connection)
    this.#sweepAt(connection.idleUntilMs)
  }

  /** One timer for all, at the earliest end: one each would be set and cleared with every request. */
  #sweepAt(atMs: number): void {
    if (this.#sweep !== undefined && this.#sweep.atMs <= atMs) return
    this.#sweep?.cancel()
    const sweep = (): void => {
      this.#sweep = undefined
      const now = this.#clock.now()
      for (const connection of this.#idle.filter((known) => !isFresh(known, now)))
        connection.discard()
      if (this.#idle.length > 0)
        this.#sweepAt(Math.min(...this.#idle.map(({ idleUntilMs }) => idleUntilMs)))
    }
    this.#sweep = { atMs, cancel: this.#clock.setTimeout(sweep, atMs - this.#clock.now()) }
  }

  #cancelSweep(): void {
    this.#sweep?.cancel()
    this.#sweep = undefined
  }

  #discard(connection: Connection): void {
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
    if (this.#idle.length === 0) this.#cancelSweep()
    this.#end(connection)
  }

  #end(connection: Connection): void {
    this.#leaveIdle(connection)
    connection.stream.destroy()
  }

  #leaveIdle(connection: Connection): void {
    connection.isIdle = false
    connection.stream.off('data', connection.discard)
  }

  /** Until an idle connection goes: well before the app would close it, or a request would meet that close. */
  #idleMs({ keepAliveMs }: Connection): number {
    const learnt = this.#lesson
    return Math.min(
      limits.IDLE_CONNECTION_MS,
      keepAliveMs - limits.IDLE_MARGIN_MS,
      learnt !== undefined && this.#clock.now() < learnt.untilMs ? learnt.idleMs : Infinity,
    )
  }

  /** Half of what the app allowed. Not for ever: it may have ended them for another reason, such as an update. */
  #learn(keptMs: number): void {
    const untilMs = this.#clock.now() + limits.IDLE_LESSON_MS
    this.#lesson = { idleMs: keptMs / 2, untilMs }
  }
}

/** Before it became idle: the clock was set back, and nobody knows for how long it has been. */
const isFresh = ({ idleSinceMs, idleUntilMs }: Connection, nowMs: number): boolean =>
  nowMs >= idleSinceMs && nowMs < idleUntilMs

/** What Node's agent does for a request that gets no connection. */
function fail(request: ClientRequest, error: Error): void {
  const { onSocket } = request as unknown as { onSocket: (socket: null, error: Error) => void }
  onSocket.call(request, null, error)
}

/** An error always comes with a close, and that is what we act on. */
const ignored = (): void => undefined
