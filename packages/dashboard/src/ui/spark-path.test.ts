import { expect, test } from 'vitest'
import { sparkPath } from './spark-path.ts'

test('the greatest value touches the top and 0 the bottom', () => {
  expect(sparkPath([0, 5, 10], 22, 12)).toBe('M1 11h0L11 6L21 1')
})

test('a gap is left where nothing is known', () => {
  expect(sparkPath([1, undefined, 1], 22, 12)).toBe('M1 1h0M21 1h0')
})

test('nothing at all, and nothing but zeros, are drawn as what they are', () => {
  expect(sparkPath([], 22, 12)).toBe('')
  expect(sparkPath([0, 0], 22, 12)).toBe('M1 11h0L21 11')
})
