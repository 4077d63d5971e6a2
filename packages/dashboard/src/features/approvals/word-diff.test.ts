import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wordDiff, type Part } from './word-diff.ts'

const marked = (parts: readonly Part[]): string =>
  parts.map(({ text, isChanged }) => (isChanged ? `[${text}]` : text)).join('')

test('in a long line, only the word that changed is marked', () => {
  const { before, after } = wordDiff('ghcr.io/me/web:1.4.2', 'ghcr.io/me/web:1.5.2')
  expect([marked(before), marked(after)]).toEqual([
    'ghcr.io/me/web:1.[4].2',
    'ghcr.io/me/web:1.[5].2',
  ])
})

test('what is added is marked where it comes', () => {
  const { before, after } = wordDiff('run --safe', 'run --safe --root')
  expect([marked(before), marked(after)]).toEqual(['run --safe', 'run --safe[ --root]'])
})

test('texts with no word in common differ as a whole', () => {
  const { before, after } = wordDiff('<b>hello</b>', 'bye')
  expect([marked(before), marked(after)]).toEqual(['[<b>hello</b>]', '[bye]'])
})

test('texts too long to compare differ as a whole', () => {
  const long = 'x '.repeat(5_000)
  expect(wordDiff(long, `${long}y`).after).toHaveLength(1)
})

test('nothing of a text is lost or made up', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const { before, after } = wordDiff(one, other)
      const text = (parts: readonly Part[]): string => parts.map((part) => part.text).join('')
      expect([text(before), text(after)]).toEqual([one, other])
    }),
  )
})
