import { Secret, type KubeClient } from '@porpulsion/kube'
import { expect, test } from 'vitest'
import { anApiServer } from '../../test/support/api-server.ts'
import { announceCa } from './announce-ca.ts'
import { announced, retired, switched } from './identity-record.ts'
import { issueCa } from './issue-certificates.ts'
import { createKubeIdentityStore } from './kube-identity-store.ts'
import { createOwnIdentity } from './own-identity.ts'

const { signal } = new AbortController()
const clock = { now: () => Date.now(), setTimeout: () => () => undefined }
const since = '2026-01-01T00:00:00Z'

async function anIdentityIn(client: KubeClient, namespace: string) {
  const store = createKubeIdentityStore(client, namespace)
  const stored = await store.create(await issueCa('a', Date.now()), signal)
  if (stored === undefined) throw new Error('There was one')
  const load = async () => {
    const read = await store.read(signal)
    if (read === undefined) throw new Error('It is gone')
    return createOwnIdentity({ store, clock }, { name: 'a' }, read)
  }
  return { store, load }
}

test('a renewal is in the Secret step by step, and whoever starts anew finds each', async () => {
  const { client, namespace } = await anApiServer()
  const { store, load } = await anIdentityIn(client, namespace)
  const ref = { namespace, name: 'porpulsion-identity' }
  const labels = { theirs: 'kept' }
  await client.patch(Secret, ref, { kind: 'merge', body: { metadata: { labels } } })
  const identity = await load()
  const first = identity.fingerprint
  const { keys, announcement } = await announceCa(identity, Date.now())

  await identity.update((record) => announced(record, keys, announcement, since), signal)
  const waiting = await load()
  expect(waiting.fingerprint).toBe(first)
  expect(waiting.next?.fingerprint).toBe(identity.next?.fingerprint)
  expect(waiting.next).toBeDefined()
  await identity.update((record) => switched(record, ['b'], since), signal)
  const again = await load()
  expect(again.fingerprint).not.toBe(first)
  expect([again.origin, again.former?.fingerprint]).toEqual([first, first])
  expect(again.forPeer('b').fingerprint).toBe(first)
  expect(again.forPeer('c').fingerprint).toBe(again.fingerprint)
  await again.update(retired, signal)
  expect((await load()).former).toBeUndefined()
  expect(await store.create(await issueCa('a', Date.now()), signal)).toBeUndefined()
  expect((await client.get(Secret, ref)).metadata.labels).toMatchObject(labels)
})

test('of two that change it at once, the second decides anew from what the first has written', async () => {
  const { client, namespace } = await anApiServer()
  const { load } = await anIdentityIn(client, namespace)
  const [one, other] = [await load(), await load()]
  const announce = async (identity: typeof one) => {
    const { keys, announcement } = await announceCa(identity, Date.now())
    await identity.update((record) => announced(record, keys, announcement, since), signal)
    return identity.next?.fingerprint
  }
  const first = await announce(one)
  expect(await announce(other)).toBe(first)
  expect((await load()).next?.fingerprint).toBe(first)
})

test('a write whose answer was lost is told as soon as it is found out', async () => {
  const { client, namespace } = await anApiServer()
  const { store, load } = await anIdentityIn(client, namespace)
  const stored = await store.read(signal)
  if (stored === undefined) throw new Error('There is none')
  let answers = false
  const replace: typeof store.replace = async (...asked) => {
    const version = await store.replace(...asked)
    if (!answers) throw new Error('The connection was lost')
    return version
  }
  const identity = createOwnIdentity({ store: { ...store, replace }, clock }, { name: 'a' }, stored)
  const seen: (string | undefined)[] = []
  identity.onChange(() => seen.push(identity.next?.fingerprint))
  const { keys, announcement } = await announceCa(identity, Date.now())
  const announce = (): Promise<void> =>
    identity.update((record) => announced(record, keys, announcement, since), signal)
  await expect(announce()).rejects.toThrow('lost')
  answers = true
  await announce()
  expect(seen).toEqual([(await load()).next?.fingerprint])
  expect(seen[0]).toBeDefined()
})
