/**
 * HTTP to one API server: pooled connections, credentials, deadlines, and errors in Kubernetes' terms. Knows nothing
 * of resources.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { Pool, type Dispatcher } from 'undici'
import { sleep, type Clock } from './clock.ts'
import type { ClientCertificate, ClusterConnection, Credential } from './cluster-connection.ts'
import { Deadline } from './deadline.ts'
import { errorFromAnswer, KubeError } from './kube-error.ts'
import { connectThroughProxy } from './proxy-connect.ts'

/** A call that has no answer by then has none; an API server itself gives up after 60 s. */
export const defaultTimeoutMs = 30_000
const connectTimeoutMs = 10_000
/** Calls wait for a free connection beyond this; watches and logs have a pool of their own, so never starve them. */
const maxCallConnections = 32
const maxStreamConnections = 1_024
/** A page of 500 objects is a few MiB; more than this is a server gone wrong. */
const maxAnswerBytes = 256 * 1024 * 1024
/** Error bodies beyond this are not Status objects. */
const maxErrorBytes = 1024 * 1024
/** Times a server may ask us to come back later within one call. */
const maxThrottleRetries = 4

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<
    Record<string, string | number | boolean | readonly string[] | undefined>
  >
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface ApiStream {
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
}

/** One request as it ended, for metrics. `status` is 0 where no answer came. */
export interface RequestObservation {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly durationMs: number
}

export interface ApiTransportDeps {
  readonly clock: Clock
  readonly observe: (request: RequestObservation) => void
}

interface Pools {
  readonly certificate: ClientCertificate | undefined
  readonly calls: Pool
  readonly streams: Pool
}

export class ApiTransport {
  readonly connection: ClusterConnection
  readonly #deps: ApiTransportDeps
  readonly #userAgent: string
  readonly #base: URL
  #pools: Pools | undefined
  #closed = false

  constructor(connection: ClusterConnection, userAgent: string, deps: ApiTransportDeps) {
    this.connection = connection
    this.#deps = deps
    this.#userAgent = userAgent
    this.#base = new URL(connection.server)
  }

  /** Sends and reads the whole answer. Every status that is not 2xx is a KubeError. */
  async send(request: ApiRequest): Promise<ApiAnswer> {
    const deadline = this.#deadline(request)
    try {
      return await this.#sendPatiently(request, deadline)
    } finally {
      deadline.dispose()
    }
  }

  /** Sends and returns once the answer begins; only the signal ends it then. The caller reads or destroys the body. */
  async open(request: ApiRequest): Promise<ApiStream> {
    const deadline = this.#deadline(request)
    try {
      const answer = await this.#authorized(request, deadline, 'streams')
      if (answer.statusCode >= 300) throw await this.#refusal(request, answer, deadline)
      deadline.liftTimeout()
      answer.body.once('close', () => deadline.dispose())
      return { headers: answer.headers, body: answer.body }
    } catch (error) {
      deadline.dispose()
      throw this.#explain(request, deadline.reasonFor(error))
    }
  }

  /** What an upgrade needs to know to speak for us outside the pools. */
  async credential(signal: AbortSignal): Promise<Credential> {
    return await this.connection.credentials.current(signal)
  }

  url(request: Pick<ApiRequest, 'path' | 'query'>): URL {
    return new URL(this.#path(request), this.#base)
  }

  async close(): Promise<void> {
    this.#closed = true
    const pools = this.#pools
    this.#pools = undefined
    await Promise.all([pools?.calls.destroy(), pools?.streams.destroy()])
  }

  /** A server that says when to come back has not acted on the request: waiting is safe for any method. */
  async #sendPatiently(request: ApiRequest, deadline: Deadline): Promise<ApiAnswer> {
    const startedAt = this.#deps.clock.now()
    const timeoutMs = request.timeoutMs ?? defaultTimeoutMs
    for (let retries = 0; ; retries++) {
      try {
        return await this.#sendSurely(request, deadline)
      } catch (error) {
        const waitMs = error instanceof KubeError ? error.retryAfterMs : undefined
        const leftMs = timeoutMs - (this.#deps.clock.now() - startedAt)
        if (waitMs === undefined || waitMs >= leftMs || retries === maxThrottleRetries) throw error
        await sleep(this.#deps.clock, waitMs, deadline.signal)
      }
    }
  }

  /** A kept-alive connection may be closed by the server just as we use it; reading again is harmless. */
  async #sendSurely(request: ApiRequest, deadline: Deadline): Promise<ApiAnswer> {
    try {
      return await this.#sendOnce(request, deadline)
    } catch (error) {
      if (request.method !== 'GET' || !isSocketFault(error)) throw error
      return await this.#sendOnce(request, deadline)
    }
  }

  async #sendOnce(request: ApiRequest, deadline: Deadline): Promise<ApiAnswer> {
    try {
      const answer = await this.#authorized(request, deadline, 'calls')
      if (answer.statusCode >= 300) throw await this.#refusal(request, answer, deadline)
      const body = await readText(answer.body, maxAnswerBytes)
      return { status: answer.statusCode, headers: answer.headers, body }
    } catch (error) {
      throw this.#explain(request, deadline.reasonFor(error))
    }
  }

