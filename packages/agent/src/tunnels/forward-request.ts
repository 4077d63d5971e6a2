import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { isPorpulsionError, PorpulsionError } from '@porpulsion/contract'
import { MAX_HEADER_BYTES } from './limits.ts'
import {
  breakOff,
  faultOf,
  passAnswer,
  passInformation,
  sendHead,
  type AnswerHead,
} from './pass-answer.ts'
import { trailersOf, type RawHeaders } from './raw-headers.ts'
import type { Reuse, StreamAgent } from './stream-agent.ts'

/** What goes to the app, and how its answer comes back. */
export interface Forwarding {
  readonly agent: StreamAgent
  /** With the query, as the app is to see it. */
  readonly path: string
  readonly headers: RawHeaders
  readonly answerHeaders: (answer: AnswerHead) => string[]
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
  const { method = 'GET' } = incoming
  const body = hasBody(incoming)
  const mayRepeat = !body && idempotent.has(method)
  // A body is gone once it has been sent, and what is not idempotent must not be done twice: no second try for these.
  send(incoming, response, forwarding, { body, mayRepeat, reuse: mayRepeat ? 'any' : 'recent' })
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

interface Sending {
  readonly body: boolean
  readonly mayRepeat: boolean
  readonly reuse: Reuse
}

function send(
  incoming: IncomingMessage,
  response: ServerResponse,
  forwarding: Forwarding,
  { body, mayRepeat, reuse }: Sending,
): void {
  const outgoing = openRequest(incoming, forwarding, reuse)
  let hasAnswered = false
  // What an app sends behind its answer (a body with 204, or to HEAD) is an error, and takes nothing from the answer.
  let isWhole = (): boolean => false
  const onGone = (): void => {
    if (!response.writableFinished) forwarding.agent.abort(outgoing)
  }
  const fail = (error: Error): void => {
    hasAnswered = true
    forwarding.onFailure(asAnswerFailure(error, outgoing))
  }
  response.once('close', onGone)

  outgoing.on('error', (error) => {
    if (isWhole()) return
    if (hasAnswered || response.destroyed) {
      breakOff(response)
      return
    }
    // A kept connection may be dead without our knowing: that says nothing about the app. Once, and on a new one.
    if (mayRepeat && outgoing.reusedSocket && isOfConnection(error)) {
      response.off('close', onGone)
      send(incoming, response, forwarding, { body, mayRepeat: false, reuse: 'none' })
      return
    }
    fail(error)
  })
  outgoing.on('information', (information: AnswerHead) =>
    passInformation(information, forwarding.answerHeaders(information), incoming, response),
  )
  outgoing.once('response', (answer) => {
    const fault = faultOf(answer)
    if (fault === undefined) {
      hasAnswered = true
      isWhole = () => answer.complete
      passAnswer(answer, incoming, response, forwarding.answerHeaders(answer))
      return
    }
    outgoing.destroy()
    fail(notHttp(fault))
  })
  outgoing.once('upgrade', (_answer, socket) => {
    socket.destroy()
    fail(notHttp(new Error('it changes to a protocol nobody asked for')))
  })
  passBody(incoming, outgoing, body)
}

/** The request to the app, not yet sent. */
export function openRequest(
  { method = 'GET' }: IncomingMessage,
  { agent, path, headers }: Pick<Forwarding, 'agent' | 'path' | 'headers'>,
  reuse: Reuse,
): ClientRequest {
  const options = { agent, method, path, headers, maxHeaderSize: MAX_HEADER_BYTES, reuse }
  const outgoing = httpRequest(options)
  // Their size is bounded, and Node silently leaves out what is beyond a number.
  outgoing.maxHeadersCount = 0
  return outgoing
}

function passBody(incoming: IncomingMessage, outgoing: ClientRequest, body: boolean): void {
  if (!body) {
    outgoing.end()
    return
  }
  // Now, because the body may be long in coming, and the app may answer before it.
  sendHead(outgoing)
  incoming.pipe(outgoing, { end: false })
  incoming.once('end', () => {
    const trailers = trailersOf(incoming.rawTrailers)
    if (trailers.length > 0) outgoing.addTrailers(trailers)
    outgoing.end()
  })
  incoming.once('close', () => {
    if (!incoming.complete) outgoing.destroy()
  })
  outgoing.once('close', () => {
    // An app may answer and hang up before it has read all (413). The client hears that answer only if we go on
    // reading, and its connection can be used again once the body is through.
    incoming.unpipe(outgoing)
    incoming.resume()
  })
}

/** As opposed to a refusal of the host or the end of a link. `PortUnreachable`: the app reset the connection. */
const isOfConnection = (error: Error): boolean =>
  !isPorpulsionError(error) || error.code === 'PortUnreachable'

/** What the host or the link says is passed on; everything else is an app that does not speak HTTP, or stopped. */
export function asAnswerFailure(error: Error, { socket }: ClientRequest): PorpulsionError {
  // Before there is a connection the port is what could not be reached; behind it, it was.
  const isReached = socket !== null
  if (isPorpulsionError(error) && !(isReached && isOfConnection(error))) return error
  const isHttp = 'code' in error && typeof error.code === 'string' && error.code.startsWith('HPE_')
  if (isHttp) return notHttp(error)
  return new PorpulsionError(
    'ProtocolViolation',
    'AppAnswerInvalid',
    `The app closed the connection before it answered (${error.message})`,
    { cause: error },
  )
}

export const notHttp = (cause: Error): PorpulsionError =>
  isPorpulsionError(cause)
    ? cause
    : new PorpulsionError(
        'ProtocolViolation',
        'AppAnswerInvalid',
        `The app's answer is not HTTP (${cause.message})`,
        { cause },
      )
