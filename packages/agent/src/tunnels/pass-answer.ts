import {
  validateHeaderValue,
  type IncomingMessage,
  type OutgoingMessage,
  type ServerResponse,
} from 'node:http'
import { endAbruptly } from './as-socket.ts'
import { trailersOf } from './raw-headers.ts'
import type { RawHeaders } from './raw-headers.ts'

/** What is said of an answer besides its body; 1xx have no more. */
export type AnswerHead = Pick<
  IncomingMessage,
  'statusCode' | 'statusMessage' | 'headers' | 'rawHeaders'
>

/** Why an answer cannot be passed on although it could be read; `undefined`: it can. */
export function faultOf({
  statusCode = 0,
  statusMessage = '',
  headers,
}: AnswerHead): Error | undefined {
  if (statusCode < 200) return new Error(`it has the status ${statusCode}`)
  const coding = headers['transfer-encoding']
  // We asked for no other; of what we do not know we could not tell the body.
  if (coding !== undefined && !isChunked(coding))
    return new Error(`its Transfer-Encoding is ${JSON.stringify(coding)}`)
  try {
    validateHeaderValue('reason phrase', statusMessage)
    return undefined
  } catch {
    return new Error('its reason phrase has control characters')
  }
}

export const isChunked = (transferEncoding: string): boolean => /^chunked$/i.test(transferEncoding)

/** Requests whose client was told `100 Continue`, and so sends the body whatever else it hears. */
const awaited = new WeakSet<IncomingMessage>()

/** Passes an answer on as it comes in, its end and its breaking off included. */
export function passAnswer(
  answer: IncomingMessage,
  incoming: IncomingMessage,
  response: ServerResponse,
  headers: string[],
): void {
  const { statusCode = 502, statusMessage = '' } = answer
  answer.on('error', () => breakOff(response))
  // The app says its own date, or none.
  response.sendDate = false
  if (incoming.headers.expect !== undefined && !incoming.complete && !awaited.has(incoming)) {
    // The client may or may not send the body it announced; nobody could tell it from its next request.
    response.shouldKeepAlive = false
  }
  const mayTrail = canHaveTrailers(answer, incoming)
  response.writeHead(statusCode, statusMessage, mayTrail ? headers : withoutTrailer(headers))
  sendHeadSoon(answer, response)
  // Not `pipe`, which costs a dozen listeners for each of many small answers.
  answer.on('data', (piece: Buffer) => {
    if (response.write(piece)) return
    answer.pause()
    response.once('drain', () => answer.resume())
  })
  answer.once('end', () => {
    const trailers = mayTrail ? trailersOf(answer.rawTrailers) : []
    if (trailers.length > 0) response.addTrailers(trailers)
    response.end()
  })
  answer.once('close', () => {
    if (!answer.complete) breakOff(response)
  })
}

/** Ends an answer in the middle, so that nobody takes it for whole. */
export function breakOff(response: ServerResponse): void {
  // A client of HTTP/1.0 has only the end of the connection to tell: an orderly one would say that all is there.
  if (response.socket !== null && response.req.httpVersion === '1.0') endAbruptly(response.socket)
  response.destroy()
}

/** `100 Continue`, `103 Early Hints` and what else may come before the answer. Node would write only some of them. */
export function passInformation(
  { statusCode = 100, statusMessage = '' }: AnswerHead,
  headers: RawHeaders,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  // Older clients would take it for the answer.
  if (incoming.httpVersion !== '1.1' || response.socket === null || response.headersSent) return
  // Nothing stops an app that sends them without end to a client that does not read; it may miss some.
  if (response.socket.writableNeedDrain) return
  if (statusCode === 100 && statusMessage === 'Continue' && headers.length === 0) {
    awaited.add(incoming)
    // Node has to know too, or it ends the connection with the answer.
    response.writeContinue()
    return
  }
  response.socket.write(formatHead(statusCode, statusMessage, headers), 'latin1')
}

/**
 * With the first piece of the body if that is here already, which saves a write for every small answer; else alone,
 * because the body may be long in coming: an event stream starts with silence.
 */
function sendHeadSoon(answer: IncomingMessage, response: ServerResponse): void {
  // By then all that came with the head has been parsed, and nothing of it passed on.
  process.nextTick(() => {
    const more = answer.readableLength > 0 || answer.complete
    if (!more && !response.destroyed) sendHead(response)
  })
}

/** As `flushHeaders`, which writes them as UTF-8, where Node has read them, and writes all others, as latin1. */
export function sendHead(message: OutgoingMessage): void {
  message.write('', 'latin1')
}

/** Trailers need a body in chunks, and a client that knows them. */
function canHaveTrailers(answer: IncomingMessage, incoming: IncomingMessage): boolean {
  const { statusCode, headers } = answer
  return (
    headers['transfer-encoding'] !== undefined &&
    statusCode !== 204 &&
    statusCode !== 304 &&
    incoming.method !== 'HEAD' &&
    incoming.httpVersion === '1.1'
  )
}

function withoutTrailer(headers: readonly string[]): string[] {
  return headers.filter(
    (_, i) => (i % 2 === 0 ? headers[i] : headers[i - 1])?.toLowerCase() !== 'trailer',
  )
}

/** The head of an answer as bytes; to be written as latin1, which is how Node read it. */
export function formatHead(status: number, message: string, headers: RawHeaders): string {
  let head = `HTTP/1.1 ${status} ${message}\r\n`
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  return `${head}\r\n`
}
