import { expect, test } from 'vitest'
import { spansOf } from './log-search.ts'

test.each([
  ['GET /x get', 'get', [0, 7]],
  ['GET /x get', 'GET', [0]],
  ['aaaa', 'aa', [0, 2]],
  ['abc', '', []],
  ['abc', 'x', []],
])('in %j, %j stands at %j', (text, wanted, starts) => {
  expect(spansOf(text, wanted).map(({ from }) => from)).toEqual(starts)
})

test('a line full of it is marked within bounds', () => {
  expect(spansOf('a'.repeat(10_000), 'a')).toHaveLength(200)
})
