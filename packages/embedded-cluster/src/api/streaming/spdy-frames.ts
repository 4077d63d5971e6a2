/** Frames of SPDY/3.1, as far as clients of exec and port-forward use them. */

/** Types of control frames. */
export const SpdyType = {
  SynStream: 1,
  SynReply: 2,
  RstStream: 3,
  Ping: 6,
  GoAway: 7,
} as const

export const SpdyFlag = { Fin: 0x01 } as const

/** Why a stream is reset. */
export const SpdyReset = { ProtocolError: 1, RefusedStream: 3, Cancel: 5 } as const

export type SpdyFrame =
  | {
      readonly kind: 'data'
      readonly streamId: number
      readonly flags: number
      readonly payload: Buffer
    }
  | {
      readonly kind: 'control'
      readonly type: number
      readonly flags: number
      readonly payload: Buffer
    }

const headBytes = 8
const version = 3

/** Go's client writes what it is given as one frame: 32 KiB from pipes, more from memory. */
const maxFrameBytes = 1024 * 1024

/** Collects bytes until they are frames. Throws for what is not SPDY, or longer than anything a client sends. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  read(chunk: Buffer): SpdyFrame[] {
    const frames: SpdyFrame[] = []
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (rest.length >= headBytes) {
      const end = headBytes + rest.readUIntBE(5, 3)
      if (end > maxFrameBytes) throw new Error(`a frame of ${end} bytes is too long`)
      if (rest.length < end) break
      frames.push(readFrame(rest.subarray(0, end)))
      rest = rest.subarray(end)
    }
    this.#rest = rest
    return frames
  }
}

function readFrame(bytes: Buffer): SpdyFrame {
  const first = bytes.readUInt32BE(0)
  const flags = bytes.readUInt8(4)
  const payload = bytes.subarray(headBytes)
  if ((first & 0x8000_0000) === 0) return { kind: 'data', streamId: first, flags, payload }
  if (((first >>> 16) & 0x7fff) !== version) throw new Error('a frame is not of SPDY/3')
  return { kind: 'control', type: first & 0xffff, flags, payload }
}

/** The head of a data frame; the payload follows. */
export function dataHead(streamId: number, length: number, flags = 0): Buffer {
  return head(streamId, flags, length)
}

export function controlFrame(type: number, ...parts: readonly (number | Buffer)[]): Buffer {
  const payload = Buffer.concat(parts.map((part) => (typeof part === 'number' ? word(part) : part)))
  return Buffer.concat([
    head((0x8000_0000 | (version << 16) | type) >>> 0, 0, payload.length),
    payload,
  ])
}

function head(first: number, flags: number, length: number): Buffer {
  const bytes = Buffer.alloc(headBytes)
  bytes.writeUInt32BE(first, 0)
  bytes.writeUInt8(flags, 4)
  bytes.writeUIntBE(length, 5, 3)
  return bytes
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value, 0)
  return bytes
}
