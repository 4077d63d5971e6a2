/** The HTTP face: bytes in, an authenticated request to `dispatch`, bytes out. */
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ApiError, badRequest } from '../registry/api-error.ts'
import type { ApiContext } from './api-context.ts'
import { type ApiResponse, readBody, type UpgradedConnection } from './api-request.ts'
import { dispatch } from './dispatch.ts'

/** Idle connections are kept longer than clients keep theirs, so that a reused one is never just being closed. */
const keepAliveMs = 150_000
const headersTimeoutMs = 30_000
const maxWarnings = 20

export interface ApiServerOptions {
  /** Left out: plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

export interface ListenAddress {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

export class ApiServer {
  readonly #context: ApiContext
  readonly #server: Server
  readonly #isReady: () => boolean
  /** Also those that are still shaking hands over TLS: the server itself would wait for them when it closes. */
  readonly #sockets = new Set<Socket>()

  constructor(context: ApiContext, options: ApiServerOptions, isReady: () => boolean) {
    this.#context = context
    this.#isReady = isReady
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#serve(request, response)
    }
    this.#server =
      options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener)
    this.#server.keepAliveTimeout = keepAliveMs
    this.#server.headersTimeout = headersTimeoutMs
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('upgrade', (request, socket, head) => {
      void this.#upgrade({ request, socket, head })
    })
  }

  /** Resolves to the port once it accepts connections. */
  listen({ host, port }: ListenAddress): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        resolve((this.#server.address() as AddressInfo).port) // A listening TCP server has an address.
      })
    })
  }

  /** Ends every watch and log that is open. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      for (const socket of this.#sockets) socket.destroy()
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const warnings: string[] = []
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    try {
      const answer =
        this.#health(request) ?? (await this.#answer(request, false, gone.signal, warnings))
      if (answer.kind === 'upgrade') throw badRequest('Upgrade request required')
      for (const warning of warnings.slice(0, maxWarnings)) {
        response.appendHeader('warning', `299 - ${JSON.stringify(printable(warning))}`)
      }
      await send(answer, response)
    } catch (error) {
      this.#refuse(error, request, response, gone.signal)
    }
  }

  async #upgrade(connection: UpgradedConnection): Promise<void> {
    const { request, socket } = connection
    const gone = new AbortController()
    socket.on('close', () => gone.abort())
    // Whoever takes the connection over sees it close; until then nobody else would listen.
    socket.on('error', () => socket.destroy())
    try {
      const answer = await this.#answer(request, true, gone.signal, [])
      if (answer.kind !== 'upgrade')
        throw badRequest('this is not served over an upgraded connection')
      if (!gone.signal.aborted) await answer.accept(connection)
    } catch (error) {
      this.#refuse(error, request, responseOn(request, socket), gone.signal)
    }
  }

  /** Asked by those who start us, before anybody could have a token. */
  #health(request: IncomingMessage): ApiResponse | undefined {
    const path = pathOf(request)
    if (path !== '/healthz' && path !== '/livez' && path !== '/readyz') return undefined
    const isFine = path === '/livez' || this.#isReady()
    const type = 'text/plain; charset=utf-8'
    return {
      kind: 'text',
      status: isFine ? 200 : 500,
      body: isFine ? 'ok' : 'storage failed',
      type,
    }
  }

  async #answer(
    request: IncomingMessage,
    isUpgrade: boolean,
    signal: AbortSignal,
    warnings: string[],
  ): Promise<ApiResponse> {
    const { headers, method = 'GET' } = request
    const user = this.#context.authenticator.authenticate(headers)
    let body: Promise<Buffer> | undefined
    return dispatch(this.#context, {
      method,
      path: pathOf(request),
      query: new URLSearchParams((request.url ?? '').split('?').slice(1).join('?')),
      headers,
      user,
      isUpgrade,
      signal,
      warn: (message) => warnings.push(message),
      body: () => (body ??= readBody(request)),
      readProtobuf: (bytes) => this.#context.protobuf.decode(bytes),
    })
  }

  #refuse(
    error: unknown,
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): void {
    if (signal.aborted) return
    const known = error instanceof ApiError ? error : undefined
    if (known === undefined) {
      this.#context.logger.error(
        { err: error, method: request.method, path: pathOf(request) },
        'Request failed',
      )
    }
    if (response.headersSent) {
      // In the middle of a stream there is no other way to say that it is not complete.
      response.destroy()
      return
    }
    const status = (known ?? new ApiError('InternalError', 'Internal error occurred')).toStatus()
    // What is left of the body is not read; the connection cannot be used again.
    if (!request.complete) response.setHeader('connection', 'close')
    if (known?.reason === 'Timeout' || known?.reason === 'TooManyRequests') {
      response.setHeader('retry-after', '1')
    }
    writeBody(response, status.code ?? 500, JSON.stringify(status), 'application/json')
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] ?? '/'
}

/** Header values are Latin-1 without control characters. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 1_000)
}

/** To refuse an upgrade: for those, Node leaves the answer to us. */
function responseOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  if (socket instanceof Socket) response.assignSocket(socket) // Node's own servers hand out no other
  response.on('finish', () => socket.end())
  return response
}

async function send(
  answer: Exclude<ApiResponse, { readonly kind: 'upgrade' }>,
  response: ServerResponse,
): Promise<void> {
  switch (answer.kind) {
    case 'json':
      writeBody(
        response,
        answer.status,
        JSON.stringify(answer.body),
        answer.type ?? 'application/json',
      )
      return
    case 'text':
      writeBody(response, answer.status, answer.body, answer.type)
      return
    case 'stream':
      return answer.send(response)
    default:
      answer satisfies never
  }
}

function writeBody(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  type: string,
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-cache, private',
  })
  response.end(body)
}
