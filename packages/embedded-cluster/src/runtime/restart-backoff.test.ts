import { expect, test } from 'vitest'
import { RestartBackoff } from './restart-backoff.ts'

const options = { baseMs: 10_000, maxMs: 300_000 }

test('the first restart is immediate, then the wait doubles up to the maximum', () => {
  const backoff = new RestartBackoff(options)
  const waits = Array.from({ length: 8 }, () => backoff.next(100))
  expect(waits).toEqual([0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000])
})

test('a long run is forgiven', () => {
  const backoff = new RestartBackoff(options)
  for (let run = 0; run < 5; run++) backoff.next(100)
  expect(backoff.next(600_000)).toBe(0)
})

test('goes on where an earlier process left off', () => {
  const backoff = new RestartBackoff(options)
  backoff.resume(3)
  expect(backoff.next(100)).toBe(40_000)
})
