import { expect, test } from 'vitest'
import { filterOf, isNarrowed, sortOf, sortText, toggled } from './list-view.ts'

test('an address says what is shown; a phase that does not exist is left out', () => {
  expect(filterOf({ q: 'web', peer: 'a,b', phase: 'Ready,Nonsense' })).toEqual({
    text: 'web',
    peers: ['a', 'b'],
    phases: ['Ready'],
  })
  expect(isNarrowed(filterOf({}))).toBe(false)
  expect(isNarrowed(filterOf({ peer: 'a' }))).toBe(true)
})

test.each(['name', '-created'])('the order %s is read as it is written', (sort) => {
  const read = sortOf({ sort })
  expect(read && sortText(read)).toBe(sort)
})

test('choosing twice is choosing not at all', () => {
  expect(toggled(['a'], 'b')).toBe('a,b')
  expect(toggled(['a', 'b'], 'a')).toBe('b')
  expect(toggled(['b'], 'b')).toBeUndefined()
})
