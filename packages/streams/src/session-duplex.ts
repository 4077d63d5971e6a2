import { Duplex } from 'node:stream'
import { createSession, type Session, type SessionOptions } from '@porpulsion/protocol'

/** Taken from the session before the connection has taken what came before: a batch, which nothing overtakes any more. */
const batchesAhead = 1

export interface SessionDuplexOptions extends Omit<
  SessionOptions,
  'transport' | 'clock' | 'random' | 'defer'
> {
  /** Of the messages that leave, in bytes. Those that come may have any length. */
  readonly maxMessageBytes: number
}

/**
 * A session whose connection is somebody else's business: messages written to this duplex have arrived, messages read
 * from it are to be sent. Its end and its destruction end the session, and with it every stream.
 */
export class SessionDuplex extends Duplex {
  readonly session: Session
  readonly #maxMessageBytes: number
  #isBehind = false

  constructor({ maxMessageBytes, ...options }: SessionDuplexOptions) {
    super({ objectMode: true, allowHalfOpen: false, readableHighWaterMark: batchesAhead })
    this.#maxMessageBytes = maxMessageBytes
    this.session = createSession({
      ...options,
      clock: monotonicClock,
      random: { next: Math.random },
      defer: setImmediate,
      transport: {
        write: (chunks) => this.#send(chunks),
        close: () => void this.push(null),
      },
    })
  }

  override _read(): void {
    if (!this.#isBehind) return
    this.#isBehind = false
    this.session.transportDrained()
  }

  override _write(message: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.session.receive(message)
    done()
  }

  override _final(done: () => void): void {
    this.session.transportClosed('The other side ended the connection')
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.session.transportClosed(error?.message)
    done(error)
  }

  #send(chunks: readonly Uint8Array[]): boolean {
    const [only] = chunks
    const batch = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
    for (let at = 0; at < batch.length; at += this.#maxMessageBytes)
      this.#isBehind = !this.push(batch.subarray(at, at + this.#maxMessageBytes))
    return !this.#isBehind
  }
}

const monotonicClock = {
  now: () => performance.now(),
  schedule(delayMs: number, callback: () => void) {
    const timer = setTimeout(callback, delayMs).unref()
    return () => clearTimeout(timer)
  },
}
