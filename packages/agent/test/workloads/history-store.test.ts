/** What is stored of the history of an app, on a real API server. */
import { randomBytes } from 'node:crypto'
import { GROUP_VERSION, type RemoteAppSpec } from '@porpulsion/contract'
import { Secret, type KubeClient } from '@porpulsion/kube'
import { expect, test } from 'vitest'
import { withSpec, type AppHistory } from '../../src/workloads/app-history.ts'
import { RemoteAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { KubeAppHistoryStore } from '../../src/workloads/kube-app-history-store.ts'
import { anApiServer } from '../support/api-server.ts'

const signal = AbortSignal.timeout(60_000)
const time = '2026-01-01T00:00:00.000Z'
const name = 'porpulsion-history-web'

async function aStore() {
  const { client, namespace } = await anApiServer()
  const app = await client.create(RemoteAppKind, {
    apiVersion: GROUP_VERSION,
    kind: 'RemoteApp',
    metadata: { name: 'web', namespace },
    spec: { targetPeer: 'b', image: 'one' },
  })
  return { client, namespace, app, store: new KubeAppHistoryStore(client) }
}

/** Compresses to nothing less. */
const file = (): string => randomBytes(180 * 1024).toString('base64')

const withFiles = (files: readonly string[], image = 'one'): RemoteAppSpec => ({
  targetPeer: 'b',
  image,
  secrets: files.map((content, at) => ({
    name: `s${at}`,
    mountPath: `/s${at}`,
    binaryData: { content },
  })),
})

const historyOf = (specs: readonly RemoteAppSpec[]): AppHistory =>
  specs.reduce<AppHistory>((history, spec) => withSpec(history, { time, spec }), [])

async function sizeOf(client: KubeClient, namespace: string): Promise<number> {
  const { data = {} } = await client.get(Secret, { namespace, name })
  return Object.values(data).reduce((sum, value) => sum + Buffer.from(value, 'base64').length, 0)
}

test('what is written is read again, and only by who knows what it was is it replaced', async () => {
  const { app, store } = await aStore()
  const history = historyOf([
    { targetPeer: 'b', image: 'one' },
    { targetPeer: 'b', image: 'two' },
  ])
  const nothing = await store.read(app, signal)
  expect(nothing).toEqual({ history: [], secret: undefined, isOwned: false })
  await store.write(app, history, nothing, signal)
  const stored = await store.read(app, signal)
  expect(stored).toMatchObject({ history, isOwned: true })
  await store.write(app, history.slice(1), stored, signal)
  await expect(store.write(app, history, stored, signal)).rejects.toMatchObject({ status: 409 })
  await expect(store.write(app, history, nothing, signal)).rejects.toMatchObject({ status: 409 })
})

test('ten specs with the same large files cost little more than one', async () => {
  const { client, namespace, app, store } = await aStore()
  const files = [file(), file()]
  const history = historyOf(Array.from({ length: 10 }, (_, at) => withFiles(files, `image-${at}`)))
  await store.write(app, history, { secret: undefined }, signal)
  expect(await sizeOf(client, namespace)).toBeLessThan(420 * 1024)
  expect((await store.read(app, signal)).history).toEqual(history)
})

test('where ten do not fit into a Secret the oldest go, and the newest never', async () => {
  const { client, namespace, app, store } = await aStore()
  const largest = Array.from({ length: 4 }, () => withFiles([file(), file(), file()]))
  const history = historyOf(largest)
  await store.write(app, history, { secret: undefined }, signal)
  const stored = await store.read(app, signal)
  expect(stored.history).toEqual(history.slice(-1))
  expect(await sizeOf(client, namespace)).toBeLessThan(1024 * 1024)
})

test('what was an earlier namesake, or is damaged, or of a later version, is no history', async () => {
  const { client, namespace, app, store } = await aStore()
  const history = historyOf([
    { targetPeer: 'b', image: 'one', invented: 'later' } as RemoteAppSpec,
    { targetPeer: 'b', image: 'two' },
  ])
  await store.write(app, history, { secret: undefined }, signal)
  expect((await store.read(app, signal)).history).toEqual(history.slice(1))
  const namesake = { ...app, metadata: { ...app.metadata, uid: 'another' } }
  expect(await store.read(namesake, signal)).toMatchObject({ history: [], isOwned: false })
  const data = { 'history.json.br': Buffer.from('junk').toString('base64') }
  await client.patch(Secret, { namespace, name }, { kind: 'merge', body: { data } })
  expect(await store.read(app, signal)).toMatchObject({ history: [], isOwned: true })
})

test('a Secret of that name that is none of ours is left alone, and named', async () => {
  const { client, namespace, app, store } = await aStore()
  await client.create(Secret, { metadata: { namespace, name }, type: 'Opaque', data: {} })
  await expect(store.read(app, signal)).rejects.toMatchObject({
    code: 'RecordUnreadable',
    message: expect.stringContaining(`${namespace}/${name}`) as unknown,
  })
})
