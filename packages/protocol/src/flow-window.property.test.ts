import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ReceiveWindow, SendWindow, WindowPool } from './flow-window.ts'

const KiB = 1024

/** One end sends as far as its window allows, the other reads as it likes; grants take their time. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), amount: fc.nat({ max: 300_000 }) }),
  fc.record({ kind: fc.constant('read' as const), amount: fc.nat({ max: 300_000 }) }),
  fc.record({ kind: fc.constant('deliver' as const), amount: fc.nat({ max: 5 }) }),
  fc.record({ kind: fc.constant('wait' as const), amount: fc.nat({ max: 200 }) }),
)

describe('the windows at both ends of a stream', () => {
  test('never go negative, never disagree, and never stall a stream whose reader reads', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 256 * KiB }),
        fc.integer({ min: 0, max: 40 }),
        fc.array(step, { maxLength: 100 }),
        (initial, others, steps) => {
          const pool = new WindowPool(2 * 1024 * KiB)
          for (let i = 0; i < others; i += 1) pool.join(256 * KiB)
          const maxBytes = 1024 * KiB
          const receiver = new ReceiveWindow(pool, initial, maxBytes, 0)
          const sender = new SendWindow(initial)
          const grants: number[] = []
          let now = 0
          let unread = 0
          const read = (bytes: number): void => {
            unread -= bytes
            const grant = receiver.consume(bytes, now, 50)
            expect(grant).toBeGreaterThanOrEqual(0)
            if (grant > 0) grants.push(grant)
          }
          const deliver = (): void => {
            for (const grant of grants.splice(0)) expect(sender.grant(grant)).toBe(true)
          }
          for (const { kind, amount } of steps) {
            if (kind === 'send') {
              const bytes = Math.min(amount, sender.available)
              sender.spend(bytes)
              expect(receiver.receive(bytes)).toBe(true)
              unread += bytes
            } else if (kind === 'read') {
              read(Math.min(amount, unread))
            } else if (kind === 'deliver') {
              deliver()
            } else {
              now += amount
            }
            expect(sender.available).toBeGreaterThanOrEqual(0)
            const inTransit = grants.reduce((sum, grant) => sum + grant, 0)
            expect(receiver.available).toBe(sender.available + inTransit)
            // A grant that ends up empty takes back what was over the share; the rest is promised or unread.
            expect(receiver.available + unread).toBeLessThanOrEqual(receiver.size)
            expect(receiver.size).toBeLessThanOrEqual(Math.max(initial, maxBytes))
          }
          read(unread)
          deliver()
          expect(sender.available).toBeGreaterThan(0)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('a sender that goes beyond its credit is noticed by one byte', () => {
    const window = new ReceiveWindow(new WindowPool(KiB), 100, KiB, 0)
    expect(window.receive(100)).toBe(true)
    expect(window.receive(1)).toBe(false)
  })
})

describe('a receive window', () => {
  test('grows to about twice what the path carries in a round trip, and no further', () => {
    const rttMs = 100
    const bytesPerMs = 10_000
    const window = new ReceiveWindow(new WindowPool(1e9), 256 * KiB, 1e9, 0)
    let now = 0
    for (let i = 0; i < 5_000; i += 1) {
      const bytes = Math.min(10_000, window.available)
      window.receive(bytes)
      now += bytes / bytesPerMs
      window.consume(bytes, now, rttMs)
    }
    expect(window.size).toBeGreaterThanOrEqual(bytesPerMs * rttMs)
    expect(window.size).toBeLessThanOrEqual(5 * bytesPerMs * rttMs)
  })

  test('does not grow for a reader that takes its time', () => {
    const window = new ReceiveWindow(new WindowPool(1e9), 256 * KiB, 1e9, 0)
    for (let now = 0; now < 100_000; now += 100) {
      window.receive(10_000)
      window.consume(10_000, now, 80)
    }
    expect(window.size).toBe(256 * KiB)
  })

  test('grows only as far as the session’s budget, but to its share in any case', () => {
    const pool = new WindowPool(1024 * KiB)
    const greedy = (): ReceiveWindow => {
      const window = new ReceiveWindow(pool, 128 * KiB, 16 * 1024 * KiB, 0)
      for (let i = 0; i < 100; i += 1) {
        const bytes = window.available
        window.receive(bytes)
        window.consume(bytes, i, 1_000)
      }
      return window
    }
    const first = greedy()
    expect(first.size).toBe(1024 * KiB)
    const second = greedy()
    expect(second.size).toBeGreaterThanOrEqual(512 * KiB - 1)
    first.release()
    second.release()
    expect(greedy().size).toBe(1024 * KiB)
  })

  test('of a session with very many streams shrinks to its share', () => {
    const pool = new WindowPool(1024 * KiB)
    const windows = Array.from(
      { length: 64 },
      () => new ReceiveWindow(pool, 256 * KiB, 1024 * KiB, 0),
    )
    for (const window of windows) {
      window.receive(256 * KiB)
      window.consume(256 * KiB, 1_000_000, 1)
    }
    expect(pool.isOvercommitted).toBe(false)
    for (const window of windows) expect(window.available).toBeGreaterThanOrEqual(pool.share)
  })
})
