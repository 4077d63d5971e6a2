import { expect, test } from 'vitest'
import { retainedBytes } from '../../../protocol/test/support/retained-memory.ts'
import { GatheredBytes } from './gathered-bytes.ts'

const MiB = 1024 * 1024

test('a megabyte that comes in single bytes of as many buffers costs little more than a megabyte', () => {
  const bytes = new GatheredBytes()
  const before = retainedBytes()
  for (let at = 0; at < MiB; at += 1024) {
    const read = Buffer.alloc(1024, at / 1024)
    for (let i = 0; i < read.length; i++) bytes.push(read.subarray(i, i + 1))
  }
  expect(retainedBytes() - before).toBeLessThan(4 * MiB)
  expect(bytes.length).toBe(MiB)
  const whole = bytes.take()
  expect([whole[0], whole[1024 * 200], whole.length]).toEqual([0, 200, MiB])
})

test('what is taken is gone, and pieces of any size stay in order', () => {
  const bytes = new GatheredBytes()
  const pieces = Array.from({ length: 700 }, (_, i) =>
    Buffer.alloc(i % 7 === 0 ? 20_000 : i % 5, i),
  )
  for (const piece of pieces) bytes.push(piece)
  expect(bytes.take().equals(Buffer.concat(pieces))).toBe(true)
  expect([bytes.length, bytes.take().length]).toEqual([0, 0])
})
