import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeInput, type InputFrame, InputReader, maxInputBytes } from './input-frames.ts'

const cells = fc.integer({ min: 1, max: 65_535 })
const frame: fc.Arbitrary<InputFrame> = fc.oneof(
  fc
    .uint8Array({ maxLength: maxInputBytes })
    .map((bytes) => ({ kind: 'bytes' as const, bytes: Buffer.from(bytes) })),
  fc.constant({ kind: 'end' as const }),
  fc.record({ kind: fc.constant('size' as const), columns: cells, rows: cells }),
)

test('frames arrive as they were sent, however the FIFO cuts them up', () => {
  fc.assert(
    fc.property(fc.array(frame), fc.integer({ min: 1, max: 600 }), (frames, chunkBytes) => {
      const wire = Buffer.concat(frames.map(encodeInput))
      const reader = new InputReader()
      const read: InputFrame[] = []
      for (let at = 0; at < wire.length; at += chunkBytes) {
        read.push(...reader.read(wire.subarray(at, at + chunkBytes)))
      }
      expect(read).toEqual(frames)
    }),
  )
})

test('a frame of a kind that is not known is passed over', () => {
  const end = encodeInput({ kind: 'end' })
  expect(new InputReader().read(Buffer.concat([Buffer.of(9, 0, 2, 1, 1), end]))).toEqual([
    { kind: 'end' },
  ])
})

test('what is written at once is no more than a FIFO takes in one piece', () => {
  const bytes = Buffer.alloc(maxInputBytes)
  expect(encodeInput({ kind: 'bytes', bytes })).toHaveLength(512)
})
