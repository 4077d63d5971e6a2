import { SessionCode } from './channel-code.ts'
import {
  FrameFlag,
  FrameType,
  headerBytes,
  isKnownType,
  maxPayloadBytes,
  maxPayloadOf,
} from './frame.ts'

/** Takes frames as they are decoded. Answering false stops the decoder for good. */
export interface FrameSink {
  /** A Data frame of `length` bytes begins; all of them will come through `data`, in one part or more. */
  dataBegins(streamId: number, length: number): boolean
  /** A view into what was pushed, not a copy. */
  data(streamId: number, part: Uint8Array): boolean
  /** Any other frame, whole. The payload may be a view as well: copy what shall stay. */
  frame(type: FrameType, flags: number, streamId: number, payload: Uint8Array): boolean
}

/** Bytes that are no frames we can read. The session ends with this. */
export interface FrameViolation {
  readonly code: SessionCode
  readonly message: string
}

/**
 * Cuts a stream of bytes into frames, however they are fragmented. The bytes of a Data frame are
 * handed on as they come: nothing is collected but headers and the small payloads of other frames.
 */
export class FrameDecoder {
  readonly #sink: FrameSink
  readonly #header = new Uint8Array(headerBytes)
  #headerFilled = 0
  #state: DecoderState = { kind: 'header' }

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** Undefined as long as the bytes make sense. */
  push(bytes: Uint8Array): FrameViolation | undefined {
    let offset = 0
    while (offset < bytes.length) {
      const state = this.#state
      switch (state.kind) {
        case 'header': {
          const begun = this.#readHeader(bytes, offset)
          if (typeof begun !== 'number') return this.#violation(begun)
          offset = begun
          break
        }
        case 'data': {
          const end = Math.min(bytes.length, offset + state.remaining)
          state.remaining -= end - offset
          if (state.remaining === 0) this.#state = { kind: 'header' }
          if (!this.#sink.data(state.streamId, bytes.subarray(offset, end))) this.#stop()
          offset = end
          break
        }
        case 'skip': {
          const end = Math.min(bytes.length, offset + state.remaining)
          state.remaining -= end - offset
          if (state.remaining === 0) this.#state = { kind: 'header' }
          offset = end
          break
        }
        case 'collect': {
          const end = Math.min(bytes.length, offset + state.payload.length - state.filled)
          state.payload.set(bytes.subarray(offset, end), state.filled)
          state.filled += end - offset
          offset = end
          if (state.filled < state.payload.length) break
          this.#state = { kind: 'header' }
          const { type, flags, streamId, payload } = state
          if (!this.#sink.frame(type, flags, streamId, payload)) this.#stop()
          break
        }
        case 'stopped':
          return undefined
        default:
          return state satisfies never
      }
    }
    return undefined
  }

  /** Answers the offset behind the header, and behind the payload of a small frame that is all there. */
  #readHeader(bytes: Uint8Array, offset: number): number | FrameViolation {
    if (this.#headerFilled === 0 && bytes.length - offset >= headerBytes) {
      return this.#begin(bytes, offset, bytes, offset + headerBytes)
    }
    const end = Math.min(bytes.length, offset + headerBytes - this.#headerFilled)
    this.#header.set(bytes.subarray(offset, end), this.#headerFilled)
    this.#headerFilled += end - offset
    if (this.#headerFilled < headerBytes) return end
    this.#headerFilled = 0
    return this.#begin(this.#header, 0, bytes, end)
  }

  #begin(
    header: Uint8Array,
    at: number,
    bytes: Uint8Array,
    offset: number,
  ): number | FrameViolation {
    const type = header[at] ?? 0
    const flags = header[at + 1] ?? 0
    const streamId = readUint32(header, at + 2)
    const length = readUint32(header, at + 6)
    if (!isKnownType(type)) {
      if ((flags & FrameFlag.Ignorable) === 0) return unknownType(type)
      if (length > maxPayloadBytes) return tooLarge(type, length, maxPayloadBytes)
      if (length > 0) this.#state = { kind: 'skip', remaining: length }
      return offset
    }
    const allowed = maxPayloadOf(type)
    if (length > allowed) return tooLarge(type, length, allowed)
    if (type === FrameType.Data) {
      if (length > 0) this.#state = { kind: 'data', streamId, remaining: length }
      if (!this.#sink.dataBegins(streamId, length)) this.#stop()
      return offset
    }
    if (bytes.length - offset >= length) {
      const end = offset + length
      if (!this.#sink.frame(type, flags, streamId, bytes.subarray(offset, end))) this.#stop()
      return end
    }
    const payload = new Uint8Array(length)
    this.#state = { kind: 'collect', type, flags, streamId, payload, filled: 0 }
    return offset
  }

  #violation(violation: FrameViolation): FrameViolation {
    this.#stop()
    return violation
  }

  #stop(): void {
    this.#state = { kind: 'stopped' }
  }
}

type DecoderState =
  | { readonly kind: 'header' }
  | { readonly kind: 'data'; readonly streamId: number; remaining: number }
  | { readonly kind: 'skip'; remaining: number }
  | {
      readonly kind: 'collect'
      readonly type: FrameType
      readonly flags: number
      readonly streamId: number
      readonly payload: Uint8Array
      filled: number
    }
  | { readonly kind: 'stopped' }

function unknownType(type: number): FrameViolation {
  return {
    code: SessionCode.UnknownFrame,
    message: `Frame type ${type} is unknown and not marked as ignorable`,
  }
}

function tooLarge(type: number, length: number, allowed: number): FrameViolation {
  return {
    code: SessionCode.FrameTooLarge,
    message: `A frame of type ${type} announced ${length} bytes; ${allowed} are allowed`,
  }
}

/**
 * Lays frames into chunks for the transport. Headers and small payloads are copied side by side
 * into slabs, so that many small frames make one chunk; a large payload goes as it is.
 */
export class FrameWriter {
  #chunks: Uint8Array[] = []
  #slab = new Uint8Array(0)
  /** Of the slab, [start, end) is written and not yet a chunk. */
  #start = 0
  #end = 0
  #pendingBytes = 0
  /** Frames begun since the writer was made. */
  frames = 0

  /** Bytes written and not yet taken. */
  get pendingBytes(): number {
    return this.#pendingBytes
  }

  frame(type: FrameType, flags: number, streamId: number, payload: Uint8Array): void {
    this.begin(type, flags, streamId, payload.length)
    this.payload(payload)
  }

  window(streamId: number, increment: number): void {
    this.begin(FrameType.Window, 0, streamId, 4)
    const at = this.#reserve(4)
    writeUint32(this.#slab, at, increment)
  }

  /** The header of a frame whose payload of `length` bytes follows in one part or more. */
  begin(type: FrameType, flags: number, streamId: number, length: number): void {
    const at = this.#reserve(headerBytes)
    const slab = this.#slab
    slab[at] = type
    slab[at + 1] = flags
    writeUint32(slab, at + 2, streamId)
    writeUint32(slab, at + 6, length)
    this.frames += 1
  }

  payload(part: Uint8Array): void {
    if (part.length <= copyBytes) {
      const at = this.#reserve(part.length)
      this.#slab.set(part, at)
      return
    }
    this.#closeChunk()
    this.#chunks.push(part)
    this.#pendingBytes += part.length
  }

  /** Everything written since the last call. Chunks never change afterwards. */
  take(): readonly Uint8Array[] {
    this.#closeChunk()
    const chunks = this.#chunks
    this.#chunks = []
    this.#pendingBytes = 0
    return chunks
  }

  #reserve(bytes: number): number {
    if (this.#slab.length - this.#end < bytes) {
      this.#closeChunk()
      this.#slab = new Uint8Array(slabBytes)
      this.#start = 0
      this.#end = 0
    }
    const at = this.#end
    this.#end += bytes
    this.#pendingBytes += bytes
    return at
  }

  #closeChunk(): void {
    if (this.#end === this.#start) return
    this.#chunks.push(this.#slab.subarray(this.#start, this.#end))
    this.#start = this.#end
  }
}

/** Below this a copy is cheaper than one more chunk on its way through the transport. */
const copyBytes = 4 * 1024

const slabBytes = 32 * 1024

export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) * 0x100_0000 +
    (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  )
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
