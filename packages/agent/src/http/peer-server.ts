import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { errorKindMeanings, PorpulsionError, toProblem } from '@porpulsion/contract'
import { createRateLimit, GatheredBytes, problemHeaders, type RateLimit } from '../api/index.ts'
import type { Clock, Logger } from '../observability/index.ts'
import { addressGroup, createClientAddress, type ClientAddress } from './client-address.ts'
import * as limits from './limits.ts'
import { asPorpulsionError } from './problem-reply.ts'
import { listenOn } from './listen-on.ts'
import { refuseUpgrade } from './raw-reply.ts'
import { requestsInTurn } from './requests-in-turn.ts'
import { stillStarting, type WaitingFor } from './while-starting.ts'

export interface PeerServerDeps {
  readonly waitingFor: WaitingFor
  readonly clock: Clock
  readonly logger: Logger
}

/** Who answers strangers, once the agent can. */
export interface PeerServerUsers {
  /** Redeems an invite. `body` is whatever somebody sent. */
  readonly redeem: (body: unknown, remoteAddress: string) => Promise<unknown>
  /** Takes over the socket of `GET /ws`, whatever becomes of it. */
  readonly acceptWebSocket: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

export interface PeerServerOptions {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  readonly trustedProxies: readonly string[]
}

/** Port 8001, the only one the world may see: whoever comes here is a stranger until a session proves otherwise. */
export interface PeerServer {
  /** From here on it listens, and says that the agent is starting. */
  listen(): Promise<void>
  /** From here on it answers. */
  serve(users: PeerServerUsers): void
  /** Ends what is not a session; sessions belong to links. Idempotent. */
  stop(): Promise<void>
  port(): number
}

/** Invites are redeemed by hand. */
const redeemLimit = { perSecond: 0.5, burst: 30, maxKeys: 10_000 }
/** Of all strangers together: each refusal is theirs to provoke, as often as they like. */
const refusalLines = { perSecond: 0.5, burst: 30, maxKeys: 1 }

export function createPeerServer(deps: PeerServerDeps, options: PeerServerOptions): PeerServer {
  return new HttpPeerServer(deps, options)
}

class HttpPeerServer implements PeerServer {
  readonly #deps: PeerServerDeps
  readonly #options: PeerServerOptions
  readonly #clientAddress: ClientAddress
  readonly #redeemLimit: RateLimit
  readonly #refusalLines: RateLimit
  /** Refusals since the last line that told of one. */
  #leftOut = 0
  readonly #server: Server
  #users: PeerServerUsers | undefined
  /** Sockets that are no session, the longest waiting first, and what ends their waiting. */
  readonly #unproven = new Map<Socket, () => void>()

