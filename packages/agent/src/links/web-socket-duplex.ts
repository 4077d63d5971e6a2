import { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { LoopShare } from './loop-share.ts'

/** Beyond this much unsent in the WebSocket, the next write waits: `ws` itself would buffer without limit. */
const maxBufferedBytes = 256 * 1024
/** Larger writes are cut, so that the receiver's limit on messages can be small. */
const maxMessageBytes = 256 * 1024
/** What a peer may send in one message; room for a later version that cuts less finely. */
export const maxReceivedMessageBytes = 1024 * 1024

/**
 * Bounds on how finely somebody cuts messages, on top of that on their size; `ws` ends the connection at either. Each
 * piece costs some hundred bytes until the message is whole, also of those who have proven nothing. A message of ours
 * comes in one fragment, and in 200 chunks where the packets are small.
 */
export const messagePieces = { maxFragments: 1_024, maxBufferedChunks: 2_048 } as const
/** What a WebSocket may take of a turn of the event loop, in bytes; then all others are served first. */
const maxTurnBytes = 512 * 1024
/** A message or ping costs as much as so many bytes, however small it is. */
const messageCostBytes = 256

/** Code and reason of the Close frame with which the other end, or something on the way, ended the WebSocket. */
export interface WebSocketEnd {
  readonly code: number
  /** Their words, unproven. */
  readonly reason: string
}

/**
 * A WebSocket as a stream of bytes, with backpressure both ways; message boundaries mean nothing. Whatever ends one
 * ends the other.
 */
export class WebSocketDuplex extends Duplex {
  readonly #socket: WebSocket
  readonly #share: LoopShare
  #ending: WebSocketEnd | undefined
  #isClosing = false
  /** Who reads this stream takes more. */
  #wantsMore = true

  constructor(socket: WebSocket) {
    super({ allowHalfOpen: false, readableHighWaterMark: 128 * 1024 })
    this.#socket = socket
    this.#share = new LoopShare(maxTurnBytes, {
      rest: () => socket.pause(),
      goOn: () => {
        if (this.#wantsMore) socket.resume()
      },
    })
    // Text has no place here, and a fragment list would have to be joined.
    socket.binaryType = 'nodebuffer'
    socket.on('message', (data: RawData, isBinary: boolean) => this.#onMessage(data, isBinary))
    const spend = (): void => this.#share.spend(messageCostBytes)
    socket.on('ping', spend)
    socket.on('pong', spend)
    socket.on('close', (code: number, reason: Buffer) => {
      this.#ending = { code, reason: reason.toString() }
      // An end, not a destruction: TLS above hears of nothing else.
      this.push(null)
    })
    socket.on('error', (error: Error) => this.destroy(error))
    // Without a listener an error would end the process; who uses the stream hears of its end by `close`.
    this.on('error', () => undefined)
  }

  /** How the other side ended the WebSocket, once it has. */
  get ending(): WebSocketEnd | undefined {
    return this.#ending
  }

  /** Ends with a code and words the other side can show. Also a moment after the stream was destroyed. */
  endWith(code: number, reason: string): void {
    this.#close(code, Buffer.from(reason).subarray(0, maxReasonBytes).toString())
    this.destroy()
  }

  /** Ends now, whatever was on its way. */
  terminate(): void {
    this.#socket.terminate()
    this.destroy()
  }

  override _read(): void {
    this.#wantsMore = true
    if (!this.#share.isResting) this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#send(chunk, callback)
  }

  /** TLS hands over some ten records at once; one message for all of them costs one header and one system call. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: WriteCallback): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback)
  }

  override _final(callback: WriteCallback): void {
    this.#close(1000, '')
    callback()
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    if (error !== null) this.#socket.terminate()
    // TLS destroys the stream when it refuses a certificate; only then do we learn why, and say so with `endWith`.
    else setTimeout(() => this.#close(1000, ''), reasonGraceMs).unref()
    callback(error)
  }

  #close(code: number, reason: string): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#socket.close(code, reason)
    this.#wantsMore = true
    // Or the answer to it, behind bytes that nobody will read, would not be seen.
    this.#socket.resume()
    // A peer that does not answer would keep the connection for half a minute.
    setTimeout(() => this.#socket.terminate(), closeTimeoutMs).unref()
  }

  #send(bytes: Buffer, callback: WriteCallback): void {
    for (let from = 0; from < bytes.length; from += maxMessageBytes) {
      const isLast = from + maxMessageBytes >= bytes.length
      const piece = bytes.subarray(from, from + maxMessageBytes)
      if (isLast && this.#socket.bufferedAmount + piece.length > maxBufferedBytes) {
        this.#socket.send(piece, (error) => callback(error ?? null))
        return
      }
      this.#socket.send(piece)
    }
    callback(null)
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.destroyed) return
    if (!isBinary || !Buffer.isBuffer(data)) {
      this.destroy(new Error('A text message came where only binary ones may'))
      return
    }
    this.#share.spend(data.length + messageCostBytes)
    if (this.push(data)) return
    this.#wantsMore = false
    this.#socket.pause()
  }
}

/** The payload of a Close frame is 125 bytes at most, two of them the code. */
const maxReasonBytes = 123
const reasonGraceMs = 200
const closeTimeoutMs = 2_000

type WriteCallback = (error?: Error | null) => void
