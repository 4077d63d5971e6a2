import type { AppPhase, RemoteApp } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { freshnessOf } from './freshness.ts'

const asOf = '2026-01-01T00:00:00Z'
const app = (phase: AppPhase, synced = 'Synced'): Pick<RemoteApp, 'status'> => ({
  status: {
    phase,
    observedAt: asOf,
    replicas: 1,
    readyReplicas: 1,
    updatedReplicas: 1,
    conditions: [
      { type: 'Synced', status: 'True', reason: synced, message: '', lastTransitionTime: asOf },
    ],
  },
})

test.each(['Connected', 'Suspect', undefined] as const)(
  'what a peer said whose link is %s is how it is',
  (link) => {
    expect(freshnessOf(app('Ready'), link)).toEqual({ kind: 'current' })
  },
)

test.each(['Disconnected', 'Connecting'] as const)(
  'a Ready of a peer that is %s is old at once, before the agent says so',
  (link) => {
    expect(freshnessOf(app('Ready'), link)).toEqual({ kind: 'stale', asOf, why: 'link down' })
  },
)

test('an app whose peer is no longer one is old for good', () => {
  const expected = { kind: 'stale', asOf, why: 'peer is gone' }
  expect(freshnessOf(app('Ready'), 'gone')).toEqual(expected)
  expect(freshnessOf(app('Unknown', 'PeerNotFound'), undefined)).toEqual(expected)
})

test('while peers are not known yet, the app itself says that its link is down', () => {
  expect(freshnessOf(app('Ready', 'LinkDown'), undefined).kind).toBe('stale')
})

test('an Unknown is old until the host has reported, though the link is back', () => {
  expect(freshnessOf(app('Unknown'), 'Connected')).toEqual({
    kind: 'stale',
    asOf,
    why: 'not reported yet',
  })
})
