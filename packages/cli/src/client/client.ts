/** The REST API as typed calls over the endpoint table. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  endpoints,
  errorCodes,
  fromProblem,
  isPorpulsionError,
  PorpulsionError,
  Problem,
  schemaErrors,
  type BodyOf,
  type EndpointName,
  type ErrorKind,
  type QueryOf,
  type ResponseOf,
} from '@porpulsion/contract'
import { WebSocketDuplex } from '@porpulsion/streams'
import type WebSocket from 'ws'
import { lines } from './lines.ts'
import { MessageSocket } from './message-socket.ts'
import { serverSentEvents, type ServerSentEvent } from './server-sent-events.ts'
import { httpTransport, readText, type Transport } from './transport.ts'
import { openWebSocket } from './web-socket.ts'

type Table = typeof endpoints
/** Endpoints that answer in this format. */
export type EndpointsIn<Format extends string> = {
  [K in EndpointName]: Table[K]['format'] extends Format ? K : never
}[EndpointName]

/** WebSockets that carry this. */
type WebSocketsOf<Carried extends string> = {
  [K in EndpointName]: Table[K]['webSocket'] extends { readonly carries: Carried } ? K : never
}[EndpointName]

export interface RequestInput<K extends EndpointName> {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: QueryOf<Table[K]>
  readonly body?: BodyOf<Table[K]>
  readonly signal?: AbortSignal
}

export interface ResumableEvent<T> {
  readonly id?: string
  readonly value: T
}

export interface Client {
  readonly url: string
  /** One question, one JSON answer. */
  call<K extends EndpointsIn<'json'>>(
    name: K,
    input?: RequestInput<K>,
  ): Promise<ResponseOf<Table[K]>>
  /** Newline-delimited JSON. Resolves when the agent has accepted the request. */
  lines<K extends EndpointsIn<'ndjson'>>(
    name: K,
    input?: RequestInput<K>,
  ): Promise<AsyncIterable<ResponseOf<Table[K]>>>
  /** A WebSocket as its messages: objects of type Uint8Array in both directions. Resolves when it stands. */
  messages<K extends WebSocketsOf<'terminal'>>(name: K, input?: RequestInput<K>): Promise<Duplex>
  /** A WebSocket as a connection of bytes. Resolves when it stands. */
  connection<K extends WebSocketsOf<'session'>>(
    name: K,
    input?: RequestInput<K>,
  ): Promise<AgentConnection>
  /** Server-sent events, from after `lastEventId` if the agent still has what followed it. */
  events<K extends EndpointsIn<'sse'>>(
    name: K,
    input?: RequestInput<K> & { readonly lastEventId?: string },
  ): Promise<AsyncIterable<ResumableEvent<ResponseOf<Table[K]>>>>
}

export interface AgentConnection {
  readonly bytes: Duplex
  /** Once it has ended. */
  readonly whyEnded: () => PorpulsionError
}

export type Credential =
  | { readonly kind: 'token'; readonly token: string }
  /** Right after a login link was redeemed, before there is a token. */
  | { readonly kind: 'session'; readonly cookie: string }
  | { readonly kind: 'none' }

export interface ClientOptions {
  /** `http://127.0.0.1:8000`: where the agent's page is. */
  readonly url: string
  readonly credential: Credential
  readonly signal: AbortSignal
  /** For the answer to begin, and for a JSON answer to end. */
  readonly timeoutMs?: number
  readonly transport?: Transport
}

const defaultTimeoutMs = 60_000
/** RFC 6455: no Close was seen. */
const abnormalClosure = 1006

export function createClient(options: ClientOptions): Client {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs

  async function open(
    name: EndpointName,
    input: RequestInput<EndpointName>,
    headers: Record<string, string>,
    deadline: AbortSignal,
  ): Promise<IncomingMessage> {
    const { method } = endpoints[name]
    const body = input.body === undefined ? undefined : JSON.stringify(input.body)
    const response = await (options.transport ?? httpTransport)({
      method,
      url: urlOf(options.url, name, input),
      headers: {
        ...headers,
        ...credentialHeaders(options),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
      signal: deadline,
    })
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300) return response
    throw await refusal(options.url, status, response)
  }

  /** The answer must begin in time; from then on it may take as long as it likes. */
  async function openStream(
    name: EndpointName,
    input: RequestInput<EndpointName>,
    headers: Record<string, string>,
  ): Promise<IncomingMessage> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), timeoutMs)
    const stop = stopSignal(options, input)
    try {
      return await open(name, input, headers, AbortSignal.any([stop, late.signal]))
    } catch (error) {
      throw failure(options, error, stop, late.signal)
    } finally {
      clearTimeout(timer)
    }
  }

  const endOf = (code: number, reason: string): PorpulsionError =>
    endOfSocket(options.url, code, reason)

  async function openSocket<K extends EndpointsIn<'websocket'>, T>(
    name: K,
    input: RequestInput<K>,
    use: (socket: WebSocket, isPrivate: boolean) => T,
  ): Promise<T> {
    const { url } = options
    const late = AbortSignal.timeout(timeoutMs)
    const stop = stopSignal(options, input)
    try {
      return await openWebSocket(
        {
          url: urlOf(url, name, input),
          subprotocol: endpoints[name].webSocket.subprotocol,
          headers: credentialHeaders(options),
          signal: AbortSignal.any([stop, late]),
          refusalOf: (response) => refusal(url, response.statusCode ?? 0, response),
        },
        use,
      )
    } catch (error) {
      throw failure(options, error, stop, late)
    }
  }

  return {
    url: options.url,

    async call(name, input = {}) {
      const late = AbortSignal.timeout(timeoutMs)
      const stop = stopSignal(options, input)
      try {
        const response = await open(
          name,
          input,
          { accept: 'application/json' },
          AbortSignal.any([stop, late]),
        )
        const text = await readText(response)
        // Our own agent, over a connection the token was given to, promises the table's schema.
        return (text === '' ? undefined : JSON.parse(text)) as ResponseOf<Table[typeof name]>
      } catch (error) {
        throw failure(options, error, stop, late)
      }
    },

    async lines(name, input = {}) {
      const response = await openStream(name, input, { accept: 'application/x-ndjson' })
      return guarded(options, input, jsonLines<ResponseOf<Table[typeof name]>>(response))
    },

    messages: (name, input = {}) =>
      openSocket(name, input, (socket) => new MessageSocket(socket, endOf)),

    connection: (name, input = {}) =>
      openSocket(name, input, (socket, isPrivate) => {
        const bytes = new WebSocketDuplex(socket, { masksAtRandom: !isPrivate })
        return {
          bytes,
          whyEnded: () => endOf(bytes.ending?.code ?? abnormalClosure, bytes.ending?.reason ?? ''),
        }
      }),

    async events(name, input = {}) {
      const response = await openStream(name, input, {
        accept: 'text/event-stream',
        ...(input.lastEventId !== undefined && { 'last-event-id': input.lastEventId }),
      })
      return guarded(options, input, jsonEvents<ResponseOf<Table[typeof name]>>(response))
    },
  }
}

