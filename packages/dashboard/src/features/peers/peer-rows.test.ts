import type { ExecutingApp, Peer, RemoteApp } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { latencyOf, peerRows } from './peer-rows.ts'

const aPeer = (name: string, link: NonNullable<Peer['status']>['link'] = 'Connected'): Peer => ({
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'Peer',
  metadata: { name },
  spec: { caCertificate: '', confirmed: true },
  status: { fingerprint: `fingerprint of ${name}`, link, latencyMs: 7, conditions: [] },
})
const observed = { conditions: [], replicas: 1, readyReplicas: 1, updatedReplicas: 1 }
const ours = (targetPeer: string, phase: 'Ready' | 'Failed'): RemoteApp => ({
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'RemoteApp',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { image: 'nginx', targetPeer },
  status: { ...observed, phase },
})
/** It came when the peer was called otherwise. */
const theirs = (peer: string): ExecutingApp => ({
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'ExecutingApp',
  metadata: { name: 'api', namespace: 'porpulsion-peer-1' },
  spec: {
    peer: { name: 'an earlier name', fingerprint: `fingerprint of ${peer}` },
    submitter: { uid: 'u', namespace: 'shop', name: 'api', generation: 1, epoch: 'e' },
    specHash: 'x',
    policyRevision: '1',
    app: { image: 'nginx' },
  },
  status: { ...observed, phase: 'Ready' },
})

test('apps are counted both ways: ours by our name of the peer, theirs by who they are', () => {
  const rows = peerRows({
    peers: [aPeer('b'), aPeer('c')],
    remoteApps: [ours('b', 'Ready'), ours('b', 'Failed')],
    executingApps: [theirs('b')],
    figures: [],
  })
  expect(rows.map(({ name, there, here }) => [name, there, here])).toEqual([
    ['b', { total: 2, ready: 1 }, { total: 1, ready: 1 }],
    ['c', { total: 0, ready: 0 }, { total: 0, ready: 0 }],
  ])
})

test('a round trip that was measured just now counts before the one the list tells of', () => {
  const figures = [{ peer: 'b', latencyMs: 3.2, receivedBytesPerSecond: 0, sentBytesPerSecond: 0 }]
  const lists = { remoteApps: [], executingApps: [], figures }
  const [b, c, down] = peerRows({
    ...lists,
    peers: [aPeer('b'), aPeer('c'), aPeer('down', 'Disconnected')],
  })
  expect([b, c, down].map((row) => row && latencyOf(row))).toEqual([3.2, 7, undefined])
})
