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

interface IdleConnection {
  readonly stream: Duplex
  readonly sinceMs: number
  readonly drop: () => void
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
  readonly #idle: IdleConnection[] = []
  /** On sessions that end: good for the request they carry, not for another. */
  readonly #retired = new WeakSet<Duplex>()
  readonly #opening = new WeakMap<ClientRequest, AbortController>()
  /** How long the app says it keeps a connection (`Keep-Alive: timeout=5`). */
  readonly #kept = new WeakMap<Duplex, number>()
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
    const idle = this.#take(reuse)
    if (idle === undefined) {
      this.#connect(request)
      return
    }
    idle.drop()
    request.reusedSocket = true
    this.#listenFor(request, idle.stream)
    request.onSocket(asSocket(idle.stream))
  }

  /** Ends a request wherever it is; Node's own `destroy` says nothing to a connection that is still being made. */
  abort(request: ClientRequest): void {
    request.destroy()
    this.#opening.get(request)?.abort()
  }

  /** Ends idle connections; those in use end with their request. */
  override destroy(): void {
    for (const { stream, drop } of this.#idle.splice(0)) {
      drop()
      stream.destroy()
    }
  }

  #take(reuse: Reuse): IdleConnection | undefined {
    const freshest = this.#idle.at(-1)
    if (freshest === undefined || reuse === 'none') return undefined
    const idleMs = this.#clock.now() - freshest.sinceMs
    return reuse === 'recent' && idleMs > limits.RECENTLY_USED_MS ? undefined : this.#idle.pop()
  }

  #connect(request: ClientRequest): void {
    this.#open++
    const opening = new AbortController()
    this.#opening.set(request, opening)
    this.#openStream(opening.signal).then(
      (stream) => {
        this.#adopt(stream)
        if (request.destroyed) stream.destroy()
        else {
          this.#listenFor(request, stream)
          request.onSocket(asSocket(stream))
        }
      },
      (error: unknown) => {
        this.#open--
        fail(request, error instanceof Error ? error : new Error(String(error)))
      },
    )
  }

  #listenFor(request: ClientRequest, stream: Duplex): void {
    request.once('response', ({ headers }) => {
      const seconds = /(?:^|[\s,])timeout=(\d+)/i.exec(String(headers['keep-alive']))?.[1]
      if (seconds !== undefined) this.#kept.set(stream, Number(seconds) * 1_000)
    })
  }

  #adopt(stream: Duplex): void {
    stream.on('error', ignored)
    stream.once('close', () => this.#open--)
    stream.once(retireEvent, () => {
      this.#retired.add(stream)
      this.#idle.find((known) => known.stream === stream)?.discard()
    })
    // Emitted by Node's client once the answer has been read to its end and the connection may be used again.
    stream.on('free', () => this.#keep(stream))
  }

  #keep(stream: Duplex): void {
    const isUsable =
      !stream.destroyed && !stream.readableEnded && stream.writable && !this.#retired.has(stream)
    const idleMs = this.#idleMs(stream)
    if (!isUsable || idleMs <= 0 || this.#idle.length >= limits.MAX_IDLE_PER_PORT) {
      stream.destroy()
      return
    }
    const sinceMs = this.#clock.now()
    // Whatever an idle connection says, it is of no use any more.
    const discard = (): void => {
      drop()
      const at = this.#idle.findIndex((known) => known.stream === stream)
      if (at !== -1) this.#idle.splice(at, 1)
      stream.destroy()
    }
    const onEnd = (): void => {
      this.#learn(this.#clock.now() - sinceMs)
      discard()
    }
    const cancel = this.#clock.setTimeout(discard, idleMs)
    const drop = (): void => {
      cancel()
      stream.off('data', discard).off('end', onEnd).off('close', discard)
    }
    stream.on('data', discard).on('end', onEnd).on('close', discard)
    this.#idle.push({ stream, sinceMs, drop, discard })
  }

  /** Until an idle connection goes: well before the app would close it, or a request would meet that close. */
  #idleMs(stream: Duplex): number {
    const said = this.#kept.get(stream) ?? Infinity
    const learnt = this.#lesson
    return Math.min(
      limits.IDLE_CONNECTION_MS,
      said - limits.IDLE_MARGIN_MS,
      learnt !== undefined && this.#clock.now() < learnt.untilMs ? learnt.idleMs : Infinity,
    )
  }

  /** Half of what the app allowed. Not for ever: it may have ended them for another reason, such as an update. */
  #learn(keptMs: number): void {
    const untilMs = this.#clock.now() + limits.IDLE_LESSON_MS
    this.#lesson = { idleMs: keptMs / 2, untilMs }
  }
}

/** What Node's agent does for a request that gets no connection. */
function fail(request: ClientRequest, error: Error): void {
  const { onSocket } = request as unknown as { onSocket: (socket: null, error: Error) => void }
  onSocket.call(request, null, error)
}

/** An error always comes with a close, and that is what we act on. */
const ignored = (): void => undefined
