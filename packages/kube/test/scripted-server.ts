/**
 * An API server that misbehaves on cue. What a good server does is tested against a real one; this one is for what a
 * good one never shows: resets, silence, half an answer, refusals in storms.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { readFile } from 'node:fs/promises'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { anonymous, type ClusterConnection } from '../src/index.ts'

export interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly answer: ServerResponse
  readonly socket: Socket
}

/** What to do with one request. */
export type Step = (exchange: Exchange) => void | Promise<void>

export class ScriptedServer {
  /** Every request so far, oldest first. */
  readonly exchanges: Exchange[] = []
  readonly #steps: Step[] = []
  readonly #watchers = new Set<() => void>()
  readonly #server: Server
  #connections = 0
  #otherwise: Step = ({ answer }) => void answer.writeHead(500).end('off script')

  constructor(server: Server) {
    this.#server = server
    server.on('connection', () => {
      this.#connections += 1
    })
    server.on('request', (request, answer) => void this.#onRequest(request, answer))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get connection(): ClusterConnection {
    return { server: `http://127.0.0.1:${this.port}`, credentials: anonymous }
  }

  /** How to reach it if it is secure. */
  async secureConnection(): Promise<ClusterConnection> {
    return {
      server: `https://127.0.0.1:${this.port}`,
      certificateAuthority: await certificate('ca'),
      credentials: anonymous,
    }
  }

  /** Connections made so far. */
  get connections(): number {
    return this.#connections
  }

  /** Answers upgrades; without it they are refused like other requests. */
  onUpgrade(upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): this {
    this.#server.on('upgrade', upgrade)
    return this
  }

  /** The next requests, in order. */
  script(...steps: Step[]): this {
    this.#steps.push(...steps)
    return this
  }

  /** Every request that the script does not cover. */
  otherwise(step: Step): this {
    this.#otherwise = step
    return this
  }

  /** Resolves once so many requests have come. */
  async received(count: number): Promise<readonly Exchange[]> {
    while (this.exchanges.length < count)
      await new Promise<void>((resolve) => {
        this.#watchers.add(resolve)
      })
    return this.exchanges
  }

  async #onRequest(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://server')
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const exchange = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      answer,
      socket: request.socket,
    }
    this.exchanges.push(exchange)
    const step = this.#steps.shift() ?? this.#otherwise
    await step(exchange)
    for (const resolve of this.#watchers) resolve()
    this.#watchers.clear()
  }
}

export interface ScriptedServerOptions {
  readonly port?: number
  /** HTTPS that asks for a client certificate. */
  readonly isSecure?: boolean
}

export async function scriptedServer({
  port = 0,
  isSecure = false,
}: ScriptedServerOptions = {}): Promise<ScriptedServer> {
  const server = isSecure
    ? createSecureServer({
        key: await certificate('server.key'),
        cert: await certificate('server'),
        ca: await certificate('ca'),
        requestCert: true,
        rejectUnauthorized: false,
      })
    : createServer()
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  onTestFinished(stop)
  return new ScriptedServer(server)
}

/** PEM of the tests' certificates: `ca`, `server`, `client-a`, `client-a.key`. */
export async function certificate(name: string): Promise<string> {
  return await readFile(join(import.meta.dirname, 'certificates', `${name}.pem`), 'utf8')
}

/** Common name of the certificate the client showed. */
export function clientName({ socket }: Exchange): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const name = socket.getPeerCertificate().subject.CN
  return typeof name === 'string' ? name : name?.[0]
}

/** A port on which nobody listens, for now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Step =>
  ({ answer }) => {
    answer.writeHead(status, { 'content-type': 'application/json', ...headers })
    answer.end(JSON.stringify(body))
  }

export const list = (
  items: readonly object[],
  resourceVersion: string,
  continueToken?: string,
): Step =>
  json({
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion, ...(continueToken !== undefined && { continue: continueToken }) },
    items,
  })

export const status = (
  code: number,
  reason: string,
  more: { details?: object; headers?: Record<string, string>; message?: string } = {},
): Step =>
  json(
    {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code,
      reason,
      message: more.message ?? `said the server: ${reason}`,
      ...(more.details && { details: more.details }),
    },
    code,
    more.headers,
  )

/** Opens a watch and leaves it open after what `then` does. */
export const watch =
  (then: (stream: WatchScript) => void = () => undefined): Step =>
  ({ answer, socket }) => {
    answer.writeHead(200, { 'content-type': 'application/json' })
    answer.flushHeaders()
    then(new WatchScript(answer, socket))
  }

export class WatchScript {
  readonly #answer: ServerResponse
  readonly #socket: Socket

  constructor(answer: ServerResponse, socket: Socket) {
    this.#answer = answer
    this.#socket = socket
  }

  event(type: string, object: object): this {
    return this.raw(JSON.stringify({ type, object }) + '\n')
  }

  bookmark(resourceVersion: string): this {
    return this.event('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion } })
  }

  error(code: number, reason: string, details?: object): this {
    return this.event('ERROR', { kind: 'Status', code, reason, message: reason, details })
  }

  raw(text: string): this {
    this.#answer.write(text)
    return this
  }

  end(): void {
    this.#answer.end()
  }

  reset(): void {
    // What was written must leave first: a reset would throw it away.
    this.#answer.write('\n', () => this.#socket.resetAndDestroy())
  }
}
