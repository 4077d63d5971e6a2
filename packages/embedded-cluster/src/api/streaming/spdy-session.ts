/**
 * The server's side of a SPDY/3.1 connection: streams that the client opens. Neither side keeps windows (Go's SPDY,
 * which is kubectl's, has none): what holds a sender back is that the connection is not read.
 */
import { once, setMaxListeners } from 'node:events'
import { Duplex } from 'node:stream'
import {
  controlFrame,
  dataHead,
  FrameReader,
  SpdyFlag,
  type SpdyFrame,
  SpdyReset,
  SpdyType,
} from './spdy-frames.ts'
import { EmptyHeaderWriter, HeaderReader, type SpdyHeaders } from './spdy-headers.ts'

/** A port-forward has two for each connection through it; more are refused. */
const maxStreams = 512

/** Also while a stream holds the connection back, so that a client that went is noticed. */
const pingMs = 10_000

export class SpdySession {
  readonly #socket: Duplex
  readonly #reader = new FrameReader()
  readonly #headers = new HeaderReader()
  readonly #replies = new EmptyHeaderWriter()
  readonly #streams = new Map<number, SpdyStream>()
  readonly #onStream: (stream: SpdyStream) => void
  readonly #gone = new AbortController()
  #lastStreamId = 0
  #pings = 0

  constructor(socket: Duplex, onStream: (stream: SpdyStream) => void) {
    this.#socket = socket
    this.#onStream = onStream
    // Each connection to a pod listens.
    setMaxListeners(maxStreams, this.#gone.signal)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#end())
  }

  /** Aborted when the connection is. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** Reads until the connection ends. */
  async run(): Promise<void> {
    // Even numbers are the server's pings.
    const timer = setInterval(
      () => void this.write(controlFrame(SpdyType.Ping, (this.#pings += 2))),
      pingMs,
    )
    try {
      for await (const chunk of this.#socket as AsyncIterable<Buffer>) {
        for (const frame of this.#reader.read(chunk)) await this.#handle(frame)
      }
    } catch {
      // Cut off, or not SPDY: either way this is the end.
    } finally {
      clearInterval(timer)
      this.#socket.destroy()
    }
  }

  /** Orderly: what was written is sent before. */
  close(): void {
    this.#socket.end(controlFrame(SpdyType.GoAway, this.#lastStreamId, 0))
  }

  /** Resolves, to nobody's surprise also when the connection is gone, once the machine has taken the bytes. */
  write(...parts: readonly Buffer[]): Promise<void> {
    if (!this.#socket.writable) return Promise.resolve()
    return new Promise((resolve) => this.#socket.write(Buffer.concat(parts), () => resolve()))
  }

  forget(streamId: number): void {
    this.#streams.delete(streamId)
  }

  async #handle(frame: SpdyFrame): Promise<void> {
    if (frame.kind === 'data') return this.#data(frame.streamId, frame.flags, frame.payload)
    const { type, flags, payload } = frame
    switch (type) {
      case SpdyType.SynStream:
        return this.#open(payload, flags)
      case SpdyType.RstStream:
        this.#streams.get(payload.readUInt32BE(0))?.destroy()
        return
      case SpdyType.Ping:
        if (payload.readUInt32BE(0) % 2 === 1) await this.write(controlFrame(type, payload))
        return
      default:
      // Settings, window updates, further headers: of no use here.
    }
  }

  /** Every block of headers has to be read, or the next one could not be. */
  async #open(payload: Buffer, flags: number): Promise<void> {
    const id = payload.readUInt32BE(0)
    const headers = await this.#headers.read(payload.subarray(10))
    if (id <= this.#lastStreamId || this.#streams.size >= maxStreams) {
      await this.write(controlFrame(SpdyType.RstStream, id, SpdyReset.RefusedStream))
      return
    }
    this.#lastStreamId = id
    const stream = new SpdyStream(this, id, headers)
    this.#streams.set(id, stream)
    if ((flags & SpdyFlag.Fin) !== 0) stream.push(null)
    await this.write(controlFrame(SpdyType.SynReply, id, this.#replies.next()))
    this.#onStream(stream)
  }

  /** Waits while the stream is full: the connection is not read then. */
  async #data(streamId: number, flags: number, payload: Buffer): Promise<void> {
    const stream = this.#streams.get(streamId)
    if (stream === undefined || stream.destroyed) return
    if (payload.length > 0 && !stream.push(payload)) await stream.wanted()
    if ((flags & SpdyFlag.Fin) !== 0) stream.push(null)
  }

  #end(): void {
    for (const stream of this.#streams.values()) stream.destroy()
    this.#headers.close()
    this.#gone.abort()
  }
}

export class SpdyStream extends Duplex {
  readonly headers: SpdyHeaders
  readonly #session: SpdySession
  readonly #id: number

  constructor(session: SpdySession, id: number, headers: SpdyHeaders) {
    super({ allowHalfOpen: true })
    this.#session = session
    this.#id = id
    this.headers = headers
    // Whoever uses the stream learns of its end by `close`.
    this.on('error', () => undefined)
  }

  /** Resolves when there is room for more, or no use for it. */
  async wanted(): Promise<void> {
    const done = new AbortController()
    const { signal } = done
    await Promise.race([once(this, 'wanted', { signal }), once(this, 'close', { signal })]).catch(
      () => undefined,
    )
    done.abort()
  }

  override _read(): void {
    this.emit('wanted')
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    void this.#session.write(dataHead(this.#id, chunk.length), chunk).then(done)
  }

  override _final(done: () => void): void {
    void this.#session.write(dataHead(this.#id, 0, SpdyFlag.Fin)).then(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#session.forget(this.#id)
    if (!this.writableFinished || !this.readableEnded) {
      void this.#session.write(controlFrame(SpdyType.RstStream, this.#id, SpdyReset.Cancel))
    }
    done(error)
  }
}
