/**
 * What attached clients send to the program of a container. The cluster writes it into a FIFO in the directory of the
 * run, and the container's process reads it there: so the program keeps its input while clusters come and go. (A socket
 * would do the same, but the path of a socket may have a hundred characters, and those of runs have more.)
 *
 *     type (1)  length of the payload (2)  payload
 */

/** The first byte. A process reads what a later version of the cluster writes: never renumber. */
const FrameType = {
  /** For the program's standard input. */
  Bytes: 0,
  /** Its standard input ends here, for good. */
  End: 1,
  /** Of the terminal: columns and rows, two bytes each. */
  Size: 2,
} as const

export type InputFrame =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'end' }
  | { readonly kind: 'size'; readonly columns: number; readonly rows: number }

/** POSIX has so many bytes written to a FIFO in one piece: frames of several writers never mix. */
const maxFrameBytes = 512
const headBytes = 3

/** So many bytes at the most are in one frame. */
export const maxInputBytes = maxFrameBytes - headBytes

export function encodeInput(frame: InputFrame): Buffer {
  switch (frame.kind) {
    case 'bytes':
      return encode(FrameType.Bytes, frame.bytes)
    case 'end':
      return encode(FrameType.End, Buffer.alloc(0))
    case 'size': {
      const payload = Buffer.alloc(4)
      payload.writeUInt16BE(frame.columns, 0)
      payload.writeUInt16BE(frame.rows, 2)
      return encode(FrameType.Size, payload)
    }
    default:
      return frame satisfies never
  }
}

function encode(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(headBytes)
  head.writeUInt8(type, 0)
  head.writeUInt16BE(payload.length, 1)
  return Buffer.concat([head, payload])
}

export class InputReader {
  #unread = Buffer.alloc(0)

  /** The frames that are whole with this chunk; those of a type that is not known are left out. */
  read(chunk: Buffer): InputFrame[] {
    const bytes = Buffer.concat([this.#unread, chunk])
    const frames: InputFrame[] = []
    let at = 0
    while (bytes.length >= at + headBytes) {
      const end = at + headBytes + bytes.readUInt16BE(at + 1)
      if (bytes.length < end) break
      const frame = decode(bytes.readUInt8(at), bytes.subarray(at + headBytes, end))
      if (frame !== undefined) frames.push(frame)
      at = end
    }
    this.#unread = bytes.subarray(at)
    return frames
  }
}

function decode(type: number, payload: Buffer): InputFrame | undefined {
  switch (type) {
    case FrameType.Bytes:
      return { kind: 'bytes', bytes: payload }
    case FrameType.End:
      return { kind: 'end' }
    case FrameType.Size:
      return { kind: 'size', columns: payload.readUInt16BE(0), rows: payload.readUInt16BE(2) }
    default:
      return undefined
  }
}