const stopSignal = (options: ClientOptions, input: { signal?: AbortSignal }): AbortSignal =>
  input.signal === undefined ? options.signal : AbortSignal.any([options.signal, input.signal])

function credentialHeaders({ url, credential }: ClientOptions): Record<string, string> {
  switch (credential.kind) {
    case 'token':
      return { authorization: `Bearer ${credential.token}` }
    case 'session':
      // The agent takes a cookie only from its own pages.
      return { cookie: credential.cookie, origin: new URL(url).origin }
    case 'none':
      return {}
    default:
      return credential satisfies never
  }
}

function urlOf(base: string, name: EndpointName, input: RequestInput<EndpointName>): URL {
  const path = endpoints[name].path.replace(/:([a-zA-Z]+)/g, (_, key: string) => {
    const value = input.params?.[key]
    if (value === undefined) throw new TypeError(`${name} needs the parameter ${key}`)
    return encodeURIComponent(value)
  })
  const url = new URL(base.replace(/\/+$/, '') + path)
  for (const [key, value] of Object.entries(input.query ?? {})) {
    for (const each of [value].flat()) url.searchParams.append(key, String(each))
  }
  return url
}

async function refusal(
  url: string,
  status: number,
  response: IncomingMessage,
): Promise<PorpulsionError> {
  const text = await readText(response)
  const problem = parseJson(text)
  if (schemaErrors(Problem, problem).length === 0) return fromProblem(problem as Problem)
  return new PorpulsionError(
    'Unavailable',
    'NotAnAgent',
    `${url} answered ${status}, but not as an agent does; check the address of the context`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What went wrong below HTTP, in words that say what to do. */
function failure(
  { url, timeoutMs = defaultTimeoutMs }: ClientOptions,
  error: unknown,
  stop: AbortSignal,
  late?: AbortSignal,
): unknown {
  if (isPorpulsionError(error)) return error
  if (stop.aborted) return aborted(error)
  if (late?.aborted === true) return timedOut(url, timeoutMs, error)
  const reason = error instanceof Error ? error.message : String(error)
  return new PorpulsionError(
    'Unavailable',
    'AgentUnreachable',
    `Cannot reach the agent at ${url}: ${reason}. Is it running?`,
    { cause: error },
  )
}

const aborted = (cause: unknown): PorpulsionError =>
  new PorpulsionError('Aborted', 'RequestAborted', 'Interrupted', { cause })

const timedOut = (url: string, timeoutMs: number, cause: unknown): PorpulsionError =>
  new PorpulsionError(
    'Timeout',
    'AgentTimeout',
    `The agent at ${url} did not answer within ${timeoutMs / 1_000} s; what was asked may still happen`,
    { cause },
  )

/** The agent names what the caller lost as the reason; anything else is a connection that broke. */
function endOfSocket(url: string, code: number, reason: string): PorpulsionError {
  const known: Readonly<Record<string, { readonly kind: ErrorKind; readonly means: string }>> =
    errorCodes
  const lost = Object.hasOwn(known, reason) ? known[reason] : undefined
  if (lost !== undefined)
    return new PorpulsionError(lost.kind, reason, `The agent ended the connection: ${lost.means}`)
  return new PorpulsionError(
    'Unavailable',
    'AgentUnreachable',
    `The connection to the agent at ${url} broke off (${reason === '' ? code : reason}); what ran may still run`,
  )
}

async function* guarded<T>(
  options: ClientOptions,
  input: { signal?: AbortSignal },
  source: AsyncIterable<T>,
): AsyncGenerator<T> {
  try {
    yield* source
  } catch (error) {
    throw failure(options, error, stopSignal(options, input))
  }
}

async function* jsonLines<T>(response: IncomingMessage): AsyncGenerator<T> {
  try {
    for await (const line of lines(response)) {
      if (line !== '') yield JSON.parse(line) as T // as in `call`
    }
  } finally {
    response.destroy()
  }
}

async function* jsonEvents<T>(response: IncomingMessage): AsyncGenerator<ResumableEvent<T>> {
  try {
    for await (const event of serverSentEvents(response)) yield parsed<T>(event)
  } finally {
    response.destroy()
  }
}

function parsed<T>({ id, data }: ServerSentEvent): ResumableEvent<T> {
  return { ...(id !== undefined && { id }), value: JSON.parse(data) as T } // as in `call`
}
