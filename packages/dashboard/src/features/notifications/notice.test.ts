import { notificationReasons, type Notification } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { shownOf, stepOf, todoOf, toneOf } from './notice.ts'

const aNotice = (id: string, extra: Partial<Notification> = {}): Notification => ({
  id,
  time: '2030-01-01T00:00:00Z',
  reason: 'LinkLost',
  message: 'away',
  severity: 'error',
  count: 1,
  ...extra,
})
const seen = aNotice('seen', { acknowledgedAt: '2030-01-01T01:00:00Z' })
const over = aNotice('over', { resolvedAt: '2030-01-01T02:00:00Z' })
const fresh = aNotice('fresh', { time: '2030-01-01T03:00:00Z' })
const ids = (items: readonly Notification[]): string[] => items.map(({ id }) => id)

test('what is over needs nobody, and neither does what somebody has seen', () => {
  const items = [seen, over, fresh]
  expect(ids(shownOf(items, 'unseen'))).toEqual(['fresh'])
  expect(ids(shownOf(items, 'resolved'))).toEqual(['over'])
  expect(ids(shownOf(items, 'all'))).toEqual(['fresh', 'over', 'seen'])
})

test('what was an error and is over is good', () => {
  expect([toneOf(fresh), toneOf(over)]).toEqual(['bad', 'good'])
})

test.each(Object.keys(notificationReasons).map((reason) => [reason]))(
  '%s says what to do',
  (reason) => {
    expect(todoOf(aNotice('x', { reason }))).toMatch(/\w/)
  },
)

test('a reason that nobody knows says nothing', () => {
  expect(todoOf(aNotice('x', { reason: 'constructor' }))).toBeUndefined()
})

test.each([
  ['ApprovalWaiting', undefined, 'approvals'],
  ['TotalNearlyUsed', undefined, 'settings'],
  ['LinkLost', { kind: 'Peer', name: 'b' }, 'peer'],
  ['AppRefused', { kind: 'RemoteApp', namespace: 'n', name: 'web' }, 'app'],
  ['AppCrashLooping', { kind: 'ExecutingApp', namespace: 'n', name: 'web' }, 'hosted'],
  ['IdentityExpiring', undefined, undefined],
] as const)('%s about %o leads to %s', (reason, about, kind) => {
  expect(stepOf(aNotice('x', { reason, ...(about && { about }) }))?.kind).toBe(kind)
})

test('a crash leads to the logs', () => {
  const about = { kind: 'RemoteApp', namespace: 'n', name: 'web' } as const
  expect(stepOf(aNotice('x', { reason: 'AppCrashLooping', about }))).toMatchObject({ tab: 'logs' })
})
