import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingMessage,
  type ServerResponse,
} from 'node:http'
import { isPorpulsionError, PorpulsionError } from '@porpulsion/contract'
import { MAX_HEADER_BYTES } from './limits.ts'
import type { RawHeaders } from './raw-headers.ts'
import type { StreamAgent } from './stream-agent.ts'

/** What goes to the app, and how its answer comes back. */
export interface Forwarding {
  readonly agent: StreamAgent
  /** With the query, as the app is to see it. */
  readonly path: string
  readonly headers: RawHeaders
  readonly answerHeaders: (answer: IncomingMessage) => string[]
  /** Answers for an app that did not. Called at most once, before anything was sent. */
  readonly onFailure: (error: PorpulsionError) => void
}

/** Methods that may be sent again when the connection turned out to be dead (RFC 9110, 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/**
 * Passes one request on and its answer back, both as streams: bodies flow as fast as the slower side takes them, and
 * whichever side goes away, the other hears of it at once.
 */
export function forwardRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  forwarding: Forwarding,
): void {
  const hasBody =
    incoming.headers['transfer-encoding'] !== undefined ||
    (incoming.headers['content-length'] ?? '0') !== '0'
  send(incoming, response, forwarding, hasBody)
}

function send(
  incoming: IncomingMessage,
  response: ServerResponse,
  forwarding: Forwarding,
  hasBody: boolean,
): void {
  const { method = 'GET' } = incoming
  const outgoing = httpRequest({
    agent: forwarding.agent,
    method,
    path: forwarding.path,
    headers: forwarding.headers,
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  let hasAnswered = false
  const onGone = (): void => {
    if (!response.writableFinished) forwarding.agent.abort(outgoing)
  }
  response.once('close', onGone)

  outgoing.on('error', (error) => {
    if (hasAnswered || response.destroyed) {
      response.destroy()
      return
    }
    // A kept connection may be dead without our knowing: that says nothing about the app.
    if (outgoing.reusedSocket && !hasBody && idempotent.has(method) && !isPorpulsionError(error)) {
      response.off('close', onGone)
      send(incoming, response, forwarding, hasBody)
      return
    }
    hasAnswered = true
    forwarding.onFailure(asAnswerFailure(error))
  })
  outgoing.on('continue', () => response.writeContinue())
  outgoing.on('information', (information) => passInformation(information, incoming, response))
  outgoing.once('response', (answer) => {
    hasAnswered = true
    passAnswer(answer, incoming, response, forwarding.answerHeaders(answer))
  })
  passBody(incoming, outgoing, hasBody)
}

function passBody(incoming: IncomingMessage, outgoing: ClientRequest, hasBody: boolean): void {
  if (!hasBody) {
    outgoing.end()
    return
  }
  // Now, because the body may be long in coming, and the app may answer before it.
  sendHead(outgoing)
  incoming.pipe(outgoing, { end: false })
  incoming.once('end', () => {
    const trailers = asPairs(incoming.rawTrailers)
    if (trailers.length > 0) outgoing.addTrailers(trailers)
    outgoing.end()
  })
  incoming.once('close', () => {
    if (!incoming.complete) outgoing.destroy()
  })
}

/**
 * With the first piece of the body if that is here already, which saves a write for every small answer; else alone,
 * because the body may be long in coming: an event stream starts with silence.
 */
function sendHeadSoon(answer: IncomingMessage, response: ServerResponse): void {
  const pending = setImmediate(() => {
    if (!response.destroyed) sendHead(response)
  })
  const cancel = (): void => clearImmediate(pending)
  answer.once('data', cancel)
  answer.once('end', cancel)
}

/** As `flushHeaders`, which writes them as UTF-8, where Node has read them, and writes all others, as latin1. */
function sendHead(message: OutgoingMessage): void {
  message.write('', 'latin1')
}

/** `103 Early Hints` and what else may come before the answer. Node writes only some of them, and not as they came. */
function passInformation(
  {
    statusCode,
    statusMessage,
    rawHeaders,
  }: {
    readonly statusCode: number
    readonly statusMessage: string
    readonly rawHeaders: RawHeaders
  },
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  const isUnderstood = incoming.httpVersionMajor === 1 && incoming.httpVersionMinor === 1
  // 100 has an event of its own; an answer that waits behind others on its connection has no socket yet.
  if (statusCode === 100 || !isUnderstood || response.socket === null) return
  response.socket.write(formatHead(statusCode, statusMessage, rawHeaders), 'latin1')
}

export function passAnswer(
  answer: IncomingMessage,
  incoming: IncomingMessage,
  response: ServerResponse,
  headers: string[],
): void {
  const { statusCode = 502, statusMessage = '' } = answer
  answer.on('error', () => response.destroy())
  // The app says its own date, or none.
  response.sendDate = false
  if (incoming.headers.expect !== undefined && !incoming.complete) {
    // The client may or may not send the body it announced; nobody could tell it from its next request.
    response.shouldKeepAlive = false
  }
  const mayTrail = canHaveTrailers(answer, incoming)
  response.writeHead(statusCode, statusMessage, mayTrail ? headers : withoutTrailer(headers))
  sendHeadSoon(answer, response)
  answer.pipe(response, { end: false })
  answer.once('end', () => {
    const trailers = asPairs(answer.rawTrailers)
    if (mayTrail && trailers.length > 0) response.addTrailers(trailers)
    response.end()
  })
  answer.once('close', () => {
    if (!answer.complete) response.destroy()
  })
}

/** Trailers need a body in chunks, and a client that knows them. */
function canHaveTrailers(answer: IncomingMessage, incoming: IncomingMessage): boolean {
  return (
    answer.headers['transfer-encoding'] !== undefined &&
    incoming.method !== 'HEAD' &&
    incoming.httpVersion === '1.1'
  )
}

function withoutTrailer(headers: readonly string[]): string[] {
  return headers.filter(
    (_, i) => (i % 2 === 0 ? headers[i] : headers[i - 1])?.toLowerCase() !== 'trailer',
  )
}

function asPairs(raw: RawHeaders): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? '', raw[i + 1] ?? ''])
  return pairs
}

/** The head of an answer as bytes; to be written as latin1, which is how Node read it. */
export function formatHead(status: number, message: string, headers: RawHeaders): string {
  const lines = [`HTTP/1.1 ${status} ${message}`]
  for (const [name, value] of asPairs(headers)) lines.push(`${name}: ${value}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** What the host or the link says is passed on; everything else is an app that does not speak HTTP, or stopped. */
export function asAnswerFailure(error: Error): PorpulsionError {
  if (isPorpulsionError(error)) return error
  const isHttp = 'code' in error && typeof error.code === 'string' && error.code.startsWith('HPE_')
  return new PorpulsionError(
    'ProtocolViolation',
    'AppAnswerInvalid',
    isHttp
      ? `The app's answer is not HTTP (${error.message})`
      : `The app closed the connection before it answered (${error.message})`,
    { cause: error },
  )
}
