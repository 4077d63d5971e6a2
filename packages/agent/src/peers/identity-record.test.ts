import type { IdentityRenewal } from '@porpulsion/contract'
import { describe, expect, test } from 'vitest'
import {
  announced,
  forgotten,
  met,
  neverRenewed,
  retired,
  switched,
  told,
  withdrawn,
  type IdentityRecord,
  type RenewalStage,
} from './identity-record.ts'
import { nextStep } from './renewal-steps.ts'

const keys = (name: string) => ({ certificatePem: `ca ${name}`, keyPem: `key ${name}` })
const announcement: IdentityRenewal = {
  sequence: 7,
  former: 'old',
  caCertificate: '',
  formerSignature: '',
  signature: '',
}
const since = '2026-01-01T00:00:00Z'

const settled: IdentityRecord = { keys: keys('old'), ...neverRenewed }
const offered = announced(settled, keys('new'), announcement, since)
const done = switched(told(offered, 7, 'b'), ['b', 'c'], since)

describe('the record of a renewal', () => {
  test('holds the new key from the announcement on, and the former until it is retired', () => {
    expect(
      [offered, done, retired(done)].map(({ keys, stage }) => [keys.keyPem, stage.kind]),
    ).toEqual([
      ['key old', 'Announced'],
      ['key new', 'Switched'],
      ['key new', 'Settled'],
    ])
    expect(JSON.stringify(retired(done))).not.toContain('key old')
    expect(JSON.stringify(withdrawn(offered, 'new', []))).not.toContain('key new')
    expect(retired(done).former).toEqual(['old'])
  })

  test('does not begin with what was announced in the name of a CA that was given up', () => {
    const over = retired(done)
    expect(announced(over, keys('other'), announcement, since)).toBe(over)
  })

  test('after the switch names those who have not confirmed, until they have', () => {
    expect(done.stage).toMatchObject({ untold: ['c'] })
    expect(told(done, 7, 'c').stage).toMatchObject({ untold: [] })
  })

  test('counts no answer to something that was said before', () => {
    expect(told(offered, 6, 'b')).toBe(offered)
    const taken = withdrawn(offered, 'new', ['b'])
    expect(told(taken, 7, 'b')).toBe(taken)
    expect(told(taken, 8, 'b').stage).toMatchObject({ withdrawn: { untold: [] } })
  })

  test('forgets what a peer knew that was added anew', () => {
    expect(met(told(offered, 7, 'b'), 'b').stage).toMatchObject({ knownTo: [] })
    expect(met(done, 'c').stage).toMatchObject({ untold: [] })
  })

  test.each([
    [
      'a second announcement',
      (record: IdentityRecord) => announced(record, keys('x'), announcement, since),
      offered,
    ],
    ['a switch of nothing', (record: IdentityRecord) => switched(record, [], since), settled],
    ['a second switch', (record: IdentityRecord) => switched(record, [], since), done],
    [
      'a withdrawal after the switch',
      (record: IdentityRecord) => withdrawn(record, 'new', []),
      done,
    ],
    ['retiring before the switch', retired, offered],
    ['forgetting what was not withdrawn', forgotten, settled],
  ])('is left alone by %s', (_, change, record) => {
    expect(change(record)).toBe(record)
  })
})

const peer = (fingerprint: string, confirmed = true) => ({ fingerprint, confirmed })
const announcedTo = (...knownTo: string[]): RenewalStage => ({
  kind: 'Announced',
  since,
  next: keys('new'),
  announcement,
  knownTo,
})
const switchedBefore = (...untold: string[]): RenewalStage => ({
  kind: 'Switched',
  since,
  former: keys('old'),
  announcement,
  untold,
})
const withdrawnFrom = (...untold: string[]): RenewalStage => ({
  kind: 'Settled',
  withdrawn: { fingerprint: 'new', untold },
})

test.each<[string, RenewalStage, ReturnType<typeof peer>[], string[], string]>([
  ['nothing is under way', { kind: 'Settled' }, [peer('b')], [], 'Nothing'],
  ['nobody is there to be told', announcedTo(), [], [], 'Switch'],
  ['somebody has not heard', announcedTo('b'), [peer('b'), peer('c')], ['c'], 'Wait'],
  ['all have confirmed', announcedTo('b', 'c'), [peer('b'), peer('c')], [], 'Switch'],
  [
    'only who cannot be told is missing',
    announcedTo('b'),
    [peer('b'), peer('c', false)],
    [],
    'Switch',
  ],
  ['a peer came in between', announcedTo('b'), [peer('b'), peer('d')], ['d'], 'Wait'],
  ['one was left behind', switchedBefore('c'), [peer('b'), peer('c')], ['c'], 'Wait'],
  ['who was left behind is not confirmed', switchedBefore('c'), [peer('c', false)], [], 'Wait'],
  ['who was left behind is removed', switchedBefore('c'), [peer('b')], [], 'Retire'],
  ['nobody was left behind', switchedBefore(), [peer('b')], [], 'Retire'],
  ['a withdrawal is to be told', withdrawnFrom('b'), [peer('b')], ['b'], 'Wait'],
  ['a withdrawal is told', withdrawnFrom(), [peer('b')], [], 'Forget'],
  ['whom to tell of a withdrawal is gone', withdrawnFrom('b'), [], [], 'Forget'],
])('when %s', (_, stage, peers, tell, then) => {
  expect(nextStep(stage, peers)).toEqual({ tell, then })
})
