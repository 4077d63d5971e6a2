/** The adapters against a real API, over HTTP. */
import { defaultSettings } from '@porpulsion/contract'
import type { KubeClient } from '@porpulsion/kube'
import { Secret, systemClock, systemRandom } from '@porpulsion/kube'
import { expect, onTestFinished, test, vi } from 'vitest'
import { anApiServer } from '../../test/support/api-server.ts'
import { anIdentity } from '../../test/support/identities.ts'
import { createKubeDocumentStore } from '../documents/index.ts'
import { createLogger } from '../observability/index.ts'
import { noAudit } from '../audit/index.ts'
import { createKubeIdentityStore } from './kube-identity-store.ts'
import { createKubePeerStore, PeerKind } from './kube-peer-store.ts'
import type { RemovalHandler } from './known-peer.ts'
import { loadIdentity } from './load-identity.ts'
import { createPeers, type Peers } from './peers.ts'

let namespace: string
const logger = createLogger({ level: 'silent', agent: 'a' })

async function aCluster(): Promise<KubeClient> {
  const { client, ...server } = await anApiServer()
  namespace = server.namespace
  return client
}

async function peersOn(
  client: KubeClient,
  onRemoval?: RemovalHandler,
): Promise<{ peers: Peers; stop: () => Promise<void> }> {
  const stopping = new AbortController()
  const { signal } = stopping
  const deps = { client, clock: systemClock, random: systemRandom, report: () => undefined }
  const identity = await loadIdentity(
    { ...deps, store: createKubeIdentityStore(client, namespace), logger },
    { name: 'a' },
    signal,
  )
  const peers = createPeers(
    {
      ...deps,
      identity,
      store: createKubePeerStore(deps, { namespace }),
      inviteDocument: createKubeDocumentStore(deps, {
        kind: 'Secret',
        namespace,
        name: 'porpulsion-invites',
        key: 'invites.json',
      }),
      revocationDocument: createKubeDocumentStore(deps, {
        kind: 'ConfigMap',
        namespace,
        name: 'porpulsion-revoked',
        key: 'revoked.json',
      }),
      redeemClient: { post: () => Promise.reject(new Error('Not in this test')) },
      settings: () => defaultSettings,
      logger,
      audit: noAudit,
      onMet: () => Promise.resolve(),
      publish: () => undefined,
      notify: () => Promise.resolve(),
    },
    { selfUrl: 'https://a.example' },
  )
  if (onRemoval !== undefined) peers.onRemoval(onRemoval)
  await peers.load(signal)
  peers.start()
  const stop = async (): Promise<void> => {
    stopping.abort()
    await peers.stop()
  }
  onTestFinished(stop)
  return { peers, stop }
}

const aPeer = (caCertificate: string) => ({
  metadata: { name: 'b', namespace },
  spec: { caCertificate, url: 'https://b.example', confirmed: true },
})

test('identity, invites and peers are the same after a restart', async () => {
  const client = await aCluster()
  const first = await peersOn(client)
  await first.peers.createInvite({ createdBy: 'admin' })
  const { caCertificatePem } = await anIdentity('b')
  await client.create(PeerKind, aPeer(caCertificatePem))
  await vi.waitFor(() => expect(first.peers.directory.byName('b')).toBeDefined())
  await first.stop()

  const second = await peersOn(client)
  expect(second.peers.identity.fingerprint).toBe(first.peers.identity.fingerprint)
  expect(second.peers.listInvites()).toEqual(first.peers.listInvites())
  expect(second.peers.directory.byName('b')?.confirmed).toBe(true)
})

test('what is stored of an invite cannot redeem it for whoever may only read Peers', async () => {
  const client = await aCluster()
  const { peers } = await peersOn(client)
  const { record } = await peers.createInvite({ createdBy: 'admin' })
  const secret = await client.get(Secret, { namespace, name: 'porpulsion-invites' })
  const text = Buffer.from(secret.data?.['invites.json'] ?? '', 'base64').toString()
  expect(text).toContain(record.id)
  await peers.revokeInvite(record.id)
  const after = await client.get(Secret, { namespace, name: 'porpulsion-invites' })
  expect(Buffer.from(after.data?.['invites.json'] ?? '', 'base64').toString()).not.toContain(
    record.id,
  )
})

