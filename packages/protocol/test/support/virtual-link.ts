import type { Transport } from '../../src/index.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface LinkShape {
  /** One way. */
  readonly delayMs: number
  readonly bytesPerMs: number
  /** What socket and network swallow before `write` answers false. Megabytes, in real life. */
  readonly bufferBytes: number
}

export const idealLink: LinkShape = {
  delayMs: 0,
  bytesPerMs: Number.POSITIVE_INFINITY,
  bufferBytes: Number.POSITIVE_INFINITY,
}

/** One direction of a network path: bytes leave at its rate and arrive after its delay, in order. */
export class VirtualLink implements Transport {
  readonly #time: VirtualTime
  readonly #shape: LinkShape
  readonly #receiver: () => LinkReceiver
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #isSending = false
  #isBlocked = false
  #isClosing = false
  #isCut = false
  #isStopped = false
  onDrained: () => void = () => undefined
  /** All bytes ever written, if a test wants to look at them. */
  readonly written: Uint8Array[] = []
  writes = 0

  constructor(time: VirtualTime, shape: LinkShape, receiver: () => LinkReceiver) {
    this.#time = time
    this.#shape = shape
    this.#receiver = receiver
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  write(chunks: readonly Uint8Array[]): boolean {
    this.writes += 1
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += segmentBytes) {
        this.#queue.push(chunk.subarray(at, at + segmentBytes))
      }
      this.#queuedBytes += chunk.length
    }
    this.#send()
    this.#isBlocked = this.#queuedBytes >= this.#shape.bufferBytes
    return !this.#isBlocked
  }

  close(): void {
    this.#isClosing = true
    this.#send()
  }

  /** Nothing more arrives, and nobody is told. */
  cut(): void {
    this.#isCut = true
  }

  /** The other side does not read for now. */
  stop(): void {
    this.#isStopped = true
  }

  goOn(): void {
    this.#isStopped = false
    this.#send()
  }

  #send(): void {
    if (this.#isSending || this.#isStopped) return
    const segment = this.#queue.shift()
    if (segment === undefined) {
      if (this.#isClosing) this.#arrive(() => this.#receiver().transportClosed())
      return
    }
    this.#isSending = true
    this.#time.schedule(segment.length / this.#shape.bytesPerMs, () => {
      this.#isSending = false
      this.#queuedBytes -= segment.length
      this.#arrive(() => this.#receiver().receive(segment))
      this.#send()
      if (this.#isBlocked && this.#queuedBytes * 2 < this.#shape.bufferBytes) {
        this.#isBlocked = false
        this.onDrained()
      }
    })
  }

  #arrive(deliver: () => void): void {
    this.#time.schedule(this.#shape.delayMs, () => {
      if (!this.#isCut) deliver()
    })
  }
}

export interface LinkReceiver {
  receive(bytes: Uint8Array): void
  transportClosed(): void
}

const segmentBytes = 16 * 1024
