import { expect, test } from 'vitest'
import { inWords } from './value-words.ts'

test.each([
  [undefined, 'not set'],
  ['', '"" (no limit)'],
  [[], '(empty)'],
  [['nginx', 'ghcr.io/me/**'], 'nginx, ghcr.io/me/**'],
  [false, 'false'],
  [0, '0'],
])('%j reads %j', (value, words) => {
  expect(inWords(value)).toBe(words)
})
