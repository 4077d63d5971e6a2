import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, digest, patternBytes } from '../test/support/virtual-time.ts'
import { ByteQueue } from './byte-queue.ts'

const step = fc.oneof(
  fc.record({ do: fc.constant('push' as const), bytes: fc.integer({ min: 0, max: 40_000 }) }),
  fc.record({ do: fc.constant('take' as const), bytes: fc.integer({ min: 1, max: 50_000 }) }),
  fc.record({ do: fc.constant('settle' as const), bytes: fc.constant(0) }),
)

describe('a byte queue', () => {
  test('gives back all bytes in order, whatever is pushed, taken and settled when', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new ByteQueue()
        const pushed: Uint8Array[] = []
        const taken: Uint8Array[] = []
        let seed = 0
        for (const { do: what, bytes } of steps) {
          if (what === 'push') {
            const chunk = patternBytes(bytes % 7 === 0 ? bytes : bytes % 50, ++seed)
            pushed.push(chunk)
            queue.push(chunk)
          } else if (what === 'take') {
            const chunk = queue.take(bytes)
            expect(chunk?.length ?? 0).toBeLessThanOrEqual(bytes)
            if (chunk !== undefined) taken.push(chunk)
          } else {
            queue.settle()
          }
        }
        for (let chunk = queue.take(); chunk !== undefined; chunk = queue.take()) taken.push(chunk)
        expect(digest(concat(taken))).toBe(digest(concat(pushed)))
        expect(queue.byteLength).toBe(0)
      }),
    )
  })

  test('a settled queue pins no more memory than a small multiple of its bytes', () => {
    const queue = new ByteQueue()
    const chunks = 5_000
    for (let i = 0; i < chunks; i += 1) {
      queue.push(new Uint8Array(64 * 1024).subarray(7, 8))
      queue.settle()
    }
    const pinned = new Set<ArrayBufferLike>()
    let views = 0
    for (let chunk = queue.take(); chunk !== undefined; chunk = queue.take()) {
      pinned.add(chunk.buffer)
      views += 1
    }
    const pinnedBytes = [...pinned].reduce((sum, buffer) => sum + buffer.byteLength, 0)
    expect(pinnedBytes).toBeLessThan(chunks * 3)
    expect(views).toBeLessThan(20)
  })

  test('nor does one that nobody settles, and that only waits', () => {
    const queue = new ByteQueue()
    for (let i = 0; i < 100_000; i += 1) queue.push(Uint8Array.of(i))
    let views = 0
    let bytes = 0
    for (let chunk = queue.take(); chunk !== undefined; chunk = queue.take()) {
      for (const byte of chunk) if (byte !== bytes++ % 256) throw new Error(`${bytes} is wrong`)
      views += 1
    }
    expect(bytes).toBe(100_000)
    expect(views).toBeLessThan(300)
  })
})
