import { expect, test } from 'vitest'
import { ageOf, humanDuration } from './human-duration.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

test.each([
  [0, '0s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + 5 * second, '2m5s'],
  [10 * minute + 5 * second, '10m'],
  [3 * hour + 20 * minute, '3h20m'],
  [9 * hour + 20 * minute, '9h'],
  [2 * day + 3 * hour, '2d3h'],
  [30 * day, '30d'],
  [3 * 365 * day, '3y'],
])('%i ms is shown as %s', (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text)
})

test('an age without a start is unknown', () => {
  expect(ageOf(undefined, 0)).toBe('<unknown>')
})
