import { Annotation, GROUP_VERSION, type RemoteApp } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import type { KnownPeer, LinkView } from '../peers/index.ts'
import { obstacleOf, type ObstacleInput } from './remote-app-obstacle.ts'

const b: KnownPeer = {
  name: 'b',
  uid: 'u',
  fingerprint: 'b'.repeat(64),
  caCertificatePem: '',
  confirmed: true,
}
const connected: LinkView = { state: 'Connected', sinceMs: 0 }
const down = { kind: 'down' as const, sinceMs: Date.UTC(2030, 0, 1), isStale: true, staleInMs: 0 }

const anApp = (
  change: {
    name?: string
    annotations?: Record<string, string>
    spec?: Partial<RemoteApp['spec']>
  } = {},
): RemoteApp => ({
  apiVersion: GROUP_VERSION,
  kind: 'RemoteApp',
  metadata: {
    name: change.name ?? 'web',
    ...(change.annotations && { annotations: change.annotations }),
  },
  spec: { targetPeer: 'b', image: 'nginx', ...change.spec },
})

const obstacle = (change: Partial<ObstacleInput> = {}) =>
  obstacleOf({
    app: anApp(),
    problems: [],
    peer: b,
    knownPeers: ['b', 'c'],
    link: { kind: 'up' },
    view: connected,
    ...change,
  })

test('nothing stands in the way of a sound app for a linked peer', () => {
  expect(obstacle()).toBeUndefined()
})

test.each<[string, Partial<ObstacleInput>, string, RegExp]>([
  [
    'a wrong spec',
    { app: anApp({ spec: { env: [{ name: 'A' }] } }) },
    'InvalidSpec',
    /^spec\.env\[0\]: needs value/,
  ],
  [
    'a name that is too long',
    { app: anApp({ name: 'x'.repeat(60) }) },
    'InvalidSpec',
    /^metadata\.name: /,
  ],
  ['an unknown peer', { peer: undefined, view: undefined }, 'PeerNotFound', /known peers: b, c/],
  ['no peers at all', { peer: undefined, knownPeers: [] }, 'PeerNotFound', /create an invite/],
  [
    'a namesake of the peer it was sent to',
    { app: anApp({ annotations: { [Annotation.PeerFingerprint]: 'other' } }) },
    'PeerNotFound',
    /another cluster/,
  ],
  [
    'a peer we have not confirmed',
    { peer: { ...b, confirmed: false }, link: down },
    'NotConfirmed',
    /not confirmed here/,
  ],
  [
    'a peer that has not confirmed us',
    { view: { ...connected, confirmedByPeer: false }, link: down },
    'NotConfirmed',
    /at the other cluster/,
  ],
  [
    'a link that is down',
    { link: down, view: { state: 'Connecting', sinceMs: 0, message: 'connection refused' } },
    'LinkDown',
    /is down since 2030-01-01T00:00:00Z: connection refused$/,
  ],
])('%s', (_what, change, reason, message) => {
  expect(obstacle(change)?.reason).toBe(reason)
  expect(obstacle(change)?.message).toMatch(message)
})
