import { expect, test } from 'vitest'
import { decideDeletion, MAX_WAIT_MS, type DeletionInput } from './deletion-rules.ts'

const deletedAtMs = Date.UTC(2030, 0, 1)
const anInput = (change: Partial<DeletionInput> = {}): DeletionInput => ({
  peer: { name: 'b', message: undefined },
  link: { kind: 'up' },
  isGone: false,
  failure: undefined,
  remaining: [],
  deletedAtMs,
  isForced: false,
  nowMs: deletedAtMs + 1_000,
  ...change,
})
const down = { kind: 'down' as const, sinceMs: deletedAtMs + 500, isStale: true, staleInMs: 0 }

test('an app goes when the host says that nothing is left, or when there is no host any more', () => {
  expect(decideDeletion(anInput({ isGone: true })).kind).toBe('let-go')
  expect(decideDeletion(anInput({ peer: undefined, link: undefined })).kind).toBe('let-go')
})

test('while the host is away it waits, says for whom, since when and why, and how not to', () => {
  expect(
    decideDeletion(anInput({ link: down, peer: { name: 'b', message: 'connection refused' } })),
  ).toEqual({
    kind: 'wait',
    isAnswered: false,
    waitMs: MAX_WAIT_MS - 1_000,
    deletion: {
      waitingSince: '2030-01-01T00:00:00Z',
      message:
        'Deleting, waiting for peer b since 2030-01-01T00:00:00Z (connection refused); --force does not wait',
    },
  })
})

test('while the host works on it, it says what is left there', () => {
  const remaining = Array.from({ length: 7 }, (_, index) => `Pod/p${index}`)
  expect(decideDeletion(anInput({ remaining }))).toMatchObject({
    kind: 'wait',
    isAnswered: true,
    deletion: {
      message: 'Deleting at peer b; left there: Pod/p0, Pod/p1, Pod/p2, Pod/p3, Pod/p4, and 2 more',
    },
  })
})

test.each<[string, Partial<DeletionInput>]>([
  ['forced while the host is away', { isForced: true, link: down }],
  ['forced while the host does not come to an end', { isForced: true, remaining: ['Pod/p'] }],
  ['an hour has passed', { nowMs: deletedAtMs + MAX_WAIT_MS, link: down }],
])('%s: it ends here, and the host is told later', (_when, change) => {
  expect(decideDeletion(anInput(change)).kind).toBe('bury')
})

test('even forced, an app that is gone at the host leaves no tombstone', () => {
  expect(decideDeletion(anInput({ isForced: true, isGone: true })).kind).toBe('let-go')
})
