import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test } from 'vitest'
import { anIdentity } from '../../test/support/identities.ts'
import { createMemoryDirectory, knownAs } from '../../test/support/memory-directory.ts'
import { createMemoryDocumentStore } from '../documents/index.ts'
import { createNotifications } from '../notifications/index.ts'
import { createLogger } from '../observability/index.ts'
import type { KnownPeer, LinkView } from '../peers/index.ts'
import { identityAlarm, linkAlarms, LINK_LOST_MS, TROUBLE_MS } from './link-alarms.ts'
import { watchLinks } from './watch-links.ts'

const nowMs = Date.parse('2026-01-10T12:00:00Z')
const HOUR_MS = 60 * 60_000
const b: KnownPeer = {
  name: 'b',
  uid: 'uid-b',
  fingerprint: 'f'.repeat(64),
  caCertificatePem: '',
  confirmed: true,
}
const up = (fields: Partial<LinkView> = {}): LinkView => ({
  state: 'Connected',
  sinceMs: nowMs,
  ...fields,
})
const down = (forMs: number, fields: Partial<LinkView> = {}): LinkView => ({
  state: 'Disconnected',
  sinceMs: nowMs - forMs,
  message: 'no route',
  ...fields,
})
const raised = (view: LinkView, peer = b): string[] =>
  linkAlarms(peer, view, nowMs).raise.map(({ reason }) => reason)

test.each<[string, LinkView, string[]]>([
  ['is up', up(), []],
  ['misses pings', up({ state: 'Suspect' }), []],
  ['has just gone', down(LINK_LOST_MS - 1), []],
  ['has been down for five minutes', down(LINK_LOST_MS), ['LinkLost']],
  ['never came up', { state: 'Connecting', sinceMs: nowMs - LINK_LOST_MS }, ['LinkLost']],
  ['was refused a moment ago', down(TROUBLE_MS - 1, { trouble: 'RemovedByPeer' }), []],
  ['is refused', down(TROUBLE_MS, { trouble: 'RemovedByPeer' }), ['RemovedByPeer']],
  ['meets another', down(TROUBLE_MS, { trouble: 'CertificateRefused' }), ['CertificateRefused']],
  [
    'meets an ingress nobody vouches for',
    down(LINK_LOST_MS, { trouble: 'OuterCertificateRefused' }),
    ['LinkLost', 'OuterCertificateRefused'],
  ],
  ['has fresh certificates', up({ certificatesOverdueMs: nowMs }), []],
  ['was not renewed', up({ certificatesOverdueMs: nowMs - 1 }), ['CertificateNotRenewed']],
  [
    'passes an ingress that is good for a week',
    up({ direction: 'outbound', outerCertificateEndsMs: nowMs + 168 * HOUR_MS }),
    [],
  ],
  [
    'passes an ingress that ends in two days',
    up({ direction: 'outbound', outerCertificateEndsMs: nowMs + 48 * HOUR_MS }),
    ['OuterCertificateExpiring'],
  ],
  ['has clocks a minute apart', up({ clockDifferenceMs: -60_000 }), []],
  ['has clocks apart', up({ clockDifferenceMs: -6 * 60_000 }), ['ClockDiffers']],
])('a link that %s', (_how, view, reasons) => {
  expect(raised(view)).toEqual(reasons)
  expect(raised(view, { ...b, confirmed: false })).toEqual([])
})

test('words say who, since when and why', () => {
  const { raise } = linkAlarms(b, down(LINK_LOST_MS), nowMs)
  expect(raise).toEqual([
    {
      reason: 'LinkLost',
      severity: 'warning',
      message: 'The link to peer "b" has been down since 2026-01-10T11:55:00Z: no route',
      about: { kind: 'Peer', name: 'b', uid: 'uid-b' },
    },
  ])
  const [clock] = linkAlarms(b, up({ clockDifferenceMs: 6 * 60_000 }), nowMs).raise
  expect(clock?.message).toBe('The clock of peer "b" is 6 minutes ahead of ours')
})

test('a link that is up ends what was wrong while it was down, and nothing it cannot see', () => {
  const { over } = linkAlarms(b, up({ direction: 'inbound' }), nowMs)
  expect(over).toEqual([
    'LinkLost',
    'RemovedByPeer',
    'CertificateRefused',
    'OuterCertificateRefused',
  ])
  expect(linkAlarms(b, down(0), nowMs).over).toEqual([])
})

test('an identity is told half a year before its end', () => {
  const days = (count: number): number => nowMs + count * 24 * HOUR_MS
  expect(identityAlarm('this agent', days(181), nowMs)).toBeUndefined()
  expect(identityAlarm('this agent', days(179), nowMs)).toMatchObject({
    reason: 'IdentityExpiring',
    message: expect.stringContaining('The CA certificate of this agent ends at 2026-') as string,
  })
})

async function aWatch() {
  const identity = await anIdentity('a')
  const peer = await anIdentity('b')
  const directory = createMemoryDirectory()
  const clock = new FakeClock(nowMs)
  const logger = createLogger({ level: 'silent', agent: 'a' })
  const notifications = createNotifications({
    store: createMemoryDocumentStore(),
    clock,
    logger,
    publish: () => undefined,
  })
  let view: LinkView = { state: 'Connected', sinceMs: clock.now() }
  const listeners = new Set<() => void>()
  directory.put(knownAs('b', peer))
  const watch = watchLinks({
    links: {
      view: () => view,
      onChange: (listener) => {
        const tell = (): void => listener(peer.fingerprint, view)
        listeners.add(tell)
        return () => listeners.delete(tell)
      },
    },
    directory,
    identity,
    alarms: notifications,
    clock,
    logger,
  })
  watch.start()
  onTestFinished(() => watch.stop())
  return {
    directory,
    clock,
    open: () => notifications.list().filter(({ resolvedAt }) => resolvedAt === undefined),
    all: () => notifications.list(),
    linkIs: (state: LinkView['state']) => {
      view = { state, sinceMs: clock.now() }
      for (const tell of listeners) tell()
    },
  }
}

test('a lost link is told once, taken back when it is up, and told anew the next time', async () => {
  const { clock, open, all, linkIs } = await aWatch()
  linkIs('Disconnected')
  await clock.advance(LINK_LOST_MS - 60_000)
  expect(all()).toEqual([])
  await clock.advance(2 * 60_000)
  expect(open()).toMatchObject([{ reason: 'LinkLost', count: 1 }])
  await clock.advance(HOUR_MS)
  expect(all()).toHaveLength(1)
  linkIs('Connected')
  await clock.advance(0)
  expect(open()).toEqual([])
  linkIs('Disconnected')
  await clock.advance(2 * LINK_LOST_MS)
  expect(all()).toHaveLength(2)
  expect(open()).toHaveLength(1)
})

test('with a peer that is removed goes what was raised about it', async () => {
  const { clock, open, linkIs, directory } = await aWatch()
  linkIs('Disconnected')
  await clock.advance(2 * LINK_LOST_MS)
  expect(open()).toHaveLength(1)
  directory.remove('b')
  await clock.advance(0)
  expect(open()).toEqual([])
})