/** Six words cost a tenth of a second of one core, which others may be using. */
const sixWordsMs = 10_000

test('a Peer that was applied gets a status, and keeps it to itself until it says something new', async () => {
  const client = await aCluster()
  const { peers } = await peersOn(client)
  const { caCertificatePem, fingerprint } = await anIdentity('b')
  await client.create(PeerKind, aPeer(caCertificatePem))
  const ref = { namespace, name: 'b' }
  await vi.waitFor(async () => {
    const { metadata, status } = await client.get(PeerKind, ref)
    expect(metadata.finalizers).toEqual(['porpulsion.io/cleanup'])
    expect(status).toMatchObject({ fingerprint, link: 'Connecting' })
    expect(status?.words?.split(' ')).toHaveLength(6)
    expect(status?.conditions.map(({ type }) => type)).toEqual(['Confirmed', 'Connected', 'Ready'])
  }, sixWordsMs)
  const { metadata } = await client.get(PeerKind, ref)
  peers.observeLinks({
    view: () => ({ state: 'Connecting', sinceMs: systemClock.now() }),
    onChange: () => () => undefined,
  })
  await vi.waitFor(async () => {
    const { status } = await client.get(PeerKind, ref)
    expect(status?.since).toBeDefined()
  })
  expect((await client.get(PeerKind, ref)).metadata.uid).toBe(metadata.uid)
})

test('the CA certificate of a Peer cannot be exchanged at the API server', async () => {
  const client = await aCluster()
  await peersOn(client)
  await client.create(PeerKind, aPeer((await anIdentity('b')).caCertificatePem))
  const other = (await anIdentity('b')).caCertificatePem
  const body = { spec: { caCertificate: other } }
  await expect(
    client.patch(PeerKind, { namespace, name: 'b' }, { kind: 'merge', body }),
  ).rejects.toThrow('immutable')
})

test('a removal asked for over the API ends with the resource gone and the CA revoked', async () => {
  const client = await aCluster()
  const { peers } = await peersOn(client)
  await client.create(PeerKind, aPeer((await anIdentity('b')).caCertificatePem))
  await vi.waitFor(() => expect(peers.directory.byName('b')).toBeDefined())
  const choices: unknown[] = []
  peers.onRemoval((_peer, chosen) => {
    choices.push(chosen)
    return Promise.resolve({ deletedExecutingApps: 1, forgottenRemoteApps: 0 })
  })
  const removed = await peers.remove(
    'b',
    { executingApps: 'keep', remoteApps: 'forget' },
    new AbortController().signal,
  )
  expect(removed.deletedExecutingApps).toBe(1)
  expect(choices).toEqual([{ executingApps: 'keep', remoteApps: 'forget' }])
  expect(await client.find(PeerKind, { namespace, name: 'b' })).toBeUndefined()
})

test('a removal that a stopped agent left half-way is finished by the next one, as it was asked for', async () => {
  const client = await aCluster()
  const { caCertificatePem, fingerprint } = await anIdentity('b')
  const first = await peersOn(client)
  await client.create(PeerKind, aPeer(caCertificatePem))
  await vi.waitFor(() => expect(first.peers.directory.byName('b')).toBeDefined())
  await vi.waitFor(async () => {
    const { metadata } = await client.get(PeerKind, { namespace, name: 'b' })
    expect(metadata.finalizers).toBeDefined()
  })
  await first.stop()
  const annotations = {
    'porpulsion.io/on-removal': '{"executingApps":"keep","remoteApps":"forget"}',
  }
  const ref = { namespace, name: 'b' }
  await client.patch(PeerKind, ref, { kind: 'merge', body: { metadata: { annotations } } })
  await client.delete(PeerKind, ref)

  const cleared = vi.fn<RemovalHandler>(() =>
    Promise.resolve({ deletedExecutingApps: 0, forgottenRemoteApps: 0 }),
  )
  const second = await peersOn(client, cleared)
  await vi.waitFor(async () => expect(await client.find(PeerKind, ref)).toBeUndefined())
  const chosen = { executingApps: 'keep', remoteApps: 'forget' }
  expect(cleared).toHaveBeenCalledWith(
    expect.objectContaining({ fingerprint }),
    chosen,
    expect.anything(),
  )
  expect(second.peers.directory.byFingerprint(fingerprint)).toBeUndefined()
})
