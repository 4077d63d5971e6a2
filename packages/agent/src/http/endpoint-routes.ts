import { setMaxListeners } from 'node:events'
import { PassThrough, type Duplex } from 'node:stream'
import { encodeExecFailure, type Endpoint, type PorpulsionError } from '@porpulsion/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { NotedFacts } from '../api/index.ts'
import type { Logger } from '../observability/index.ts'
import { createRequestCheck, type CheckedRequest, type UnknownFields } from './checked-request.ts'
import { sendLines } from './line-stream.ts'
import { asPorpulsionError, logLevelOf, sendProblem } from './problem-reply.ts'
import type { Carried, WebSockets } from './web-sockets.ts'

/** What a handler gets besides the sender. */
type Input = CheckedRequest & {
  readonly signal: AbortSignal
  readonly note: (facts: NotedFacts) => void
}

export interface EndpointRoutesOptions<Sender extends object> {
  readonly unknownFields: UnknownFields
  readonly logger: Logger
  /** Who sent it: `{ caller }` or `{ peer }`. Throws when they may not. Called before anything of the request is read. */
  readonly admit: (endpoint: Endpoint, request: FastifyRequest) => Sender
  readonly own?: Readonly<Record<string, OwnHandler>>
  /** For endpoints that are WebSockets. `recheck` throws once whoever opened one may not any more. */
  readonly upgrades?: {
    readonly webSockets: WebSockets
    readonly recheck: (endpoint: Endpoint, request: FastifyRequest) => void
    /** Who is behind it: all tokens of a user are one. */
    readonly accountOf: (request: FastifyRequest) => string
  }
  /** Watches whether whoever asked for an answer without end may still have it. The returned function ends that. */
  readonly watchRight?: (
    endpoint: Endpoint,
    request: FastifyRequest,
    onLost: () => void,
  ) => () => void
  /** Told how each request ended, once. */
  readonly settled: (settled: SettledRequest) => void
  /** Aborted when the server stops: what streams for ever must not hold it up. */
  readonly stopping: AbortSignal
}

/** A request that came to an endpoint, and its end. What of it was checked is not said: only names are read from it. */
export interface SettledRequest {
  readonly name: string
  readonly endpoint: Endpoint
  readonly request: FastifyRequest
  readonly noted: NotedFacts
  readonly end: { readonly result: unknown } | { readonly error: PorpulsionError }
}

type Handler = (input: Input) => Promise<unknown>

