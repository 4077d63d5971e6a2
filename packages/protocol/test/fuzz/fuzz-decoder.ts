import { FrameDecoder } from '../../src/frame-codec.ts'
import { concat } from '../support/virtual-time.ts'
import type { Chance } from './chance.ts'
import { hostileFrames } from './hostile-frames.ts'

/** What a decoder said of some bytes, in a form two decoders can be compared by. */
interface Reading {
  readonly frames: readonly string[]
  readonly violation: string | undefined
}

/**
 * The decoder against a naive twin that sees all bytes at once: whatever the bytes, and however they are cut, both see
 * the same frames, and the same end.
 */
export function fuzzDecoder(chance: Chance): void {
  const bytes = concat(hostileFrames(chance))
  const expected = readNaively(bytes)
  const seen = readInPieces(chance.cut(bytes))
  const [want, got] = [JSON.stringify(expected), JSON.stringify(seen)]
  if (want !== got) throw new Error(`The decoder read ${got}\nwhere there is ${want}`)
}

function readInPieces(pieces: readonly Uint8Array[]): Reading {
  const frames: string[] = []
  let data: { readonly id: number; readonly length: number; sum: number; got: number } | undefined
  const endData = (): void => {
    if (data !== undefined && data.got === data.length)
      frames.push(shown(3, 0, data.id, data.length, data.sum))
  }
  const decoder = new FrameDecoder({
    dataBegins: (id, length) => {
      data = { id, length, sum: 0, got: 0 }
      if (length === 0) endData()
      return true
    },
    data: (_id, part) => {
      if (data === undefined) throw new Error('Data before it began')
      data.got += part.length
      if (data.got > data.length) throw new Error('More Data than was announced')
      data.sum = checksum(part, data.sum)
      endData()
      return true
    },
    frame: (type, flags, id, payload) => {
      frames.push(shown(type, flags, id, payload.length, checksum(payload)))
      return true
    },
  })
  let violation: string | undefined
  for (const piece of pieces) {
    const found = decoder.push(piece)
    if (found !== undefined && violation !== undefined) throw new Error('Two violations')
    violation ??= found?.code
  }
  return { frames, violation }
}

/** docs/protocol.md, once more, without a thought for speed. */
function readNaively(bytes: Uint8Array): Reading {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const most: Record<number, number> = {
    1: 8_192,
    2: 65_536,
    3: 65_536,
    4: 4,
    5: 0,
    6: 1_089,
    7: 8,
    8: 8,
    9: 1_093,
  }
  const frames: string[] = []
  for (let at = 0; at + 10 <= bytes.length;) {
    const type = view.getUint8(at)
    const flags = view.getUint8(at + 1)
    const id = view.getUint32(at + 2)
    const length = view.getUint32(at + 6)
    const known = most[type]
    if (known === undefined && flags < 0x80) return { frames, violation: 'UnknownFrame' }
    if (length > (known ?? 65_536)) return { frames, violation: 'FrameTooLarge' }
    at += 10
    const payload = bytes.subarray(at, at + length)
    if (payload.length < length) break
    at += length
    if (known !== undefined)
      frames.push(shown(type, type === 3 ? 0 : flags, id, length, checksum(payload)))
  }
  return { frames, violation: undefined }
}

const shown = (type: number, flags: number, id: number, length: number, sum: number): string =>
  `${type}/${flags}/${id}/${length}/${sum}`

function checksum(bytes: Uint8Array, from = 0): number {
  let sum = from
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) | 0
  return sum
}
