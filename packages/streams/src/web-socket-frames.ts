/**
 * The frames of a WebSocket (RFC 6455, 5.2) as far as bytes travel in them. What `ws` does for any message, collecting
 * it and handing it over whole, a stream does not need: here payload is passed on as it comes, uncopied but for small
 * pieces of one read, which are moved together. Frames that carry no bytes of the stream are left to `ws`.
 */

/** Bytes before a payload of this length, the masking key included where we dialled. */
export function headerLength(payloadBytes: number, isMasked: boolean): number {
  const lengthBytes = payloadBytes < 126 ? 0 : payloadBytes <= 0xffff ? 2 : 8
  return 2 + lengthBytes + (isMasked ? 4 : 0)
}

/** The header of a binary message in one frame, laid at the start of `into`; a masking key of zeros is its end (ADR 13). */
export function layHeader(into: Buffer, payloadBytes: number, isMasked: boolean): void {
  into.fill(0, 0, headerLength(payloadBytes, isMasked))
  const maskBit = isMasked ? 0x80 : 0
  into[0] = finBit | Opcode.Binary
  if (payloadBytes < 126) into[1] = maskBit | payloadBytes
  else if (payloadBytes <= 0xffff) {
    into[1] = maskBit | 126
    into.writeUInt16BE(payloadBytes, 2)
  } else {
    into[1] = maskBit | 127
    into.writeUIntBE(payloadBytes, 4, 6)
  }
}

export interface FrameReaderOptions {
  /** Frames from a client must be masked, those from a server must not. */
  readonly isMasked: boolean
  readonly maxPayloadBytes: number
  /** A view into what was pushed, which is changed by it. Boundaries mean nothing. */
  readonly onPayload: (bytes: Buffer) => void
  /** Whole control frames, header included, in pieces as they come. */
  readonly onControl: (bytes: Buffer) => void
}

/** Cuts what a socket reads into payload and the rest. */
export class WebSocketFrameReader {
  readonly #options: FrameReaderOptions
  readonly #header = Buffer.alloc(maxHeaderBytes)
  #headerFilled = 0
  #frames = 0
  #controlFrames = 0
  #left = 0
  #isControl = false
  #hasClosed = false
  /** Of the frame at hand, if not zero; turned as far as its payload has come. */
  #key: number | undefined
  /** Where in what is being pushed the payload lies that is not yet passed on. */
  #from = 0
  #to = 0

  constructor(options: FrameReaderOptions) {
    this.#options = options
  }

  /** How many have begun. */
  get frames(): number {
    return this.#frames
  }

  /** Answers what is wrong, if something is; then it must not be called again. */
  push(bytes: Buffer): string | undefined {
    let at = 0
    this.#controlFrames = 0
    this.#from = 0
    this.#to = 0
    while (at < bytes.length && !this.#hasClosed) {
      if (this.#left === 0) {
        at = this.#fillHeader(bytes, at)
        if (this.#headerFilled < this.#wantedHeaderBytes()) continue
        const violation = this.#begin(bytes)
        if (violation !== undefined) return violation
        continue
      }
      const end = Math.min(bytes.length, at + this.#left)
      this.#left -= end - at
      this.#take(bytes, at, end)
      at = end
    }
    this.#passOn(bytes)
    return undefined
  }

  /** Byte by byte until the length is known, which is soon: two bytes say how long the header is. */
  #fillHeader(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#wantedHeaderBytes() - this.#headerFilled)
    // Not `copy`, which costs more than so few bytes.
    for (let from = at; from < end; from += 1) this.#header[this.#headerFilled++] = bytes[from] ?? 0
    return end
  }

  #wantedHeaderBytes(): number {
    if (this.#headerFilled < 2) return 2
    const second = this.#header[1] ?? 0
    const length = second & 0x7f
    return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + ((second & 0x80) === 0 ? 0 : 4)
  }

  #begin(bytes: Buffer): string | undefined {
    const header = this.#header
    const size = this.#headerFilled
    this.#headerFilled = 0
    this.#frames += 1
    const first = header[0] ?? 0
    const second = header[1] ?? 0
    if ((first & reservedBits) !== 0) return 'A frame has bits set that mean nothing'
    const isMasked = (second & 0x80) !== 0
    if (isMasked !== this.#options.isMasked) {
      return isMasked ? 'A frame is masked that must not be' : 'A frame is not masked that must be'
    }
    const short = second & 0x7f
    this.#left = short < 126 ? short : short === 126 ? header.readUInt16BE(2) : longLength(header)
    if (this.#left > this.#options.maxPayloadBytes) return 'A frame is larger than allowed'
    const opcode = first & 0x0f
    if (opcode === Opcode.Text) return 'A text message came where only binary ones may'
    this.#isControl = opcode >= Opcode.Close
    if (this.#isControl) {
      this.#controlFrames += 1
      if (this.#controlFrames > maxControlFrames) return 'There are control frames without end'
      this.#key = undefined
      this.#passOn(bytes)
      this.#options.onControl(Buffer.from(header.subarray(0, size)))
      if (this.#left === 0) this.#controlEnds()
      return undefined
    }
    if (opcode > Opcode.Binary) return `A frame is of a kind that does not exist (${opcode})`
    const key = isMasked ? header.readUInt32BE(size - 4) : 0
    this.#key = key === 0 ? undefined : key
    return undefined
  }

  #take(bytes: Buffer, at: number, end: number): void {
    const part = bytes.subarray(at, end)
    if (this.#isControl) {
      this.#options.onControl(part)
      if (this.#left === 0) this.#controlEnds()
      return
    }
    if (this.#key !== undefined) this.#key = turn(part, this.#key)
    if (this.#to > this.#from && part.length <= joinBytes) {
      // Over the header between them.
      bytes.copyWithin(this.#to, at, end)
      this.#to += part.length
      return
    }
    this.#passOn(bytes)
    this.#from = at
    this.#to = end
  }

  #passOn(bytes: Buffer): void {
    const from = this.#from
    const to = this.#to
    this.#from = to
    if (to > from) this.#options.onPayload(bytes.subarray(from, to))
  }

  /** Nothing may follow a Close. */
  #controlEnds(): void {
    this.#hasClosed = ((this.#header[0] ?? 0) & 0x0f) === Opcode.Close
  }
}

const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8 } as const
const finBit = 0x80
const reservedBits = 0x70
const maxHeaderBytes = 14
/**
 * In one read. They come one in some seconds; each is an event of `ws`, and a read of 64 KiB could hold ten thousand of
 * them, for a tenth of a second in which nobody else is served.
 */
const maxControlFrames = 64
/** Up to here moving a piece costs less than passing it on alone, which takes some microseconds through stream and TLS. */
const joinBytes = 4 * 1024

/** Of the eight bytes six are enough for any length a number holds exactly; more is too large in any case. */
function longLength(header: Buffer): number {
  return header.readUInt16BE(2) === 0 ? header.readUIntBE(4, 6) : Number.POSITIVE_INFINITY
}

/** Masks, and takes a mask off, in place. Answers the key for the byte after the last. */
export function turn(part: Buffer, key: number): number {
  const turned = [key >>> 24, (key >>> 16) & 0xff, (key >>> 8) & 0xff, key & 0xff] as const
  for (let i = 0; i < part.length; i += 1) part[i] = (part[i] ?? 0) ^ (turned[i & 3] ?? 0)
  const by = (part.length & 3) * 8
  return by === 0 ? key : ((key << by) | (key >>> (32 - by))) >>> 0
}