/** Of http itself: it also sees how the request came, because it deals in cookies and event ids. */
export type OwnHandler = (
  input: Input,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<unknown>

/** A route per line of an endpoint table. */
export function addEndpointRoutes<Sender extends object>(
  app: FastifyInstance,
  table: Readonly<Record<string, Endpoint>>,
  handlers: Readonly<Record<string, unknown>>,
  options: EndpointRoutesOptions<Sender>,
): void {
  // One for each answer that streams; Node would take that for a leak and say so.
  setMaxListeners(0, options.stopping)
  const openWebSocket = (
    request: FastifyRequest,
    reply: FastifyReply,
    endpoint: Endpoint,
    made: Carried,
  ): void => {
    const { webSockets, recheck } = options.upgrades ?? {}
    const { webSocket } = endpoint
    if (webSocket === undefined) return
    reply.hijack()
    webSockets?.open(request.raw, webSocket, made, () => recheck?.(endpoint, request))
  }
  for (const [name, endpoint] of Object.entries(table)) {
    const handler = handlers[name] as Handler // mergeHandlers saw to it that there is one; the table types it
    const own = options.own?.[name]
    const check = createRequestCheck(endpoint, options.unknownFields)
    app.route({
      method: endpoint.method,
      url: endpoint.path,
      // Before the body: nobody makes us read one they may not send.
      onRequest: (request, _reply, done) => {
        senders.set(request, options.admit(endpoint, request))
        done()
      },
      // Whatever refused it: the host, the sender, the body, the handler.
      errorHandler: (failure, request, reply) => {
        const error = asPorpulsionError(failure)
        options.settled({
          name,
          endpoint,
          request,
          noted: notes.get(request) ?? {},
          end: { error },
        })
        if (toldInside.has(request)) openWebSocket(request, reply, endpoint, refusedCommand(error))
        else void sendProblem(options.logger, request, reply, error)
      },
      handler: async (request, reply) => {
        const { webSocket } = endpoint
        const { upgrades } = options
        if (webSocket !== undefined)
          upgrades?.webSockets.expect(request.raw, webSocket, upgrades.accountOf(request))
        const { params, query, body } = request
        const checked = check({ params, query, body })
        if (webSocket !== undefined && wantsRefusalInside(checked.query)) toldInside.add(request)
        const note = (facts: NotedFacts): void =>
          void notes.set(request, { ...notes.get(request), ...facts })
        const input = { ...senders.get(request), ...checked, note }
        await answer(
          endpoint,
          async (signal) => {
            const result = await (own === undefined
              ? handler({ ...input, signal })
              : own({ ...input, signal }, request, reply))
            const noted = notes.get(request) ?? {}
            options.settled({ name, endpoint, request, noted, end: { result } })
            return result
          },
          reply,
          {
            ...options,
            status: statusOf(endpoint, checked.query),
            openWebSocket: (made) => openWebSocket(request, reply, endpoint, made),
            watchRight: (onLost) =>
              options.watchRight?.(endpoint, request, onLost) ?? (() => undefined),
          },
        )
        return reply
      },
    })
  }
}

/** Between the hook that admits a sender and the handler it is passed to. */
const senders = new WeakMap<FastifyRequest, object>()
/** Those whose sender was let in, and reads refusals only inside the WebSocket. */
const toldInside = new WeakSet<FastifyRequest>()
const wantsRefusalInside = (query: unknown): boolean =>
  typeof query === 'object' && query !== null && 'refusals' in query && query.refusals === 'inside'

/** A command that was over before it began. */
function refusedCommand(error: PorpulsionError): Duplex {
  const messages = new PassThrough({ objectMode: true })
  messages.end(encodeExecFailure(error))
  return messages
}

/** What a handler has noted of its request so far. */
const notes = new WeakMap<FastifyRequest, NotedFacts>()

interface AnswerOptions {
  readonly logger: Logger
  readonly stopping: AbortSignal
  readonly status: number
  readonly openWebSocket: (made: Carried) => void
  readonly watchRight: (onLost: () => void) => () => void
}

async function answer(
  endpoint: Endpoint,
  handle: (signal: AbortSignal) => Promise<unknown>,
  reply: FastifyReply,
  { logger, stopping, status, openWebSocket, watchRight }: AnswerOptions,
): Promise<void> {
  const gone = new AbortController()
  const abort = (): void => gone.abort()
  reply.raw.once('close', abort)
  const isStream = endpoint.format !== 'json'
  if (isStream) stopping.addEventListener('abort', abort, { once: true })
  try {
    const result = await handle(gone.signal)
    if (!isStream) sendJson(status, result, reply)
    // Server-sent events carry ids, so that their handler writes them itself.
    else if (endpoint.format === 'ndjson') {
      const unwatch = watchRight(() => reply.raw.destroy())
      await sendStream(result as AsyncIterable<unknown>, reply, gone.signal, logger).finally(
        unwatch,
      )
    } else if (endpoint.format === 'websocket') openWebSocket(result as Carried)
  } finally {
    stopping.removeEventListener('abort', abort)
  }
}

/** A dry run makes nothing, so it must not say "created". */
const statusOf = (endpoint: Endpoint, query: unknown): number =>
  typeof query === 'object' && query !== null && 'dryRun' in query ? 200 : endpoint.status

function sendJson(status: number, result: unknown, reply: FastifyReply): void {
  void reply.code(status).header('cache-control', 'no-store')
  if (result === undefined) void reply.send()
  else void reply.type('application/json').send(JSON.stringify(result))
}

async function sendStream(
  items: AsyncIterable<unknown>,
  reply: FastifyReply,
  signal: AbortSignal,
  logger: Logger,
): Promise<void> {
  const response = hijack(reply, 'application/x-ndjson')
  try {
    await sendLines(response, items, signal)
  } catch (err) {
    // The head is sent: all that is left to say is that this is not the end.
    if (signal.aborted) return
    const error = asPorpulsionError(err)
    const level = logLevelOf(error) === 'debug' ? 'debug' : 'warn'
    logger[level]({ err, code: error.code }, 'Cut off a stream that failed')
  }
}

/** From here on the answer is ours to write, with the headers every answer has. */
export function hijack(reply: FastifyReply, contentType: string): FastifyReply['raw'] {
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value)
  raw.setHeader('content-type', contentType)
  raw.setHeader('cache-control', 'no-store')
  // Ingresses buffer answers unless told not to.
  raw.setHeader('x-accel-buffering', 'no')
  return raw
}
