import type { AuditEntry, Notification } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { activityOf, inWords } from './activity.ts'

const at = (minute: number): string => new Date(Date.UTC(2030, 0, 1, 12, minute)).toISOString()
const anEntry = (minute: number, extra: Partial<AuditEntry> = {}): AuditEntry => ({
  id: `e${minute}`,
  time: at(minute),
  actor: 'admin',
  action: 'createInvite',
  outcome: 'done',
  ...extra,
})
const aNotification = (minute: number, extra: Partial<Notification> = {}): Notification => ({
  id: `n${minute}`,
  time: at(minute),
  reason: 'LinkLost',
  message: 'The link to peer "b" has been down',
  severity: 'warning',
  count: 1,
  ...extra,
})

test('what was told and what was done are one list, newest first, and no longer than asked for', () => {
  const activity = activityOf({
    audit: [anEntry(1), anEntry(3), anEntry(5)],
    notifications: [aNotification(4)],
    limit: 3,
  })
  expect(activity.map(({ title, text }) => [title, text])).toEqual([
    ['Create invite', 'by admin'],
    ['Link lost', 'The link to peer "b" has been down'],
    ['Create invite', 'by admin'],
  ])
})

test('what is over counts from its end, and says so', () => {
  const [first] = activityOf({
    audit: [anEntry(5)],
    notifications: [aNotification(1, { resolvedAt: at(9) })],
    limit: 5,
  })
  expect(first).toMatchObject({ title: 'Link lost, over', time: at(9), tone: 'good' })
})

test('who was refused, and why, and how often', () => {
  const refused = anEntry(1, {
    actor: 'peer/b',
    action: 'openTunnel',
    about: 'remoteapp/shop,web',
    outcome: 'refused',
    reason: 'TunnelsOff',
    count: 4,
  })
  expect(activityOf({ audit: [refused], notifications: [], limit: 1 })).toMatchObject([
    {
      title: 'Open tunnel refused: TunnelsOff, 4 times',
      text: 'remoteapp/shop,web, by peer/b',
      tone: 'warn',
    },
  ])
})

test('codes are read as words', () => {
  expect(inWords('PeerAwaitingConfirmation')).toBe('Peer awaiting confirmation')
})
