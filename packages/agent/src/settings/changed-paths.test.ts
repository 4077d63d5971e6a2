import { expect, test } from 'vitest'
import { changedPaths } from './changed-paths.ts'

test.each([
  ['the same', { a: { b: 1 } }, { a: { b: 1 } }, []],
  ['a value', { a: { b: 1, c: 2 } }, { a: { b: 3, c: 2 } }, ['a.b']],
  ['a list, as a whole', { a: ['x'] }, { a: ['x', 'y'] }, ['a']],
  ['what is new, and what is gone', { a: 1 }, { b: { c: 1 } }, ['a', 'b']],
  ['several', { a: { b: 1, c: 1 } }, { a: { b: 2, c: 2 } }, ['a.b', 'a.c']],
])('two documents that differ in %s', (_name, before, after, paths) => {
  expect(changedPaths(before, after)).toEqual(paths)
})
