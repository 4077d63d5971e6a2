import { expect, test } from 'vitest'
import { age, duration } from './age.ts'

test.each([
  [0, '0s'],
  [119_999, '119s'],
  [120_000, '2m'],
  [150_000, '2m30s'],
  [11 * 60_000, '11m'],
  [3 * 3_600_000, '3h'],
  [3.5 * 3_600_000, '3h30m'],
  [20 * 3_600_000, '20h'],
  [49 * 3_600_000, '2d'],
  [-5_000, '0s'],
])('%i ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

test('an unknown or unreadable time has no age', () => {
  expect(age(undefined, 0)).toBe('')
  expect(age('yesterday', 0)).toBe('')
})
