import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headerLength, layHeader, WebSocketFrameReader } from './web-socket-frames.ts'

interface Frame {
  readonly opcode: number
  readonly payload: Uint8Array
  /** Zero: as ours. */
  readonly key: number
}

const aFrame = fc.record({
  opcode: fc.constantFrom(0, 2, 2, 2, 9, 10),
  payload: fc
    .record({
      size: fc.constantFrom(0, 1, 5, 125, 126, 127, 3_000, 65_535, 65_536),
      by: fc.nat(255),
    })
    .map(({ size, by }) => Uint8Array.from({ length: size }, (_, i) => i * by)),
  key: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff_ffff })),
})
const aConversation = fc.record({
  frames: fc.array(aFrame, { maxLength: 6 }),
  isMasked: fc.boolean(),
  cuts: fc.array(fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 17, max: 70_000 })), {
    maxLength: 12,
  }),
})

/** The RFC's layout, written a second time and byte by byte. */
function encode({ opcode, payload, key }: Frame, isMasked: boolean): Buffer {
  const keyBytes = [24, 16, 8, 0].map((shift) => (key >>> shift) & 0xff)
  const { length } = payload
  const lengthBytes =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 0xff]
        : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff]
  lengthBytes[0] = (lengthBytes[0] ?? 0) + (isMasked ? 128 : 0)
  const body = isMasked ? payload.map((byte, i) => byte ^ (keyBytes[i % 4] ?? 0)) : payload
  return Buffer.from([0x80 + opcode, ...lengthBytes, ...(isMasked ? keyBytes : []), ...body])
}

function readerOf(isMasked: boolean) {
  const payload: Buffer[] = []
  const control: Buffer[] = []
  const reader = new WebSocketFrameReader({
    isMasked,
    maxPayloadBytes: 100_000,
    // Views, held as streams hold them: nothing may write there later.
    onPayload: (bytes) => payload.push(bytes),
    onControl: (bytes) => control.push(bytes),
  })
  return {
    reader,
    pieces: payload,
    payload: () => Buffer.concat(payload),
    control: () => Buffer.concat(control),
  }
}

test('bytes come out as they went in, and control frames whole, however the socket cuts them', () => {
  fc.assert(
    fc.property(aConversation, ({ frames, isMasked, cuts }) => {
      const { reader, payload, control } = readerOf(isMasked)
      const wire = Buffer.concat(frames.map((frame) => encode(frame, isMasked)))
      for (let at = 0, i = 0; at < wire.length; i += 1) {
        const length = cuts[i % (cuts.length + 1)] ?? 20_000
        expect(reader.push(Buffer.from(wire.subarray(at, at + length)))).toBeUndefined()
        at += length
      }
      const isControl = ({ opcode }: Frame): boolean => opcode >= 8
      const carried = frames.filter((one) => !isControl(one)).map((one) => one.payload)
      expect(payload().equals(Buffer.concat(carried))).toBe(true)
      const rest = frames.filter(isControl).map((one) => encode(one, isMasked))
      expect(control().equals(Buffer.concat(rest))).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test.each([0, 1, 125, 126, 65_535, 65_536])(
  'a header for %i bytes is the one of the RFC',
  (bytes) => {
    for (const isMasked of [true, false]) {
      const header = Buffer.alloc(headerLength(bytes, isMasked))
      layHeader(header, bytes, isMasked)
      const expected = encode({ opcode: 2, payload: new Uint8Array(bytes), key: 0 }, isMasked)
      expect(header.equals(expected.subarray(0, expected.length - bytes))).toBe(true)
    }
  },
)

test.each([
  ['text', [0x81, 0x80, 0, 0, 0, 0], 'text'],
  ['an unknown kind', [0x83, 0x80, 0, 0, 0, 0], 'does not exist'],
  ['reserved bits', [0xc2, 0x80, 0, 0, 0, 0], 'mean nothing'],
  ['no mask', [0x82, 0x01, 7], 'not masked'],
  ['too many bytes', [0x82, 0xff, 0, 0, 0, 0, 0, 1, 134, 161, 0, 0, 0, 0], 'larger'],
  ['more bytes than a number counts', [0x82, 0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 'larger'],
])('%s is a violation', (_, bytes, words) => {
  expect(readerOf(true).reader.push(Buffer.from(bytes))).toContain(words)
})

test.each([
  [64, undefined],
  [65, 'There are control frames without end'],
])('of %i Pongs in one read it says %s', (count, said) => {
  const pong = encode({ opcode: 10, payload: new Uint8Array(0), key: 0 }, true)
  const { reader, control } = readerOf(true)
  const pongs = Buffer.concat(Array.from({ length: count }, () => pong))
  expect(reader.push(pongs)).toBe(said)
  expect(control()).toHaveLength(64 * pong.length)
})

test('what follows a Close is not looked at', () => {
  const { reader, payload, control } = readerOf(false)
  const close = encode({ opcode: 8, payload: Uint8Array.of(3, 232), key: 0 }, false)
  const late = encode({ opcode: 2, payload: Uint8Array.of(1, 2, 3), key: 0 }, false)
  expect(reader.push(Buffer.concat([close, late]))).toBeUndefined()
  expect(control().equals(close)).toBe(true)
  expect(payload()).toHaveLength(0)
})

test('what is sent a byte at a time is passed on in one piece for each read', () => {
  const { reader, pieces, payload } = readerOf(true)
  const frames = Array.from({ length: 9_000 }, (_, i) =>
    encode({ opcode: 2, payload: Uint8Array.of(i), key: i * 7_919 }, true),
  )
  for (const part of [frames.slice(0, 4_000), frames.slice(4_000)])
    expect(reader.push(Buffer.concat(part))).toBeUndefined()
  expect(pieces).toHaveLength(2)
  expect(payload().every((byte, i) => byte === (i & 0xff))).toBe(true)
  expect(reader.frames).toBe(9_000)
})

test('large pieces are passed on where they lie', () => {
  const { reader, pieces } = readerOf(false)
  const wire = Buffer.concat(
    [1, 2].map((byte) =>
      encode({ opcode: 2, payload: new Uint8Array(20_000).fill(byte), key: 0 }, false),
    ),
  )
  expect(reader.push(wire)).toBeUndefined()
  expect(pieces.map((piece) => [piece.length, piece.buffer === wire.buffer])).toEqual([
    [20_000, true],
    [20_000, true],
  ])
})
