/** Protocol buffers' wire format: numbered fields, each a varint, fixed bytes, or a run of bytes. */

export interface WireField {
  readonly number: number
  /** A varint as a signed 64-bit number, or the bytes of anything that has a length. */
  readonly value: bigint | Buffer
}

export class ProtobufError extends Error {}

const maxVarintBytes = 10

export function readFields(bytes: Buffer): WireField[] {
  const fields: WireField[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = readVarint(bytes, at)
    at = tag.end
    const number = Number(tag.value >> 3n)
    const type = Number(tag.value & 7n)
    if (type === 0) {
      const { value, end } = readVarint(bytes, at)
      fields.push({ number, value: BigInt.asIntN(64, value) })
      at = end
    } else if (type === 2) {
      const { value, end } = readVarint(bytes, at)
      at = checked(end + Number(value), bytes)
      fields.push({ number, value: bytes.subarray(end, at) })
    } else if (type === 1 || type === 5) {
      // Fixed numbers are not used by Kubernetes; a newer client's field is passed over.
      at = checked(at + (type === 1 ? 8 : 4), bytes)
    } else {
      throw new ProtobufError(`unknown wire type ${type}`)
    }
  }
  return fields
}

export function readVarint(bytes: Buffer, start: number): { value: bigint; end: number } {
  let value = 0n
  for (let index = 0; index < maxVarintBytes; index += 1) {
    const byte = bytes[start + index]
    if (byte === undefined) throw new ProtobufError('the message ends within a number')
    value |= BigInt(byte & 0x7f) << BigInt(7 * index)
    if (byte < 0x80) return { value, end: start + index + 1 }
  }
  throw new ProtobufError('a number is too long')
}

function checked(end: number, bytes: Buffer): number {
  if (end <= bytes.length) return end
  throw new ProtobufError('the message ends within a field')
}
