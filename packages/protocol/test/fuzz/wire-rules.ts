import { FrameDecoder, readUint32 } from '../../src/frame-codec.ts'
import { FrameType, headerBytes } from '../../src/frame.ts'

export interface WireSender {
  readonly name: string
  readonly parity: 0 | 1
  /** What its peer's Hello grants a new stream. */
  readonly initialWindowBytes: number
}

/**
 * One side's frames, held to docs/protocol.md: what it wrote against what had arrived at it by then. Knows nothing of
 * how a session is made.
 */
export class WireRules {
  readonly #sender: WireSender
  readonly #streams = new Map<number, WireStream>()
  readonly #written: FrameDecoder
  readonly #arrived: FrameDecoder
  #hasGreeted = false
  #hasSaidGoodbye = false
  #ownLastId = 0
  #peerLastId = 0
  #inFlightBytes = 0

  constructor(sender: WireSender) {
    this.#sender = sender
    this.#written = new FrameDecoder({
      dataBegins: (id, length) => this.#wroteData(id, length),
      data: () => true,
      frame: (type, _flags, id, payload) => this.#wrote(type, id, payload),
    })
    this.#arrived = new FrameDecoder({
      dataBegins: () => true,
      data: () => true,
      frame: (type, _flags, id, payload) => this.#received(type, id, payload),
    })
  }

  /** Data frames, headers included, that were not acknowledged. */
  get inFlightBytes(): number {
    return this.#inFlightBytes
  }

  wrote(bytes: Uint8Array): void {
    const violation = this.#written.push(bytes)
    if (violation !== undefined) this.#broken(violation.message)
  }

  /** The decoder is held to its twin elsewhere: bytes it refuses have no meaning here either. */
  arrived(bytes: Uint8Array): void {
    this.#arrived.push(bytes)
  }

  #wroteData(id: number, length: number): boolean {
    this.#isAllowed(FrameType.Data, id)
    const stream = this.#streamOf(id, 'Data')
    if (stream.isClosed) this.#broken(`Data on stream ${id} after its Close`)
    if (length === 0) this.#broken(`An empty Data frame on stream ${id}`)
    stream.credit -= length
    if (stream.credit < 0) this.#broken(`${-stream.credit} bytes beyond the credit of stream ${id}`)
    this.#inFlightBytes += length + headerBytes
    return true
  }

  #wrote(type: FrameType, id: number, payload: Uint8Array): boolean {
    this.#isAllowed(type, id)
    if (type === FrameType.GoAway) this.#hasSaidGoodbye = !mayGoOn.has(codeOf(payload))
    if (type === FrameType.Open) {
      if (id % 2 !== this.#sender.parity || id <= this.#ownLastId)
        this.#broken(`Open with id ${id} after ${this.#ownLastId}`)
      this.#ownLastId = id
      this.#streams.set(id, newStream(this.#sender.initialWindowBytes))
    } else if (type === FrameType.Close) {
      const stream = this.#streamOf(id, 'Close')
      if (stream.isClosed) this.#broken(`A second Close on stream ${id}`)
      stream.isClosed = true
    } else if (type === FrameType.Reset) {
      this.#streamOf(id, 'Reset').isOver = true
    } else if (type === FrameType.Window && id !== 0) {
      this.#streamOf(id, 'Window')
      if (payload.length !== 4 || readUint32(payload, 0) === 0) this.#broken('A Window of nothing')
    }
    return true
  }

  #isAllowed(type: FrameType, id: number): void {
    if (this.#hasSaidGoodbye) this.#broken(`A frame of type ${type} after the goodbye`)
    if (!this.#hasGreeted && type !== FrameType.Hello && type !== FrameType.GoAway)
      this.#broken(`A frame of type ${type} before Hello`)
    if (this.#hasGreeted && type === FrameType.Hello) this.#broken('A second Hello')
    this.#hasGreeted ||= type === FrameType.Hello
    if (sessionTypes.has(type) && id !== 0) this.#broken(`A frame of type ${type} on stream ${id}`)
  }

  #streamOf(id: number, what: string): WireStream {
    const stream = this.#streams.get(id)
    if (stream === undefined) this.#broken(`${what} on stream ${id}, which was never opened`)
    if (stream.isOver) this.#broken(`${what} on stream ${id}, which it had reset`)
    return stream
  }

  #received(type: FrameType, id: number, payload: Uint8Array): boolean {
    if (type === FrameType.Open && id > this.#peerLastId && id % 2 !== this.#sender.parity) {
      this.#peerLastId = id
      this.#streams.set(id, newStream(this.#sender.initialWindowBytes))
    } else if (type === FrameType.Window && payload.length === 4) {
      const bytes = readUint32(payload, 0)
      const stream = this.#streams.get(id)
      if (id === 0) this.#inFlightBytes -= bytes
      else if (stream !== undefined) stream.credit += bytes
    }
    return true
  }

  #broken(what: string): never {
    throw new Error(`${this.#sender.name} broke the protocol: ${what}`)
  }
}

interface WireStream {
  credit: number
  isClosed: boolean
  isOver: boolean
}

const newStream = (credit: number): WireStream => ({ credit, isClosed: false, isOver: false })

const sessionTypes: ReadonlySet<FrameType> = new Set([
  FrameType.Hello,
  FrameType.Ping,
  FrameType.Pong,
  FrameType.GoAway,
])

/** After these a session goes on. */
const mayGoOn: ReadonlySet<string> = new Set(['Drain', 'Superseded', 'Replace'])

function codeOf(goAway: Uint8Array): string {
  const length = goAway[4] ?? 0
  return String.fromCharCode(...goAway.subarray(5, 5 + length))
}