  constructor(deps: PeerServerDeps, options: PeerServerOptions) {
    this.#deps = deps
    this.#options = options
    this.#clientAddress = createClientAddress(options.trustedProxies)
    this.#redeemLimit = createRateLimit(deps.clock, redeemLimit)
    this.#refusalLines = createRateLimit(deps.clock, refusalLines)
    this.#server = createServer({
      maxHeaderSize: 16 * 1024,
      headersTimeout: limits.PEER_HEADERS_TIMEOUT_MS,
      requestTimeout: limits.PEER_REQUEST_TIMEOUT_MS,
      noDelay: true,
    })
    this.#server.on('connection', (socket) => this.#wait(socket))
    this.#server.on(
      'request',
      // A stranger has no reason to stay.
      requestsInTurn(1, (request, response) => void this.#answer(request, response)),
    )
    this.#server.on('upgrade', (request, socket: Socket, head) =>
      this.#upgrade(request, socket, head),
    )
  }

  listen(): Promise<void> {
    return listenOn(this.#server, this.#options)
  }

  serve(users: PeerServerUsers): void {
    this.#users = users
  }

  port(): number {
    return (this.#server.address() as AddressInfo).port // a TCP server that listens
  }

  stop(): Promise<void> {
    // Not waited for: it would wait for the sessions too.
    this.#server.close()
    for (const socket of this.#unproven.keys()) socket.destroy()
    return Promise.resolve()
  }

  /**
   * A stranger has so long for a request, answer included. Sockets that only sit there cost a newcomer nothing: at the
   * bound the longest waiting one goes.
   */
  #wait(socket: Socket): void {
    const cancel = this.#deps.clock.setTimeout(
      () => socket.destroy(),
      limits.PEER_REQUEST_TIMEOUT_MS,
    )
    this.#unproven.set(socket, cancel)
    socket.once('close', () => this.#release(socket))
    if (this.#unproven.size <= limits.MAX_UNPROVEN_CONNECTIONS) return
    for (const oldest of this.#unproven.keys()) {
      oldest.destroy()
      this.#release(oldest)
      break
    }
  }

  #release(socket: Socket): void {
    this.#unproven.get(socket)?.()
    this.#unproven.delete(socket)
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    if (pathOf(request) !== '/ws') {
      refuseUpgrade(socket, notHere(request))
      return
    }
    if (this.#users === undefined) {
      refuseUpgrade(socket, stillStarting(this.#deps.waitingFor))
      return
    }
    this.#release(socket)
    this.#users.acceptWebSocket(request, socket, head)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy())
    response.shouldKeepAlive = false
    const address = this.#clientAddress.of(request)
    try {
      const result = await this.#route(request, address)
      send(response, 200, { 'content-type': 'application/json' }, result)
    } catch (failure) {
      const error = asPorpulsionError(failure)
      this.#log(request, address, error)
      const problem = toProblem(error)
      send(response, problem.status, problemHeaders(problem), problem)
    }
  }

  async #route(request: IncomingMessage, address: string): Promise<unknown> {
    const route = `${request.method ?? ''} ${pathOf(request)}`
    switch (route) {
      case 'GET /healthz':
      case 'HEAD /healthz':
        return { status: 'ok' }
      case 'POST /peer':
        this.#redeemLimit.take(addressGroup(address))
        if (this.#users === undefined) throw stillStarting(this.#deps.waitingFor)
        return await this.#users.redeem(await readJson(request), address)
      default:
        throw notHere(request)
    }
  }

  #log(request: IncomingMessage, address: string, error: PorpulsionError): void {
    const { log: level } = errorKindMeanings[error.kind]
    const facts = {
      path: pathOf(request),
      address,
      code: error.code,
    }
    if (level === 'error')
      this.#deps.logger.error({ ...facts, err: error.cause ?? error }, 'Request failed')
    else if (level !== 'none') this.#logRefusal(level, facts)
  }

  #logRefusal(level: 'debug' | 'info' | 'warn', facts: object): void {
    if (!this.#refusalLines.allows('all')) {
      this.#leftOut++
      return
    }
    const leftOut = this.#leftOut
    this.#leftOut = 0
    this.#deps.logger[level]({ ...facts, ...(leftOut > 0 && { leftOut }) }, 'Refused a request')
  }
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = (await readBody(request)).toString()
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new PorpulsionError('Invalid', 'MalformedRequest', 'The body is not JSON', { cause })
  }
}

/** By hand: leaving a `for await` would destroy the socket, and with it the answer that says why. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const body = new GatheredBytes()
    request.on('data', (chunk: Buffer) => {
      body.push(chunk)
      if (body.length <= limits.MAX_PEER_BODY_BYTES) return
      request.pause()
      reject(tooLarge())
    })
    request.once('end', () => resolve(body.take()))
    request.once('close', () => reject(aborted()))
  })
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? ''

const tooLarge = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'RequestTooLarge',
    `The body is over ${limits.MAX_PEER_BODY_BYTES} bytes`,
  )

const aborted = (): PorpulsionError =>
  new PorpulsionError(
    'Aborted',
    'RequestAborted',
    'The caller went away before the end of the body',
  )

const notHere = (request: IncomingMessage): PorpulsionError =>
  new PorpulsionError('NotFound', 'RouteNotFound', `There is nothing at ${pathOf(request)}`)