  /** A refused credential may only be an old one: asked for anew, once. */
  async #authorized(
    request: ApiRequest,
    deadline: Deadline,
    pool: 'calls' | 'streams',
  ): Promise<Dispatcher.ResponseData> {
    const answer = await this.#exchange(request, deadline, pool)
    if (answer.statusCode !== 401) return answer
    await answer.body.dump()
    this.connection.credentials.expire()
    return await this.#exchange(request, deadline, pool)
  }

  async #exchange(
    request: ApiRequest,
    deadline: Deadline,
    pool: 'calls' | 'streams',
  ): Promise<Dispatcher.ResponseData> {
    const startedAt = this.#deps.clock.now()
    let status = 0
    try {
      const credential = await this.credential(deadline.signal)
      deadline.signal.throwIfAborted()
      const answer = await this.#poolsFor(credential.clientCertificate)[pool].request({
        method: request.method,
        path: this.#path(request),
        headers: {
          accept: 'application/json',
          'user-agent': this.#userAgent,
          ...(credential.authorization !== undefined && {
            authorization: credential.authorization,
          }),
          ...request.headers,
        },
        ...(request.body !== undefined && { body: request.body }),
        signal: deadline.signal,
      })
      status = answer.statusCode
      return answer
    } finally {
      const durationMs = this.#deps.clock.now() - startedAt
      this.#deps.observe({ method: request.method, path: request.path, status, durationMs })
    }
  }

  /** The certificate is part of a TLS connection, so a new one needs new connections; old streams may finish. */
  #poolsFor(certificate: ClientCertificate | undefined): Pools {
    if (this.#closed)
      throw new KubeError({ status: 0, reason: 'Closed', message: 'The API client was closed' })
    const current = this.#pools
    if (
      current?.certificate?.certificate === certificate?.certificate &&
      current?.certificate?.key === certificate?.key &&
      current !== undefined
    )
      return current
    void current?.calls.close()
    void current?.streams.close()
    this.#pools = {
      certificate,
      calls: this.#pool(certificate, maxCallConnections),
      streams: this.#pool(certificate, maxStreamConnections),
    }
    return this.#pools
  }

  #pool(certificate: ClientCertificate | undefined, connections: number): Pool {
    const tls = tlsOptions(this.connection, certificate)
    const { proxyUrl } = this.connection
    return new Pool(this.#base.origin, {
      connections,
      pipelining: 1,
      // Deadlines are ours; undici's would end quiet watches.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect:
        proxyUrl === undefined
          ? { ...tls, timeout: connectTimeoutMs }
          : connectThroughProxy(proxyUrl, { tls, timeoutMs: connectTimeoutMs }),
    })
  }

  #path({ path, query = {} }: Pick<ApiRequest, 'path' | 'query'>): string {
    const parameters = new URLSearchParams()
    for (const [name, value] of Object.entries(query))
      for (const each of [value ?? []].flat()) parameters.append(name, String(each))
    const search = parameters.toString()
    const prefix = this.#base.pathname.replace(/\/$/, '')
    return search === '' ? prefix + path : `${prefix}${path}?${search}`
  }

  #deadline(request: ApiRequest): Deadline {
    const timeoutMs = request.timeoutMs ?? defaultTimeoutMs
    return new Deadline({
      clock: this.#deps.clock,
      signal: request.signal,
      timeoutMs,
      timeoutError: () =>
        new KubeError({
          status: 0,
          reason: 'NoAnswer',
          message: `${describe(request)} had no answer from ${this.#base.host} within ${timeoutMs / 1_000} s`,
        }),
    })
  }

  async #refusal(
    request: ApiRequest,
    answer: Dispatcher.ResponseData,
    deadline: Deadline,
  ): Promise<KubeError> {
    const body = await readText(answer.body, maxErrorBytes).catch((error: unknown) => {
      if (deadline.signal.aborted) throw error
      // The status alone says enough when its text broke off.
      return ''
    })
    const retryAfterMs = retryAfter(answer.headers['retry-after'])
    return errorFromAnswer(answer.statusCode, body, {
      request: describe(request),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  }

  #explain(request: ApiRequest, error: unknown): unknown {
    if (error instanceof KubeError || request.signal?.aborted === true) return error
    return new KubeError({
      status: 0,
      reason: 'Unreachable',
      message: `${describe(request)} failed at ${this.#base.host}: ${textOf(error)}`,
      cause: error,
    })
  }
}

/** What node:tls wants to know for this server. */
export function tlsOptions(
  connection: ClusterConnection,
  certificate: ClientCertificate | undefined,
): {
  ca?: string
  cert?: string
  key?: string
  servername?: string
  rejectUnauthorized: boolean
} {
  return {
    ...(connection.certificateAuthority !== undefined && { ca: connection.certificateAuthority }),
    ...(certificate && { cert: certificate.certificate, key: certificate.key }),
    ...(connection.tlsServerName !== undefined && { servername: connection.tlsServerName }),
    rejectUnauthorized: connection.insecureSkipTlsVerify !== true,
  }
}

function describe({ method, path }: Pick<ApiRequest, 'method' | 'path'>): string {
  return `${method} ${path}`
}

/** Connection failures hide in causes, and an AggregateError's message is empty. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError)
    return error.errors.map((inner: unknown) => textOf(inner)).join('; ')
  if (error instanceof Error) return error.message
  return String(error)
}

function isSocketFault(error: unknown): boolean {
  const cause = error instanceof KubeError ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}

/** Seconds only: API servers never send the date form. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  const seconds = typeof header === 'string' ? Number.parseInt(header, 10) : Number.NaN
  return Number.isNaN(seconds) || seconds < 0 ? undefined : seconds * 1_000
}

async function readText(body: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes)
      throw new KubeError({
        status: 0,
        reason: 'AnswerTooLarge',
        message: `The API server's answer is larger than ${maxBytes} bytes`,
      })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
