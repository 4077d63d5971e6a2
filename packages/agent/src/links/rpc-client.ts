import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import { onAbort, type StreamDuplex } from '@porpulsion/streams'
import { Pool, type buildConnector } from 'undici'
import { GatheredBytes } from '../api/index.ts'
import type { Clock } from '../observability/index.ts'
import type { RpcRequest, RpcResponse } from './links-api.ts'

/** Requests at once that wait for a whole answer; more wait their turn. */
const maxCalls = 32
/** Answers at once that flow for as long as somebody listens; one more is refused rather than left waiting. */
const maxFlows = 512
/** An unused stream is closed after this; opening another costs no round trip. */
const idleMs = 60_000

export interface RpcClientDeps {
  readonly clock: Clock
  /** Throws a PorpulsionError if the session takes no stream. */
  readonly openRpc: () => StreamDuplex
}

/**
 * HTTP/1.1 to the peer API over the rpc streams of one session. Short calls and long flows have pools of their own:
 * a hundred followed logs do not hold up a status report.
 */
export class RpcClient {
  readonly #clock: Clock
  readonly #calls: Pool
  readonly #flows: Pool
  #flowing = 0
  #isOver = false

  constructor({ clock, openRpc }: RpcClientDeps) {
    this.#clock = clock
    // Answered later, as a socket would: called back at once, undici does not notice that it may go on.
    const connect: buildConnector.connector = (_options, callback) =>
      queueMicrotask(() => {
        try {
          // undici uses of its sockets what every Duplex has; the rest (ref, setKeepAlive) it asks for first.
          callback(null, openRpc() as unknown as Socket)
        } catch (error) {
          callback(error instanceof Error ? error : new Error(String(error)), null)
        }
      })
    const pool = (connections: number): Pool =>
      new Pool('http://peer', {
        connect,
        connections,
        pipelining: 1,
        keepAliveTimeout: idleMs,
        keepAliveMaxTimeout: idleMs,
        // Time limits are ours and named.
        headersTimeout: 0,
        bodyTimeout: 0,
      })
    this.#calls = pool(maxCalls)
    this.#flows = pool(maxFlows)
  }

  /** For answers that come whole and soon: the time limit is for all of it. */
  async call(request: TimedRequest): Promise<WholeAnswer> {
    const limit = this.#limit(request)
    try {
      const { status, body } = await this.#send(this.#calls, request, limit.signal)
      return { status, text: await wholeText(body) }
    } finally {
      limit.lift()
    }
  }

  /** For answers that may never end. The body must be read or destroyed; the time limit is for its head. */
  async flow(request: TimedRequest): Promise<RpcResponse> {
    if (this.#flowing >= maxFlows) throw tooManyFlows()
    this.#flowing++
    const limit = this.#limit(request)
    const ended = (): void => {
      this.#flowing--
      limit.lift()
    }
    try {
      const response = await this.#send(this.#flows, request, limit.signal)
      limit.stopClock()
      response.body.once('close', ended)
      return response
    } catch (error) {
      ended()
      throw error
    }
  }

  /** Lets requests end, and takes no more. */
  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const pool of [this.#calls, this.#flows]) pool.close().catch(alreadyOver)
  }

  /** Ends every request with this error. Also after `close`. */
  destroy(error: Error): void {
    this.#isOver = true
    for (const pool of [this.#calls, this.#flows]) pool.destroy(error).catch(alreadyOver)
  }

  async #send(
    pool: Pool,
    { method, path, headers, body }: TimedRequest,
    signal: AbortSignal,
  ): Promise<RpcResponse> {
    const response = await pool.request({
      method,
      path,
      headers: { ...headers },
      body: body ?? null,
      signal,
    })
    return { status: response.statusCode, headers: response.headers, body: response.body }
  }

  /** A signal that fires with the caller's or when the time is up. */
  #limit({ signal, timeoutMs }: TimedRequest): Limit {
    const abort = new AbortController()
    const forget = onAbort(signal, (reason) => abort.abort(reason))
    const stopClock = this.#clock.setTimeout(() => abort.abort(timeout(timeoutMs)), timeoutMs)
    return {
      signal: abort.signal,
      stopClock,
      lift() {
        stopClock()
        forget()
      },
    }
  }
}

interface Limit {
  readonly signal: AbortSignal
  stopClock(): void
  lift(): void
}

export interface WholeAnswer {
  readonly status: number
  readonly text: string
}

/** Larger answers than the largest inventory are no answers. */
const maxAnswerBytes = 16 * 1024 * 1024

export async function wholeText(body: Readable): Promise<string> {
  const bytes = new GatheredBytes()
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes.push(chunk)
    if (bytes.length > maxAnswerBytes) throw endless()
  }
  return bytes.take().toString()
}

const endless = (): PorpulsionError =>
  new PorpulsionError(
    'ProtocolViolation',
    'PeerProtocolError',
    `The answer of the peer is larger than ${maxAnswerBytes} bytes`,
  )

type TimedRequest = RpcRequest & { readonly timeoutMs: number }

/** A pool that is closed twice says so; the end of it is the same. */
const alreadyOver = (): void => undefined

const timeout = (timeoutMs: number): PorpulsionError =>
  new PorpulsionError('Timeout', 'PeerTimeout', `The peer did not answer within ${timeoutMs} ms`)

const tooManyFlows = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyStreams',
    `${maxFlows} streaming answers of this peer are open already`,
  )
