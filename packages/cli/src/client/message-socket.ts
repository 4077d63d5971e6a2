/** A WebSocket of the agent as a Duplex of its messages: objects of type Uint8Array in both directions. */
import type { IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import WebSocket from 'ws'

export interface MessageSocketRequest {
  readonly url: URL
  readonly subprotocol: string
  readonly headers: Readonly<Record<string, string>>
  /** Until it stands. */
  readonly signal: AbortSignal
  /** What a refused upgrade says, as an error. */
  readonly refusalOf: (response: IncomingMessage) => Promise<Error>
  /** Why it ended other than orderly, as an error. */
  readonly endOf: (code: number, reason: string) => Error
}

/** RFC 6455. */
const orderly = 1000
const maxMessagesAhead = 8

export function openMessageSocket(request: MessageSocketRequest): Promise<Duplex> {
  const { signal, headers, subprotocol, refusalOf } = request
  const url = new URL(request.url)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, subprotocol, { headers, perMessageDeflate: false })
    // Made before it stands: the first messages may come in one packet with the answer.
    const messages = new MessageSocket(socket, request.endOf)
    const abort = (): void => socket.terminate()
    const settled = (): void => signal.removeEventListener('abort', abort)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    socket.once('open', () => {
      settled()
      resolve(messages)
    })
    // Stays: without it a late error would end the process.
    socket.on('error', (error) => {
      settled()
      reject(error)
    })
    socket.once('unexpected-response', (sent, response) => {
      settled()
      void refusalOf(response)
        .then(reject, reject)
        .finally(() => sent.destroy())
    })
  })
}

class MessageSocket extends Duplex {
  readonly #socket: WebSocket

  constructor(socket: WebSocket, endOf: MessageSocketRequest['endOf']) {
    super({ objectMode: true, readableHighWaterMark: maxMessagesAhead, writableHighWaterMark: 1 })
    this.#socket = socket
    // Found by reading; before anybody reads it must not end the process.
    this.on('error', () => undefined)
    socket.binaryType = 'nodebuffer'
    socket.on('message', (message: Buffer) => {
      if (!this.push(message)) socket.pause()
    })
    socket.once('close', (code, reason) => {
      if (code === orderly) this.push(null)
      else this.destroy(endOf(code, reason.toString('utf8')))
    })
  }

  override _read(): void {
    this.#socket.resume()
  }

  /** The callback comes when the bytes left for the kernel: that is the backpressure. */
  override _write(message: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(message, () => done())
    else done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.terminate()
    done(error)
  }
}
