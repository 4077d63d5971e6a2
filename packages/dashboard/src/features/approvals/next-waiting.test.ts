import type { Approval } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { isApprovableUnseen, nextWaiting } from './next-waiting.ts'

const anApproval = (id: string, extra: Partial<Approval> = {}): Approval => ({
  id,
  kind: 'App',
  state: 'Pending',
  peer: 'b',
  app: { namespace: 'n', name: id, uid: id },
  since: '2030-01-01T00:00:00Z',
  ...extra,
})
const items = [
  anApproval('one'),
  anApproval('two'),
  anApproval('three', { state: 'Rejected' }),
  anApproval('four'),
]

test.each([
  ['one', 'two'],
  ['two', 'four'],
  ['four', 'one'],
])('after %s comes %s', (decided, next) => {
  expect(nextWaiting(items, anApproval(decided))?.id).toBe(next)
})

test('one that has left the list is followed by the first', () => {
  expect(nextWaiting(items, anApproval('gone'))?.id).toBe('one')
  expect(nextWaiting([anApproval('one')], anApproval('one'))).toBeUndefined()
})

test('only a tunnel can be approved by its line in the list', () => {
  expect(isApprovableUnseen(anApproval('t', { kind: 'Tunnel', port: 80 }))).toBe(true)
  expect(isApprovableUnseen(anApproval('a'))).toBe(false)
  expect(isApprovableUnseen(anApproval('t', { kind: 'Tunnel', state: 'Approved' }))).toBe(false)
})
