import { expect, test } from 'vitest'
import { dropDraft, holdsSecrets, keepDraft, keptDraft } from './draft-storage.ts'

function memory() {
  const held = new Map<string, string>()
  return {
    held,
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  }
}

test('a draft is kept without the values of its secrets', () => {
  const store = memory()
  keepDraft('spec:\n  image: x # why\n  secrets: [{data: {a: hunter2}}]\n', store)
  expect(keptDraft(store)).toContain('# why')
  expect([...store.held.values()].join()).not.toContain('hunter2')
  dropDraft(store)
  expect(keptDraft(store)).toBeUndefined()
})

test('a text in the middle of a change leaves the last good one', () => {
  const store = memory()
  keepDraft('spec: {image: x}\n', store)
  keepDraft('spec: {image: hunter2', store)
  expect(keptDraft(store)).toBe('spec: {image: x}\n')
})

test('a browser without room is no error', () => {
  const full = {
    ...memory(),
    setItem: () => {
      throw new Error('QuotaExceededError')
    },
  }
  expect(() => keepDraft('spec: {}\n', full)).not.toThrow()
})

test('whether there is something to lose is known', () => {
  expect(holdsSecrets('spec: {secrets: [{data: {a: x}}]}')).toBe(true)
  expect(holdsSecrets('spec: {secrets: [{data: {a: ""}}]}')).toBe(false)
})
