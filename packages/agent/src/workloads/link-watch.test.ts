import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import type { KnownPeer, LinkView } from '../peers/index.ts'
import { LinkWatch } from './link-watch.ts'
import { WritePace } from './write-pace.ts'

const fingerprint = 'f'.repeat(64)
const peer: KnownPeer = { name: 'b', uid: 'u', fingerprint, caCertificatePem: '', confirmed: true }

function aLink() {
  const clock = new FakeClock()
  let view: LinkView = { state: 'Connecting', sinceMs: 0 }
  const listeners: ((fingerprint: string, view: LinkView) => void)[] = []
  const watch = new LinkWatch({
    clock,
    links: {
      view: () => view,
      onChange: (listener) => (listeners.push(listener), () => undefined),
    },
    peers: {
      byName: () => peer,
      byFingerprint: () => peer,
      list: () => [peer],
      onChange: () => () => undefined,
    },
  })
  const become = (state: LinkView['state'], more: Partial<LinkView> = {}): void => {
    view = { state, sinceMs: clock.now(), ...more }
    for (const listener of listeners) listener(fingerprint, view)
  }
  return { clock, watch, become }
}

test('redialling does not make a link young again', async () => {
  const { clock, watch, become } = aLink()
  become('Connected')
  await clock.advance(60_000)
  become('Disconnected')
  const since = clock.now()
  watch.now(fingerprint)
  await clock.advance(2_000)
  become('Connecting')
  await clock.advance(500)
  expect(watch.now(fingerprint)).toMatchObject({
    kind: 'down',
    sinceMs: since,
    isStale: false,
    staleInMs: 500,
  })
  await clock.advance(500)
  expect(watch.now(fingerprint)).toMatchObject({ isStale: true })
})

test('a suspect link is up until it is lost; an unconfirmed one is not', () => {
  const { watch, become } = aLink()
  become('Suspect')
  expect(watch.now(fingerprint).kind).toBe('up')
  become('Connected', { confirmedByPeer: false })
  expect(watch.now(fingerprint).kind).toBe('down')
})

test('after a start links get a moment before anything counts as stale', async () => {
  const { clock, watch } = aLink()
  await clock.advance(9_999)
  expect(watch.now(fingerprint)).toMatchObject({ isStale: false })
  await clock.advance(1)
  expect(watch.now(fingerprint)).toMatchObject({ isStale: true })
})

test('only ups and downs are told, and none is missed because somebody looked in between', () => {
  const { watch, become } = aLink()
  const told: string[] = []
  watch.onChange((of) => told.push(watch.now(of).kind))
  become('Connected')
  become('Suspect')
  become('Connected')
  become('Disconnected')
  become('Connecting')
  expect(told).toEqual(['up', 'down'])
})

test('writes keep their pace', async () => {
  const clock = new FakeClock()
  const pace = new WritePace(clock, { perSecond: 50 })
  expect([pace.takeMs(), pace.takeMs()]).toEqual([0, 20])
  await clock.advance(20)
  expect([pace.takeMs(), pace.takeMs()]).toEqual([0, 20])
})
