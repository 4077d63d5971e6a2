import type { AppRevision } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { changesIn, comparedWith } from './compare-revisions.ts'

const of = (revision: number): AppRevision => ({
  revision,
  time: '2026-01-01T00:00:00Z',
  isCurrent: false,
  changed: [],
  spec: { image: 'nginx', targetPeer: 'b' },
})
const [newest, middle, oldest] = [of(7), of(5), of(4)]
const all = [newest, middle, oldest]

test('a revision is compared with the one before it, the oldest with the one after', () => {
  expect(comparedWith(all, newest, undefined)).toBe(middle)
  expect(comparedWith(all, oldest, undefined)).toBe(middle)
  expect(comparedWith([newest], newest, undefined)).toBeUndefined()
})

test('with any other that is asked for, never with itself', () => {
  expect(comparedWith(all, newest, 4)).toBe(oldest)
  expect(comparedWith(all, newest, 7)).toBe(middle)
  expect(comparedWith(all, newest, 1)).toBe(middle)
})

test.each([
  [[], 'the oldest that is kept'],
  [['image'], 'image'],
  [['a', 'b', 'c', 'd', 'e', 'f'], 'a, b, c, d and 2 more'],
])('changes %j are told as %j', (changed, text) => {
  expect(changesIn({ changed })).toBe(text)
})
