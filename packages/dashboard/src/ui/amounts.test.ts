import { expect, test } from 'vitest'
import { bytes, bytesPerSecond, duration, milliseconds, percent } from './amounts.ts'

test.each([
  [0, '0 B'],
  [823, '823 B'],
  [999, '999 B'],
  [999.6, '1 kB'],
  [1_440, '1.4 kB'],
  [12_345_678, '12 MB'],
  [999_700, '1 MB'],
])('%d bytes read %s', (count, text) => {
  expect(bytes(count)).toBe(text)
})

test('a rate is bytes by the second', () => {
  expect(bytesPerSecond(2_500)).toBe('2.5 kB/s')
})

test.each([
  [0.42, '0.4 ms'],
  [9.96, '10 ms'],
  [120.4, '120 ms'],
  [1_340, '1.3 s'],
])('%d ms read %s', (ms, text) => {
  expect(milliseconds(ms)).toBe(text)
})

test.each([
  [1, '100 %'],
  [0.9999, '99 %'],
  [0.001, '< 1 %'],
  [0, '0 %'],
])('a share of %d is %s', (share, text) => {
  expect(percent(share)).toBe(text)
})

test.each([
  [0, '0 s'],
  [59_000, '59 s'],
  [3 * 60_000, '3 min'],
  [7_800_000, '2 h 10 min'],
  [86_400_000, '1 day'],
  [12 * 86_400_000 + 30_000, '12 days'],
  [400 * 86_400_000, '1 year 35 days'],
])('%d ms last %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})
