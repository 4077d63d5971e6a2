/** The frames of an exec stream: one byte of channel, four of length, payload; docs/protocol.md, "Commands". */
import {
  decodeExecMessage,
  maxExecPayloadBytes,
  PorpulsionError,
  type ExecChannel,
  type ExecMessage,
} from '@porpulsion/contract'

const headerBytes = 5

export function encodeExecFrame(channel: ExecChannel, bytes: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + bytes.length)
  frame[0] = channel
  frame.writeUInt32BE(bytes.length, 1)
  frame.set(bytes, headerBytes)
  return frame
}

/** One frame for each piece that fits. */
export function* encodeExecFrames(channel: ExecChannel, bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += maxExecPayloadBytes)
    yield encodeExecFrame(channel, bytes.subarray(at, at + maxExecPayloadBytes))
}

/** Reads frames out of bytes cut anywhere. Holds one unfinished frame at most. */
export class ExecFrameDecoder {
  #rest: Buffer = Buffer.alloc(0)

  /** Channels nobody knows are skipped: a later version may have more. Throws when a frame is too long. */
  push(chunk: Buffer): readonly ExecMessage[] {
    const messages: ExecMessage[] = []
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (bytes.length >= headerBytes) {
      const length = bytes.readUInt32BE(1)
      if (length > maxExecPayloadBytes) throw tooLong(length)
      const end = headerBytes + length
      if (bytes.length < end) break
      const message = decode(bytes.subarray(0, end))
      if (message !== undefined) messages.push(message)
      bytes = bytes.subarray(end)
    }
    // A copy of its own: the chunk it came in may be large.
    this.#rest = Buffer.from(bytes)
    return messages
  }
}

function decode(frame: Buffer): ExecMessage | undefined {
  const message = decodeExecMessage(frame.subarray(0, 1))
  return message && { channel: message.channel, bytes: frame.subarray(headerBytes) }
}

const tooLong = (length: number): PorpulsionError =>
  new PorpulsionError(
    'ProtocolViolation',
    'PeerProtocolError',
    `A frame of a command has ${length} bytes; ${maxExecPayloadBytes} are allowed`,
  )
