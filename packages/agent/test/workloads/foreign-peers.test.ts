import type { AppSubmission } from '@porpulsion/contract'
import { Namespace, Pod } from '@porpulsion/kube'
import { expect, test } from 'vitest'
import type { CallingPeer } from '../../src/api/index.ts'
import { ExecutingAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { normaliseAppSpec } from '../../src/workloads/normalise-app-spec.ts'
import { specHash } from '../../src/workloads/spec-hash.ts'
import { isReady, sideOf, twoClusters, type Agent } from './two-clusters.ts'

const stranger: CallingPeer = sideOf('stranger')

/** What one peer may ask of an agent, as itself. */
function asPeer(agent: Agent, peer: CallingPeer) {
  const { peerHandlers } = agent.workloads
  const signal = new AbortController().signal
  const request = <B>(uid: string, body: B) => ({ peer, params: { uid }, query: {}, body, signal })
  return {
    submit: (uid: string, submission: AppSubmission) =>
      peerHandlers.putApp!(request(uid, submission)),
    delete: (uid: string) => peerHandlers.deleteApp!(request(uid, undefined)),
    logs: (uid: string) => peerHandlers.streamAppLogs!(request(uid, undefined)),
    claim: (uid: string) => peerHandlers.getAppClaim!(request(uid, undefined)),
    status: (
      uid: string,
      body: Parameters<NonNullable<typeof peerHandlers.putStatus>>[0]['body'],
    ) => peerHandlers.putStatus!(request(uid, body)),
    inventory: (uids: readonly string[]) =>
      peerHandlers.postInventory!(
        request('', {
          bootId: 'x',
          policyRevision: 'x',
          apps: uids.map((uid) => ({ uid, generation: 1, specHash: '0'.repeat(64) })),
        }),
      ),
  }
}

function aSubmission(change: Partial<AppSubmission> = {}): AppSubmission {
  const spec = normaliseAppSpec({ image: 'porpulsion/hello', ports: [{ port: 8080 }] })
  const name = change.name ?? 'web'
  return {
    name,
    namespace: 'porpulsion',
    generation: 1,
    epoch: 'e',
    spec,
    specHash: specHash({ name, spec }),
    ...change,
  }
}

test('a peer that names another’s app is answered as if there were none, and changes nothing', async () => {
  const { a, b } = await twoClusters()
  const app = await a.apply({ ports: [{ port: 8080 }] })
  await a.until(isReady)
  const { uid } = app.metadata
  const asStranger = asPeer(b, stranger)
  await expect(asStranger.delete(uid)).resolves.toEqual({ state: 'Gone' })
  await expect(asStranger.logs(uid)).rejects.toMatchObject({ code: 'AppNotFound' })
  expect(b.workloads.appTargets.find(stranger.fingerprint, uid)).toBeUndefined()
  await expect(
    b.workloads.appTargets.dial(stranger.fingerprint, uid, 8080, new AbortController().signal),
  ).rejects.toMatchObject({ code: 'AppNotFound' })
  expect(await b.hosted(a)).toHaveLength(1)
  expect((await a.app()).status?.phase).toBe('Ready')
})

test('the same uid of two peers is two apps', async () => {
  const { a, b, namespaceAtB } = await twoClusters()
  const app = await a.apply({ ports: [{ port: 8080 }] })
  await a.until(isReady)
  await expect(asPeer(b, stranger).submit(app.metadata.uid, aSubmission())).resolves.toMatchObject({
    verdict: 'Accepted',
  })
  const { items } = await b.client.list(ExecutingAppKind)
  expect(new Set(items.map(({ metadata }) => metadata.namespace)).size).toBe(2)
  await asPeer(b, stranger).delete(app.metadata.uid)
  expect((await b.client.list(Pod, { namespace: namespaceAtB })).items.length).toBeGreaterThan(0)
})

test('only the peer that runs an app may report on it or ask for it', async () => {
  const { a } = await twoClusters()
  const app = await a.apply({})
  await a.until(isReady)
  const { uid } = app.metadata
  const lie = {
    bootId: 'x',
    sequence: 9,
    specHash: '0'.repeat(64),
    generation: 1,
    statusHash: '0'.repeat(64),
    policyRevision: 'x',
    gone: true,
    status: { conditions: [], replicas: 0, readyReplicas: 0, updatedReplicas: 0 },
  }
  await asPeer(a, stranger).status(uid, lie)
  await expect(asPeer(a, stranger).claim(uid)).rejects.toMatchObject({ code: 'AppGone' })
  await expect(asPeer(a, stranger).inventory([uid])).resolves.toEqual({
    wanted: [],
    unknown: [uid],
  })
  await a.workloads.whenIdle()
  expect((await a.app()).status?.phase).toBe('Ready')
})

test('a namespace whose fingerprint only begins alike is not taken over', async () => {
  const { a, b, namespaceAtB } = await twoClusters()
  const app = await a.apply({})
  await a.until(isReady)
  const twin: CallingPeer = {
    name: 'twin',
    fingerprint: a.end.self.fingerprint.slice(0, 12).padEnd(64, '0'),
  }
  await expect(asPeer(b, twin).submit('some-uid', aSubmission())).rejects.toMatchObject({
    code: 'ClusterRefused',
  })
  await expect(asPeer(b, twin).delete(app.metadata.uid)).rejects.toMatchObject({
    code: 'ClusterRefused',
  })
  const namespace = await b.client.get(Namespace, { name: namespaceAtB })
  expect(namespace.metadata.annotations?.['porpulsion.io/peer-fingerprint']).toBe(
    a.end.self.fingerprint,
  )
})

test('what is not what its hash says, or has no sound uid, is refused; a late generation changes nothing', async () => {
  const { b } = await twoClusters()
  const peer = asPeer(b, stranger)
  await expect(
    peer.submit('uid-1', aSubmission({ specHash: 'f'.repeat(64) })),
  ).rejects.toMatchObject({ kind: 'Invalid' })
  await expect(peer.submit('../secrets', aSubmission())).rejects.toMatchObject({ kind: 'Invalid' })
  await peer.submit('uid-1', aSubmission({ generation: 5 }))
  const other = normaliseAppSpec({ image: 'porpulsion/ticker' })
  const late = aSubmission({
    generation: 4,
    spec: other,
    specHash: specHash({ name: 'web', spec: other }),
  })
  await expect(peer.submit('uid-1', late)).rejects.toMatchObject({ code: 'AppChanged' })
  await expect(peer.submit('uid-1', { ...late, epoch: 'after-a-restore' })).resolves.toMatchObject({
    verdict: 'Accepted',
  })
})
