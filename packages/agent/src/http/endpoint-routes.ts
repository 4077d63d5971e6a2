import type { Endpoint } from '@porpulsion/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../observability/index.ts'
import { createRequestCheck, type CheckedRequest, type UnknownFields } from './checked-request.ts'
import { sendLines } from './line-stream.ts'
import { asPorpulsionError } from './problem-reply.ts'

/** What a handler gets besides the sender. */
type Input = CheckedRequest & { readonly signal: AbortSignal }

export interface EndpointRoutesOptions<Sender extends object> {
  readonly unknownFields: UnknownFields
  readonly logger: Logger
  /** Who sent it: `{ caller }` or `{ peer }`. Throws when they may not. Called before anything of the request is read. */
  readonly admit: (endpoint: Endpoint, request: FastifyRequest) => Sender
  readonly own?: Readonly<Record<string, OwnHandler>>
  /** Aborted when the server stops: what streams for ever must not hold it up. */
  readonly stopping: AbortSignal
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
      handler: async (request, reply) => {
        const { params, query, body } = request
        const checked = check({ params, query, body })
        const input = { ...senders.get(request), ...checked }
        await answer(
          endpoint,
          (signal) =>
            own === undefined
              ? handler({ ...input, signal })
              : own({ ...input, signal }, request, reply),
          reply,
          options,
        )
        return reply
      },
    })
  }
}

/** Between the hook that admits a sender and the handler it is passed to. */
const senders = new WeakMap<FastifyRequest, object>()

async function answer(
  endpoint: Endpoint,
  handle: (signal: AbortSignal) => Promise<unknown>,
  reply: FastifyReply,
  { logger, stopping }: { readonly logger: Logger; readonly stopping: AbortSignal },
): Promise<void> {
  const gone = new AbortController()
  const abort = (): void => gone.abort()
  reply.raw.once('close', abort)
  const isStream = endpoint.format !== 'json'
  if (isStream) stopping.addEventListener('abort', abort, { once: true })
  try {
    const result = await handle(gone.signal)
    if (!isStream) sendJson(endpoint, result, reply)
    // Server-sent events carry ids, so that their handler writes them itself.
    else if (endpoint.format === 'ndjson')
      await sendStream(result as AsyncIterable<unknown>, reply, gone.signal, logger)
  } finally {
    stopping.removeEventListener('abort', abort)
  }
}

function sendJson(endpoint: Endpoint, result: unknown, reply: FastifyReply): void {
  void reply.code(endpoint.status).header('cache-control', 'no-store')
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
    if (!signal.aborted)
      logger.warn({ err, code: asPorpulsionError(err).code }, 'Cut off a stream that failed')
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
