import { randomBytes } from 'node:crypto'
import { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { LoopShare } from './loop-share.ts'
import { headerLength, layHeader, turn, WebSocketFrameReader } from './web-socket-frames.ts'

/** Beyond this much unsent in the WebSocket, the next write waits: `ws` itself would buffer without limit. */
const maxBufferedBytes = 256 * 1024
/** Larger writes are cut, so that the receiver's limit on messages can be small. */
const maxMessageBytes = 256 * 1024
/** Up to here a copy behind the header costs less than one piece more to write. */
const copyBytes = 8 * 1024
/** What a peer may send in one message; room for a later version that cuts less finely. */
export const maxReceivedMessageBytes = 1024 * 1024

/**
 * Bounds of `ws` on how finely somebody cuts messages, for what passes through it: nothing but control frames does, as
 * long as this stream stands. Each piece costs some hundred bytes, also of those who have proven nothing.
 */
export const messagePieces = { maxFragments: 1_024, maxBufferedChunks: 2_048 } as const
/** What a WebSocket may take of a turn of the event loop, in bytes; then all others are served first. */
const maxTurnBytes = 512 * 1024
/** A frame costs as much as so many bytes, however small it is. */
const frameCostBytes = 256

/** Code and reason of the Close frame with which the other end, or something on the way, ended the WebSocket. */
export interface WebSocketEnd {
  readonly code: number
  /** Their words, unproven. */
  readonly reason: string
}

/**
 * A WebSocket as a stream of bytes, with backpressure both ways; message boundaries mean nothing. Whatever ends one
 * ends the other. Handshake, Ping and Close are the library's; bytes pass beside it, straight from and to the socket
 * below, because every byte of the link comes through here.
 */
export class WebSocketDuplex extends Duplex {
  readonly #socket: WebSocket
  readonly #raw: Duplex
  readonly #isClient: boolean
  readonly #masksAtRandom: boolean
  readonly #reader: WebSocketFrameReader
  readonly #share: LoopShare
  #isFull = false
  /** Who reads this stream takes more. */
  #wantsMore = true
  #onDrain: WriteCallback | undefined
  #ending: WebSocketEnd | undefined
  #isClosing = false

  /** Of a WebSocket that is open. `masksAtRandom`: for payload that a proxy can see and somebody else may have chosen. */
  constructor(socket: WebSocket, { masksAtRandom = false } = {}) {
    super({ allowHalfOpen: false, readableHighWaterMark: 128 * 1024 })
    const { _socket: raw, _isServer: isServer } = socket as unknown as InsideWebSocket
    this.#socket = socket
    this.#raw = raw
    this.#isClient = !isServer
    this.#masksAtRandom = masksAtRandom && this.#isClient
    this.#share = new LoopShare(maxTurnBytes, {
      rest: () => socket.pause(),
      goOn: () => {
        if (this.#wantsMore) socket.resume()
      },
    })
    const library = raw.listeners('data')
    raw.removeAllListeners('data')
    this.#reader = new WebSocketFrameReader({
      isMasked: isServer,
      maxPayloadBytes: maxReceivedMessageBytes,
      onPayload: (bytes) => {
        if (!this.destroyed && !this.push(bytes)) this.#isFull = true
      },
      onControl: (bytes) => {
        for (const listener of library) listener.call(raw, bytes)
      },
    })
    raw.on('data', (bytes: Buffer) => this.#onBytes(bytes))
    raw.on('drain', () => this.#goOn())
    // Before the library's, which would take what a paused socket still holds for whole frames.
    raw.prependListener('close', () => this.#readRest())
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
    this.#sendCut(chunk)
    this.#sent(callback)
  }

  /** TLS hands over some ten records at once; one message for all of them costs one header and one system call. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: WriteCallback): void {
    const total = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0)
    if (total <= maxMessageBytes) this.#send(chunks, total)
    else for (const { chunk } of chunks) this.#sendCut(chunk)
    this.#sent(callback)
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

  #sendCut(bytes: Buffer): void {
    for (let from = 0; from < bytes.length; from += maxMessageBytes) {
      const chunk = bytes.subarray(from, from + maxMessageBytes)
      this.#send([{ chunk }], chunk.length)
    }
  }

  /** One message. What is written after the Close goes nowhere, as the WebSocket's end has told already. */
  #send(chunks: readonly { readonly chunk: Buffer }[], bytes: number): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    const headerBytes = headerLength(bytes, this.#isClient)
    if (bytes <= copyBytes || this.#masksAtRandom) {
      const message = Buffer.allocUnsafe(headerBytes + bytes)
      layHeader(message, bytes, this.#isClient)
      let at = headerBytes
      for (const { chunk } of chunks) at += chunk.copy(message, at)
      if (this.#masksAtRandom) mask(message, headerBytes)
      this.#raw.write(message)
      return
    }
    const header = Buffer.allocUnsafe(headerBytes)
    layHeader(header, bytes, this.#isClient)
    this.#raw.cork()
    this.#raw.write(header)
    for (const { chunk } of chunks) this.#raw.write(chunk)
    this.#raw.uncork()
  }

  /** The next write waits while the socket holds too much. */
  #sent(callback: WriteCallback): void {
    if (this.#raw.writableLength <= maxBufferedBytes) callback(null)
    else this.#onDrain = callback
  }

  #goOn(): void {
    const callback = this.#onDrain
    this.#onDrain = undefined
    callback?.(null)
  }

  /** Also after this stream was destroyed: the answer to our Close is still to come. */
  #onBytes(bytes: Buffer): void {
    const framesBefore = this.#reader.frames
    const violation = this.#reader.push(bytes)
    const frames = this.#reader.frames - framesBefore
    this.#share.spend(bytes.length + frames * frameCostBytes)
    if (violation !== undefined) {
      this.#socket.terminate()
      this.destroy(new Error(violation))
    } else if (this.#isFull) {
      this.#wantsMore = false
      this.#socket.pause()
    }
    this.#isFull = false
  }

  #readRest(): void {
    const rest: unknown = this.#raw.read()
    if (Buffer.isBuffer(rest)) this.#onBytes(rest)
  }
}

/** With a key that nobody knows before. */
function mask(message: Buffer, headerBytes: number): void {
  const key = randomBytes(4)
  key.copy(message, headerBytes - key.length)
  turn(message.subarray(headerBytes), key.readUInt32BE())
}

/** What `ws` has no other way to; its version is pinned, and the tests would see a change. */
interface InsideWebSocket {
  /** What the WebSocket runs on since its handshake. */
  readonly _socket: Duplex
  readonly _isServer: boolean
}

/** The payload of a Close frame is 125 bytes at most, two of them the code. */
const maxReasonBytes = 123
const reasonGraceMs = 200
const closeTimeoutMs = 2_000

type WriteCallback = (error?: Error | null) => void
