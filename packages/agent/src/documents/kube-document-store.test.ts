/** Against a real API, over HTTP. */
import { ConfigMap, Secret, systemClock, systemRandom, type InformerDeps } from '@porpulsion/kube'
import { describe, expect, test } from 'vitest'
import { anApiServer, type TestApiServer } from '../../test/support/api-server.ts'
import type { DocumentStore, StoredText } from './document-store.ts'
import { createKubeDocumentStore } from './kube-document-store.ts'

let namespace: string
const name = 'porpulsion-thing'

async function aCluster(): Promise<InformerDeps & Pick<TestApiServer, 'stop'>> {
  const { client, stop, ...server } = await anApiServer({ withDefinitions: false })
  namespace = server.namespace
  return { client, clock: systemClock, random: systemRandom, report: () => undefined, stop }
}

const storeOf = (deps: InformerDeps, kind: 'Secret' | 'ConfigMap'): DocumentStore =>
  createKubeDocumentStore(deps, { kind, namespace, name, key: 'record' })

describe.each(['Secret', 'ConfigMap'] as const)('a document in a %s', (kind) => {
  test('is created once, and replaced only by who knows what it was', async () => {
    const store = storeOf(await aCluster(), kind)
    expect(await store.read()).toBeUndefined()
    const first = await store.write('één', undefined)
    expect(await store.write('other', undefined)).toBeUndefined()
    expect(await store.read()).toEqual(first)
    const second = await store.write('two', first?.version)
    expect(second?.text).toBe('two')
    expect(await store.write('three', first?.version)).toBeUndefined()
    expect((await store.read())?.text).toBe('two')
  })

  test('is gone after it was removed, and can be made anew', async () => {
    const store = storeOf(await aCluster(), kind)
    const first = await store.write('one', undefined)
    await store.remove()
    await store.remove()
    expect(await store.read()).toBeUndefined()
    expect(await store.write('two', first?.version)).toBeUndefined()
    expect((await store.write('two', undefined))?.text).toBe('two')
  })

  test('is followed: as it is, and at every change until nobody listens', async () => {
    const deps = await aCluster()
    const store = storeOf(deps, kind)
    const stop = new AbortController()
    const seen: (StoredText | undefined)[] = []
    await store.follow((document) => seen.push(document), stop.signal)
    expect(seen).toEqual([undefined])
    const written = await store.write('one', undefined)
    await expect.poll(() => seen.at(-1), { timeout: 5_000 }).toEqual(written)
    await store.remove()
    await expect.poll(() => seen.length, { timeout: 5_000 }).toBe(3)
    expect(seen[2]).toBeUndefined()
    stop.abort()
  })
})

test('a key beside others is added and changed without touching them', async () => {
  const deps = await aCluster()
  const store = storeOf(deps, 'ConfigMap')
  await deps.client.create(ConfigMap, { metadata: { namespace, name }, data: { theirs: 'kept' } })
  expect(await store.read()).toBeUndefined()
  const first = await store.write('ours', undefined)
  await store.write('ours too', first?.version)
  const { data } = await deps.client.get(ConfigMap, { namespace, name })
  expect(data).toEqual({ theirs: 'kept', record: 'ours too' })
})

test('a secret is not readable as it lies there', async () => {
  const deps = await aCluster()
  await storeOf(deps, 'Secret').write('plain', undefined)
  const { data } = await deps.client.get(Secret, { namespace, name })
  expect(data?.['record']).toBe(Buffer.from('plain').toString('base64'))
})

test('a cluster that has no such namespace is said by name', async () => {
  const deps = await aCluster()
  const elsewhere = createKubeDocumentStore(deps, {
    kind: 'Secret',
    namespace: 'nowhere',
    name,
    key: 'record',
  })
  await expect(elsewhere.write('x', undefined)).rejects.toMatchObject({
    code: 'ClusterRefused',
    message: expect.stringContaining('Secret nowhere/porpulsion-thing') as unknown,
  })
})

test('a cluster that is away is said so', async ({ skip }) => {
  const deps = await aCluster()
  if (deps.stop === undefined)
    return skip('the server of PORPULSION_TEST_KUBECONFIG is not ours to stop')
  await deps.stop()
  await expect(storeOf(deps, 'Secret').read()).rejects.toMatchObject({ code: 'ClusterUnavailable' })
})
