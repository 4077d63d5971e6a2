import type { ChannelStream, StreamHandler, StreamOutcome } from '../../src/index.ts'
import { concat } from './virtual-time.ts'

/** A stream as a test wants it: what came lies ready, what shall go goes as fast as it may. */
export class TestStream implements StreamHandler {
  readonly stream: ChannelStream
  readonly #parts: Uint8Array[] = []
  #toWrite: Uint8Array[] = []
  #closeWhenWritten = false
  #waiters: (() => void)[] = []
  receivedBytes = 0
  isReading: boolean
  readonly #keepsBytes: boolean
  readEnded = false
  outcomes: StreamOutcome[] = []

  constructor(stream: ChannelStream, { isReading = true, keepsBytes = true } = {}) {
    this.stream = stream
    this.#keepsBytes = keepsBytes
    this.isReading = isReading
    stream.handle(this)
  }

  get received(): Uint8Array {
    return concat(this.#parts)
  }

  get outcome(): StreamOutcome | undefined {
    return this.outcomes[0]
  }

  get unwrittenBytes(): number {
    return this.#toWrite.reduce((sum, part) => sum + part.length, 0)
  }

  /** Starts reading after a pause. */
  resume(): void {
    this.isReading = true
    this.onReadable()
  }

  pause(): void {
    this.isReading = false
  }

  send(bytes: Uint8Array, pieceBytes = 64 * 1024): this {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      this.#toWrite.push(bytes.subarray(at, at + pieceBytes))
    }
    this.onWritable()
    return this
  }

  close(): this {
    this.#closeWhenWritten = true
    this.onWritable()
    return this
  }

  onReadable(): void {
    if (!this.isReading) return
    for (;;) {
      const part = this.stream.read()
      if (part === undefined) break
      if (this.#keepsBytes) this.#parts.push(part)
      this.receivedBytes += part.length
    }
    this.readEnded = this.stream.readEnded
    this.#wake()
  }

  #isBlocked = false

  onWritable(): void {
    this.#isBlocked = false
    this.#pump()
  }

  #pump(): void {
    while (!this.#isBlocked) {
      const part = this.#toWrite.shift()
      if (part === undefined) break
      this.#isBlocked = !this.stream.write(part)
    }
    if (this.#toWrite.length === 0 && this.#closeWhenWritten) this.stream.close()
  }

  onClosed(outcome: StreamOutcome): void {
    this.outcomes.push(outcome)
    this.#wake()
  }

  /** For tests in real time. */
  async until(condition: (stream: this) => boolean): Promise<this> {
    while (!condition(this)) await new Promise<void>((resolve) => this.#waiters.push(resolve))
    return this
  }

  /** All the peer sends, to its end. */
  async all(): Promise<Uint8Array> {
    await this.until((stream) => stream.readEnded || stream.outcome !== undefined)
    return this.received
  }

  #wake(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }
}
