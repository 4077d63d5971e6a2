import { expect, test } from 'vitest'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import { SpecAuthors } from './spec-authors.ts'

const app = (generation: number): StoredRemoteApp =>
  ({ metadata: { name: 'web', uid: 'u', generation } }) as StoredRemoteApp

test('who asks while a change is being written waits for its author', async () => {
  const authors = new SpecAuthors()
  let done = (): void => undefined
  const answered = new Promise<void>((resolve) => {
    done = resolve
  })
  const writing = authors.attribute('web', 'alice', async () => {
    await answered
    return { before: app(1), after: app(2) }
  })
  const asked = authors.of(app(2))
  done()
  await writing
  expect(await asked).toBe('alice')
  expect(await authors.of(app(1))).toBeUndefined()
})

test('a write that changes nothing, or fails, says nothing of who wrote what is there', async () => {
  const authors = new SpecAuthors()
  await authors.attribute('web', 'alice', () => Promise.resolve({ before: app(2), after: app(2) }))
  await expect(
    authors.attribute('web', 'bob', () => Promise.reject(new Error('conflict'))),
  ).rejects.toThrow('conflict')
  expect(await authors.of(app(2))).toBeUndefined()
})
