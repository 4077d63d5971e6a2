/** What is restored from a backup is what it was: under another uid, which Kubernetes chooses. */
import { Namespace, Pod, type Stored } from '@porpulsion/kube'
import { GROUP_VERSION, type RemoteApp } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { ExecutingAppKind, RemoteAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { isReady, NAMESPACE, twoClusters, type Agent, type TwoClusters } from './two-clusters.ts'

/** The cluster is lost: nobody is told. */
async function lose(a: Agent, app: Stored<RemoteApp>): Promise<void> {
  await a.stop()
  const free = { kind: 'merge' as const, body: { metadata: { finalizers: null } } }
  await a.client.patch(RemoteAppKind, app.metadata, free)
  await a.client.delete(RemoteAppKind, app.metadata)
}

/** As `kubectl apply` of a backup does: metadata that people may write, and the spec. */
async function restore(a: Agent, { metadata, spec }: Stored<RemoteApp>, name = metadata.name) {
  const { annotations = {}, finalizers = [] } = metadata
  return await a.client.create(RemoteAppKind, {
    apiVersion: GROUP_VERSION,
    kind: 'RemoteApp',
    metadata: { name, namespace: NAMESPACE, annotations, finalizers },
    spec,
  })
}

const podUids = async ({ b, namespaceAtB }: TwoClusters): Promise<string[]> => {
  const { items } = await b.client.list(Pod, { namespace: namespaceAtB })
  return items.map(({ metadata }) => metadata.uid).sort()
}

test('a restored app is taken for itself by its host: its pods stay, and it can be changed and deleted', async () => {
  const world = await twoClusters()
  const { a, b } = world
  await a.apply({ replicas: 2 })
  await a.until(isReady)
  const backup = await a.app()
  const pods = await podUids(world)

  await lose(a, backup)
  const restored = await restore(a, backup)
  expect(restored.metadata.uid).not.toBe(backup.metadata.uid)
  await a.start()
  await a.until(isReady)
  expect(await podUids(world)).toEqual(pods)
  expect((await b.hosted(a)).map(({ spec }) => spec.submitter.uid)).toEqual([backup.metadata.uid])

  await a.apply({ replicas: 1 })
  await a.until((status) => isReady(status) && status.replicas === 1)
  await a.delete()
  await a.untilGone()
  expect(await b.hosted(a)).toEqual([])
})

test('one that was deleted without word from its host, and is wanted again, is not deleted there', async () => {
  const world = await twoClusters()
  const { a, pair } = world
  await a.apply()
  await a.until(isReady)
  const backup = await a.app()
  const pods = await podUids(world)
  pair.cut()
  await a.workloads.apiHandlers.deleteRemoteApp!({
    params: { id: 'web' },
    query: { force: true },
    body: undefined,
    caller: { name: 'tester', role: 'operator' },
    origin: 'http://localhost:8000',
    note: () => undefined,
    signal: AbortSignal.timeout(10_000),
  })
  await a.untilGone()
  await restore(a, { ...backup, metadata: { ...backup.metadata, finalizers: [] } })
  await a.until(({ phase }) => phase !== 'Ready')
  pair.connect()
  await a.until(isReady)
  await a.workloads.whenIdle()
  expect(await podUids(world)).toEqual(pods)
})

test('a copy under another name is another app', async () => {
  const world = await twoClusters()
  const { a, b } = world
  await a.apply()
  await a.until(isReady)
  await restore(a, await a.app(), 'copy')
  await a.until(isReady, 'copy')
  expect((await b.hosted(a)).map(({ spec }) => spec.submitter.name).sort()).toEqual(['copy', 'web'])
  expect(await podUids(world)).toHaveLength(2)
})

test('a namespace that somebody deletes at the host, with all that runs there, is made again', async () => {
  const { a, b, namespaceAtB: namespace } = await twoClusters()
  await a.apply()
  await a.until(isReady)
  const [before] = await b.hosted(a)
  await b.client.delete(Namespace, { name: namespace })
  await b.untilObjects(ExecutingAppKind, namespace, (records) =>
    records.some(({ metadata }) => metadata.uid !== before?.metadata.uid),
  )
  await b.untilObjects(Pod, namespace, (pods) =>
    pods.some(({ status }) => status?.phase === 'Running'),
  )
  await a.until(isReady)
})

test('a dry run of a restored app is one of its change, not of another app', async () => {
  const { a, b } = await twoClusters()
  await a.apply()
  await a.until(isReady)
  const backup = await a.app()
  await lose(a, backup)
  await restore(a, backup)
  await a.start()
  await a.until(isReady)
  b.changeSettings({ totals: { apps: 1 } })
  const answer = await a.workloads.apiHandlers.createRemoteApp!({
    caller: { name: 'tester', role: 'operator' },
    origin: 'http://localhost:8000',
    note: () => undefined,
    params: {},
    query: { dryRun: 'peer' },
    body: { metadata: { name: 'web' }, spec: { ...backup.spec, replicas: 2 } },
    signal: AbortSignal.timeout(10_000),
  })
  expect(answer).toMatchObject({
    spec: { isUpdate: true },
    status: { verdict: 'Accepted', objections: [] },
  })
})
