import { expect, test } from 'vitest'
import { texts, words } from './search.ts'

test('a word that is not known is left out, and so is what nobody asked for', () => {
  const read = words({ view: ['submitted', 'executing'], group: ['peer'] })
  expect(read({ view: 'executing', group: 'colour', other: 1 })).toEqual({ view: 'executing' })
})

test('text that looks like a number stays text, empty text goes', () => {
  expect(texts('q', 'peer', 'phase')({ q: 42, peer: '', phase: ['x'] })).toEqual({ q: '42' })
})
