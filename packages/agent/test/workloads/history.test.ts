/** What an app was before, and the way back to it. */
import type { RemoteAppSpec } from '@porpulsion/contract'
import { Secret } from '@porpulsion/kube'
import { expect, test } from 'vitest'
import type { Caller, NotedFacts } from '../../src/api/index.ts'
import { RemoteAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { isReady, NAMESPACE, operator, twoClusters, type Agent } from './two-clusters.ts'

const CANARY = 'canary-7f3a'
const withSecret: Partial<RemoteAppSpec> = {
  secrets: [{ name: 'keys', mountPath: '/etc/keys', data: { password: CANARY } }],
}

function api(agent: Agent, caller: Caller = operator) {
  const { apiHandlers } = agent.workloads
  const noted: NotedFacts[] = []
  const base = {
    caller,
    origin: 'http://localhost:8000',
    note: (facts: NotedFacts) => void noted.push(facts),
    signal: AbortSignal.timeout(10_000),
    query: {},
    params: { id: 'web' },
  }
  return {
    noted,
    create: (spec: RemoteAppSpec) =>
      apiHandlers.createRemoteApp!({
        ...base,
        params: {},
        body: { metadata: { name: 'web' }, spec },
      }),
    patch: (spec: Record<string, unknown>) =>
      apiHandlers.patchRemoteApp!({ ...base, body: { spec } }),
    scale: (replicas: number) => apiHandlers.scaleRemoteApp!({ ...base, body: { replicas } }),
    revisions: async () => (await apiHandlers.listRevisions!({ ...base, body: undefined })).items,
    rollback: (revision: number) => apiHandlers.rollbackRemoteApp!({ ...base, body: { revision } }),
  }
}

const histories = async ({ client }: Agent) =>
  (await client.list(Secret, { namespace: NAMESPACE })).items.filter(
    ({ type }) => type === 'porpulsion.io/app-history',
  )

test('every change is a revision, whoever wrote it and however', async () => {
  const { a } = await twoClusters()
  const alice = api(a, { name: 'alice', role: 'operator' })
  const ci = api(a, { name: 'token/ci', role: 'operator' })
  await alice.create({ targetPeer: 'b', image: 'porpulsion/hello' })
  await ci.patch({ env: [{ name: 'GREETING', value: 'hi' }] })
  await a.client.patch(
    RemoteAppKind,
    { namespace: NAMESPACE, name: 'web' },
    { kind: 'merge', body: { spec: { replicas: 2 } } },
  )
  await a.until((status, app) => isReady(status) && app.spec.replicas === 2)
  await a.workloads.whenIdle()
  expect(await alice.revisions()).toMatchObject([
    { revision: 3, isCurrent: true, changed: ['replicas'], spec: { replicas: 2 } },
    {
      revision: 2,
      isCurrent: false,
      changed: ['env[GREETING].name', 'env[GREETING].value'],
      by: 'token/ci',
    },
    { revision: 1, isCurrent: false, changed: [], by: 'alice' },
  ])
  expect((await alice.revisions())[0]).not.toHaveProperty('by')
})

test('what kubectl applies carries the name of its field manager', async () => {
  const { a } = await twoClusters()
  await a.apply()
  await a.workloads.whenIdle()
  expect(await api(a).revisions()).toMatchObject([{ revision: 1, by: 'user' }])
})

test('going back is a new revision, and brings back values of secrets that nobody is shown', async () => {
  const { a, b, namespaceAtB } = await twoClusters()
  await a.apply(withSecret)
  await a.until(isReady)
  const change = api(a)
  await change.patch({
    secrets: [{ name: 'keys', mountPath: '/etc/keys', data: { password: 'new' } }],
  })
  await change.patch({ secrets: null })
  const before = await change.revisions()
  expect(before.map(({ changed }) => changed)).toEqual([
    ['secrets[keys].name', 'secrets[keys].mountPath', 'secrets[keys].data.password'],
    ['secrets[keys].data.password'],
    [],
  ])
  expect(JSON.stringify(before)).not.toContain(CANARY)
  expect(before[2]!.spec.secrets).toEqual([
    { name: 'keys', mountPath: '/etc/keys', data: { password: '' } },
  ])

  const rolledBack = await change.rollback(1)
  expect(rolledBack.spec.secrets?.[0]?.data).toEqual({ password: CANARY })
  expect(change.noted.at(-1)).toEqual({ changes: before[0]!.changed })
  expect(await change.revisions()).toMatchObject([
    { revision: 4, isCurrent: true, by: 'tester' },
    { revision: 3, isCurrent: false },
    { revision: 2 },
    { revision: 1 },
  ])
  await b.untilObjects(Secret, namespaceAtB, (secrets) =>
    secrets.some(({ data }) => data?.['password'] === Buffer.from(CANARY).toString('base64')),
  )
})

test('a revision that is not kept is refused with those that are', async () => {
  const { a } = await twoClusters()
  await a.apply()
  await expect(api(a).rollback(7)).rejects.toMatchObject({
    code: 'RevisionNotFound',
    message: expect.stringContaining('7; those that are kept: 1') as unknown,
  })
})

test('going back to what breaks a rule of today is refused by the peer, like any change', async () => {
  const { a, b } = await twoClusters()
  await a.apply({ replicas: 3 })
  await a.until(isReady)
  await a.apply({ replicas: 1 })
  await a.until((status) => isReady(status) && status.replicas === 1)
  b.changeSettings({ resources: { maxReplicasPerApp: 2 } })
  await api(a).rollback(1)
  const status = await a.until(({ conditions }) =>
    conditions.some(({ reason }) => reason === 'TooManyReplicas'),
  )
  expect(status.replicas).toBe(1)
})

test('the history is one Secret of the app: it goes when the app goes, and a namesake has its own', async () => {
  const { a } = await twoClusters()
  await a.apply()
  await a.until(isReady)
  await a.apply({ replicas: 0 })
  await a.workloads.whenIdle()
  const [history] = await histories(a)
  expect(history!.metadata.ownerReferences).toMatchObject([{ kind: 'RemoteApp', name: 'web' }])
  await a.delete()
  await a.untilGone()
  await a.apply({ image: 'porpulsion/ticker' })
  await a.until(() => true)
  await a.workloads.whenIdle()
  expect(await api(a).revisions()).toMatchObject([
    { revision: 1, spec: { image: 'porpulsion/ticker' } },
  ])
})

test('what the host reports is no change: the Secret is written once for each spec', async () => {
  const { a } = await twoClusters()
  await a.apply()
  await a.until(isReady)
  await a.workloads.whenIdle()
  const [first] = await histories(a)
  const change = api(a)
  await a.workloads.apiHandlers.restartRemoteApp!({
    params: { id: 'web' },
    query: {},
    body: undefined,
    caller: operator,
    origin: '',
    note: () => undefined,
    signal: AbortSignal.timeout(10_000),
  })
  await a.until(isReady)
  await a.workloads.whenIdle()
  expect((await histories(a))[0]!.metadata.resourceVersion).toBe(first!.metadata.resourceVersion)
  await change.scale(2)
  await a.workloads.whenIdle()
  expect((await histories(a))[0]!.metadata.resourceVersion).not.toBe(
    first!.metadata.resourceVersion,
  )
})

test('a change made while the agent was away is there, and the history of a restored app goes on', async () => {
  const { a } = await twoClusters()
  await a.apply()
  await a.until(isReady)
  await a.workloads.whenIdle()
  await a.stop()
  await a.apply({ replicas: 2 })
  await a.start()
  await a.until((status) => isReady(status) && status.replicas === 2)
  await a.workloads.whenIdle()
  expect(await api(a).revisions()).toMatchObject([{ revision: 2 }, { revision: 1 }])

  await a.stop()
  const backup = await a.app()
  const [history] = await histories(a)
  await a.client.patch(RemoteAppKind, backup.metadata, {
    kind: 'merge',
    body: { metadata: { finalizers: [] } },
  })
  await a.delete()
  await a.untilGone()
  const { name, namespace, annotations } = backup.metadata
  const restored = await a.client.create(RemoteAppKind, {
    ...backup,
    metadata: { name, namespace: namespace!, annotations: annotations! },
  })
  if ((await histories(a)).length === 0) {
    const { metadata, type, data } = history!
    await a.client.create(Secret, {
      metadata: { namespace: NAMESPACE, name: metadata.name },
      type: type!,
      data: data!,
    })
  }
  await a.start()
  await a.until(isReady)
  await a.workloads.whenIdle()
  expect(await api(a).revisions()).toMatchObject([{ revision: 2 }, { revision: 1 }])
  expect((await histories(a))[0]!.metadata.ownerReferences).toMatchObject([
    { uid: restored.metadata.uid },
  ])
})
