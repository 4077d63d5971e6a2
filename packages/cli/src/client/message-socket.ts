/** A WebSocket of the agent as a Duplex of its messages: objects of type Uint8Array in both directions. */
import { Duplex } from 'node:stream'
import type WebSocket from 'ws'

/** Why it ended other than orderly, as an error. */
export type EndOfSocket = (code: number, reason: string) => Error

/** RFC 6455. */
const orderly = 1000
const maxMessagesAhead = 8

export class MessageSocket extends Duplex {
  readonly #socket: WebSocket

  constructor(socket: WebSocket, endOf: EndOfSocket) {
    super({ objectMode: true, readableHighWaterMark: maxMessagesAhead, writableHighWaterMark: 1 })
    this.#socket = socket
    // Found by reading; before anybody reads it must not end the process.
    this.on('error', () => undefined)
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
