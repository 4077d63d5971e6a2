import { Duplex } from 'node:stream'
import { StreamCode, type ChannelStream, type StreamOutcome } from '@porpulsion/protocol'
import { isPorpulsionError } from '@porpulsion/contract'

/** Turns the end of a stream by the other side, or of the session, into the error a reader or writer gets. */
export type ResetToError = (outcome: Extract<StreamOutcome, { kind: 'reset' }>) => Error

/**
 * A channel stream as a Node stream. Reading grants the peer credit, writing waits for it; each direction closes on
 * its own; `destroy` resets, with the code of a PorpulsionError if that is the reason.
 */
export class StreamDuplex extends Duplex {
  readonly #stream: ChannelStream
  #onWritable: (() => void) | undefined
  #isReading = false
  #hasEnded = false

  constructor(stream: ChannelStream, toError: ResetToError) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: 64 * 1024,
      writableHighWaterMark: 64 * 1024,
    })
    this.#stream = stream
    stream.handle({
      onReadable: () => this.#pump(),
      onWritable: () => {
        const resume = this.#onWritable
        this.#onWritable = undefined
        resume?.()
      },
      onClosed: (outcome) => {
        // Also when our own session did it, at a bound: a reader that is not told would wait for ever. A reset that
        // came from `destroy` finds the duplex destroyed already.
        if (outcome.kind === 'reset') this.destroy(toError(outcome))
      },
    })
  }

  override _read(): void {
    this.#isReading = true
    this.#pump()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#goOn(this.#stream.write(chunk), callback)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], callback: WriteCallback): void {
    let hasRoom = true
    for (const { chunk } of chunks) hasRoom = this.#stream.write(chunk)
    this.#goOn(hasRoom, callback)
  }

  override _final(callback: WriteCallback): void {
    this.#stream.close()
    callback()
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    // Node destroys what has ended in both directions. What was written may still wait for credit, and a reset would drop
    // it: the stream closes once it is sent.
    const hasEndedInOrder = error === null && this.readableEnded && this.writableFinished
    if (this.#stream.outcome === undefined && !hasEndedInOrder) {
      if (isPorpulsionError(error)) this.#stream.reset(error.code, error.message)
      else this.#stream.reset(error === null ? StreamCode.Cancelled : StreamCode.InternalError)
    }
    callback(error)
  }

  #pump(): void {
    while (this.#isReading) {
      const bytes = this.#stream.read()
      if (bytes === undefined) break
      // What the protocol hands out is ours: a view, not a copy.
      this.#isReading = this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    }
    if (this.#stream.readEnded && !this.#hasEnded) {
      this.#hasEnded = true
      this.push(null)
    }
  }

  #goOn(hasRoom: boolean, callback: WriteCallback): void {
    if (hasRoom) callback()
    else this.#onWritable = callback
  }
}

type WriteCallback = (error?: Error | null) => void
