import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'
import { evenRandom } from './testing.ts'

const options = { minMs: 100, maxMs: 1_000 }

test('doubles from the least to the most', () => {
  const delays = [0, 1, 2, 3, 4, 5].map((attempt) => backoffMs(attempt, options, evenRandom))
  expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000])
})

test('is spread over half to one and a half of that, at any attempt', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 5_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, chance) => {
        const delayMs = backoffMs(attempt, options, { next: () => chance })
        expect(delayMs).toBeGreaterThanOrEqual(50)
        expect(delayMs).toBeLessThanOrEqual(1_500)
      },
    ),
  )
})
