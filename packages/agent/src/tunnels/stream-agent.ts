import { Agent, type ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../observability/index.ts'
import { retireEvent } from '../links/index.ts'
import { asSocket } from './as-socket.ts'
import * as limits from './limits.ts'

export type OpenStream = (signal: AbortSignal) => Promise<Duplex>

/**
 * HTTP connections to one port of one app, as streams of a link, kept open between requests. Node's own agent keeps
 * sockets; ours only has what a stream has, and asks for a new one in a way that can fail with a reason.
 */
export class StreamAgent extends Agent {
  readonly #openStream: OpenStream
  readonly #clock: Clock
  /** Last used last: the freshest is the likeliest to be alive. */
  readonly #idle: {
    readonly stream: Duplex
    readonly drop: () => void
    readonly discard: () => void
  }[] = []
  /** On sessions that end: good for the request they carry, not for another. */
  readonly #retired = new WeakSet<Duplex>()
  readonly #opening = new WeakMap<ClientRequest, AbortController>()
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
  addRequest(request: ClientRequest): void {
    const idle = this.#idle.pop()
    if (idle === undefined) this.#connect(request)
    else {
      idle.drop()
      request.reusedSocket = true
      request.onSocket(asSocket(idle.stream))
    }
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

  #connect(request: ClientRequest): void {
    this.#open++
    const opening = new AbortController()
    this.#opening.set(request, opening)
    this.#openStream(opening.signal).then(
      (stream) => {
        this.#adopt(stream)
        if (request.destroyed) stream.destroy()
        else request.onSocket(asSocket(stream))
      },
      (error: unknown) => {
        this.#open--
        fail(request, error instanceof Error ? error : new Error(String(error)))
      },
    )
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
    if (!isUsable || this.#idle.length >= limits.MAX_IDLE_PER_PORT) {
      stream.destroy()
      return
    }
    // Whatever an idle connection says, it is of no use any more.
    const discard = (): void => {
      drop()
      const at = this.#idle.findIndex((known) => known.stream === stream)
      if (at !== -1) this.#idle.splice(at, 1)
      stream.destroy()
    }
    const cancel = this.#clock.setTimeout(discard, limits.IDLE_CONNECTION_MS)
    const events = ['data', 'end', 'close'] as const
    const drop = (): void => {
      cancel()
      for (const event of events) stream.off(event, discard)
    }
    for (const event of events) stream.on(event, discard)
    this.#idle.push({ stream, drop, discard })
  }
}

/** What Node's agent does for a request that gets no connection. */
function fail(request: ClientRequest, error: Error): void {
  const { onSocket } = request as unknown as { onSocket: (socket: null, error: Error) => void }
  onSocket.call(request, null, error)
}

/** An error always comes with a close, and that is what we act on. */
const ignored = (): void => undefined
