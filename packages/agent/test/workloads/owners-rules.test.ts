/** What an owner decides, from the submission to the pods: approvals, totals, dry runs, rules that change later. */
import { setTimeout as delay } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import type { Approval, AppSpec, AppSubmission, RemoteAppSpec } from '@porpulsion/contract'
import { Deployment, Pod, ResourceQuota, Secret } from '@porpulsion/kube'
import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/api/index.ts'
import { ExecutingAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { normaliseAppSpec } from '../../src/workloads/normalise-app-spec.ts'
import { specHash } from '../../src/workloads/spec-hash.ts'
import { isReady, twoClusters, type Agent } from './two-clusters.ts'

const web: Partial<RemoteAppSpec> = { image: 'porpulsion/hello' }
const owner: Caller = { name: 'olga', role: 'admin' }
const { signal } = new AbortController()

const listing = {
  caller: owner,
  origin: '',
  note: () => undefined,
  signal,
  params: {},
  query: {},
}

const waiting = (agent: Agent): readonly Approval[] => agent.workloads.heldApps.list()

async function oneWaits(agent: Agent): Promise<Approval> {
  for (;;) {
    const [approval] = waiting(agent).filter(({ state }) => state === 'Pending')
    if (approval !== undefined) return approval
    await delay(5)
  }
}

async function decide(agent: Agent, id: string, approved: boolean, note?: string) {
  return await agent.workloads.heldApps.decide(
    id,
    { approved, by: owner.name, ...(note !== undefined && { note }) },
    signal,
  )
}

describe('approval', () => {
  const asking = { approval: { required: true } }

  test('nothing of an app runs before somebody approved it, and then it does', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    b.changeSettings(asking)
    await a.apply(web)
    const status = await a.until(({ phase }) => phase === 'PendingApproval')
    expect(status.message).toMatch(/^Waits for approval since /)
    expect((await b.client.list(Deployment, { namespace: namespaceAtB })).items).toEqual([])
    expect(b.notifications).toMatchObject([
      { reason: 'ApprovalWaiting', about: { kind: 'ExecutingApp', namespace: namespaceAtB } },
    ])

    const approval = await oneWaits(b)
    expect(approval).toMatchObject({ kind: 'App', peer: 'a', isUpdate: false, image: web.image })
    await decide(b, approval.id, true, 'as agreed')
    const ready = await a.until(isReady)
    expect(ready.conditions.find(({ type }) => type === 'Approved')).toMatchObject({
      status: 'True',
      reason: 'Approved',
      message: expect.stringMatching(/^Approved by olga at .*: as agreed$/) as string,
    })
    expect(waiting(b)).toEqual([])
  })

  test('a rejection reaches the submitter with its note, and stands until the app changes', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings(asking)
    await a.apply(web)
    await decide(b, (await oneWaits(b)).id, false, 'not on Sundays')
    const status = await a.until(({ phase }) => phase === 'Rejected')
    expect(status.message).toContain('Rejected by olga: not on Sundays')
    await a.apply({ ...web, env: [{ name: 'DAY', value: 'monday' }] })
    await a.until(({ phase }) => phase === 'PendingApproval')
  })

  test('an approval is for what was shown: what changes meanwhile has to be looked at anew', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    b.changeSettings(asking)
    await a.apply(web)
    const harmless = await oneWaits(b)
    await a.apply({ image: 'porpulsion/ticker' })
    await b.untilObjects(
      ExecutingAppKind,
      namespaceAtB,
      ([record]) => record?.spec.app.image === 'porpulsion/ticker',
    )
    await oneWaits(b)
    expect(await decide(b, harmless.id, true)).toBeUndefined()
    expect((await b.client.list(Deployment, { namespace: namespaceAtB })).items).toEqual([])
  })

  test('what runs goes on while its update waits, and the diff says what would change', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    const secrets = (key: string) => [{ name: 'keys', mountPath: '/k', data: { key } }]
    await a.apply({ ...web, env: [{ name: 'MESSAGE', value: 'one' }], secrets: secrets('hunter2') })
    await a.until(isReady)
    b.changeSettings(asking)
    await a.apply({ ...web, env: [{ name: 'MESSAGE', value: 'two' }], secrets: secrets('hunter3') })
    const held = await a.until(({ conditions }) =>
      conditions.some(({ reason }) => reason === 'ApprovalPending'),
    )
    expect(held).toMatchObject({ phase: 'Ready' })
    expect(held.message).toMatch(/^The last change does not run: Waits for approval/)

    const { id } = await oneWaits(b)
    const detail = await b.workloads.heldApps.show(id, signal)
    expect(detail?.differences).toEqual([
      { path: 'env[MESSAGE].value', before: 'one', after: 'two' },
      { path: 'secrets[keys].data.key', before: '(secret)', after: '(secret)' },
    ])
    expect(JSON.stringify(detail)).not.toContain('hunter')
    await decide(b, id, true)
    await b.untilObjects(Deployment, namespaceAtB, ([live]) =>
      JSON.stringify(live?.spec?.template.spec?.containers[0]?.env).includes('two'),
    )
    await a.until(isReady)
  })

  test('replicas change without asking where the owner lets them, nothing else does', async () => {
    const { a, b } = await twoClusters()
    await a.apply(web)
    await a.until(isReady)
    b.changeSettings(asking)
    await a.apply({ ...web, replicas: 2 })
    await a.until((status) => isReady(status) && status.replicas === 2)
    expect(waiting(b)).toEqual([])
    b.changeSettings({ approval: { required: true, exemptReplicaChanges: false } })
    await a.apply({ ...web, replicas: 3 })
    await oneWaits(b)
  })

  test('deleting an app takes it out of the queue for good', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings(asking)
    await a.apply(web)
    const { id } = await oneWaits(b)
    await a.delete()
    await a.untilGone()
    expect(waiting(b)).toEqual([])
    expect(await decide(b, id, true)).toBeUndefined()
    expect(await b.hosted(a)).toEqual([])
  })

  test('the queue survives a restart of the host, with the values of secrets', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    b.changeSettings(asking)
    await a.apply({ ...web, secrets: [{ name: 'keys', mountPath: '/k', data: { key: 'v' } }] })
    const { id } = await oneWaits(b)
    await b.stop()
    await b.start()
    expect((await oneWaits(b)).id).toBe(id)
    await decide(b, id, true)
    await a.until(isReady)
    const secrets = (await b.client.list(Secret, { namespace: namespaceAtB })).items
    expect(secrets.length).toBeGreaterThan(0)
  })

  test('the rules are asked once more when it is approved', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings(asking)
    await a.apply(web)
    const { id } = await oneWaits(b)
    b.changeSettings({ images: { block: ['porpulsion/**'] } })
    await expect(decide(b, id, true)).rejects.toMatchObject({
      code: 'ApprovalRejected',
      message: expect.stringContaining('images.block') as string,
    })
  })

  test('when no approval is asked for any more, what waited runs', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings(asking)
    await a.apply(web)
    await a.until(({ phase }) => phase === 'PendingApproval')
    b.changeSettings({ approval: { required: false } })
    await a.until(isReady)
  })
})

describe('totals', () => {
  const submission = (name: string, spec: AppSpec): AppSubmission => ({
    name,
    namespace: 'porpulsion',
    generation: 1,
    epoch: 'e',
    spec,
    specHash: specHash({ name, spec }),
  })

  test('of fifty apps at once against a total of ten exactly ten run', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings({ totals: { apps: 10 } })
    const { name, fingerprint } = a.end.self
    const put = b.workloads.peerHandlers.putApp!
    const spec = normaliseAppSpec({ image: 'porpulsion/hello', replicas: 0 })
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        put({
          peer: { name, fingerprint },
          params: { uid: randomUUID() },
          query: {},
          body: submission(`app-${index}`, spec),
          signal,
        }),
      ),
    )
    const count = (verdict: string) => verdicts.filter((one) => one.verdict === verdict).length
    expect(count('Accepted')).toBe(10)
    expect(new Set(verdicts.map(({ reason }) => reason))).toEqual(
      new Set(['Accepted', 'TotalExceeded']),
    )
    expect(await b.hosted(a)).toHaveLength(10)
  })

  test('an app that is sent twice at once is taken twice, and is one', async () => {
    const { a, b } = await twoClusters()
    const { name, fingerprint } = a.end.self
    const put = b.workloads.peerHandlers.putApp!
    const spec = normaliseAppSpec({ image: 'porpulsion/hello', replicas: 0 })
    const body = submission('web', spec)
    const request = { peer: { name, fingerprint }, params: { uid: randomUUID() }, query: {}, body }
    const verdicts = await Promise.all([1, 2, 3].map(() => put({ ...request, signal })))
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['Accepted', 'Accepted', 'Accepted'])
    expect(await b.hosted(a)).toHaveLength(1)
  })

  test('pods that ended take no room', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    b.changeSettings({ totals: { pods: 2 } })
    await a.apply(web)
    await a.until(isReady)
    const [running] = (await b.client.list(Pod, { namespace: namespaceAtB })).items
    // As an evicted one is left: the app's, and no ReplicaSet's any more.
    const { 'pod-template-hash': _, ...labels } = running!.metadata.labels!
    await b.client.create(Pod, {
      metadata: { name: 'ended', namespace: namespaceAtB, labels },
      spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'porpulsion/none' }] },
      status: { phase: 'Failed' },
    })
    await a.apply({ ...web, replicas: 2 })
    await a.until((status) => isReady(status) && status.replicas === 2)
  })

  test('room that becomes free is given to who asked for it', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings({ totals: { apps: 1 } })
    await a.apply(web, 'first')
    await a.until(isReady, 'first')
    await a.apply(web, 'second')
    const status = await a.until(({ phase }) => phase === 'Rejected', 'second')
    expect(status.message).toContain('no room left for it in the 1 apps that all peers share')
    await a.delete('first')
    await a.untilGone('first')
    // A refusal stands until the app or the rules change.
    await a.apply({ ...web, env: [{ name: 'TRY', value: 'again' }] }, 'second')
    await a.until(isReady, 'second')
  })

  test('storage that was kept goes on counting, and is its app’s own when that comes back', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings({ storage: { enabled: true }, totals: { storage: '2Gi' } })
    const kept = (storage: string): Partial<RemoteAppSpec> => ({
      ...web,
      pvcs: [{ name: 'data', mountPath: '/data', storage, retain: true }],
    })
    await a.apply(kept('1500Mi'), 'one')
    await a.until(isReady, 'one')
    await a.delete('one')
    await a.untilGone('one')
    await a.apply(kept('1Gi'), 'two')
    const status = await a.until(({ phase }) => phase === 'Rejected', 'two')
    expect(status.message).toContain('totals.storage')
    await a.apply(kept('1500Mi'), 'one')
    await a.until(isReady, 'one')
  })

  test('a total of one peer is enforced by Kubernetes as well', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    b.changeSettings({ peers: { a: { totals: { pods: 3 } } } })
    await a.apply(web)
    await a.until(isReady)
    const quota = await b.client.get(ResourceQuota, { namespace: namespaceAtB, name: 'porpulsion' })
    expect(quota.spec?.hard).toMatchObject({ pods: '3' })
    b.changeSettings({ peers: { a: { totals: { pods: 4 } } } })
    await b.untilObjects(ResourceQuota, namespaceAtB, ([one]) => one?.spec?.hard?.['pods'] === '4')
  })
})

test('what Kubernetes refused under the old rules runs under the new ones', async () => {
  const { a, b } = await twoClusters()
  await a.apply(web, 'first')
  await a.until(isReady, 'first')
  // At once: the quota of the namespace still allows no claims when the app arrives.
  b.changeSettings({ storage: { enabled: true } })
  await a.apply({ ...web, pvcs: [{ name: 'data', mountPath: '/data', storage: '1Gi' }] })
  await a.until(isReady)
})

describe('a dry run', () => {
  const check = async (agent: Agent, spec: Partial<RemoteAppSpec>, name = 'web') =>
    await agent.workloads.apiHandlers.createRemoteApp!({
      caller: owner,
      origin: 'http://localhost:8000',
      note: () => undefined,
      signal,
      params: {},
      query: { dryRun: 'peer' },
      body: { metadata: { name }, spec: { targetPeer: 'b', image: 'porpulsion/hello', ...spec } },
    })

  test('says what would then be used of what the owner gives this peer, and nothing of what all share', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings({ totals: { apps: 50 } })
    const limits = { requests: {}, limits: { cpu: '250m' } }
    const before = await check(a, { replicas: 3, resources: limits })
    expect(before).toMatchObject({ kind: 'AppCheck', status: { verdict: 'Accepted' } })
    expect(before).not.toHaveProperty('status.ofTotals')

    b.changeSettings({ peers: { a: { totals: { pods: 10, cpu: '2' } } } })
    expect(await check(a, { replicas: 3, resources: limits })).toMatchObject({
      status: {
        ofTotals: {
          used: { apps: 1, pods: 3, cpu: '750m' },
          limits: { apps: 0, pods: 10, cpu: '2' },
        },
      },
    })
  })

  test('tells everything at once, and makes nothing', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings({
      images: { block: ['docker.io/evil/**'] },
      resources: { maxReplicasPerApp: 2, defaults: { limits: { cpu: '1' } } },
    })
    const answer = await check(a, { image: 'evil/miner', replicas: 9 })
    expect(answer).toMatchObject({
      kind: 'AppCheck',
      spec: { targetPeer: 'b', isUpdate: false },
      status: {
        verdict: 'Refused',
        objections: [{ reason: 'ImageBlocked' }, { reason: 'TooManyReplicas' }],
        filledIn: [
          { path: 'resources.limits.cpu', value: '1', setting: 'resources.defaults.limits.cpu' },
          { path: 'resources.requests.cpu' },
        ],
      },
    })
    expect(await b.hosted(a)).toEqual([])
    await expect(a.app()).rejects.toMatchObject({ status: 404 })
  })

  test('of an app that runs counts it once, and says when it would have to be approved', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings({ totals: { apps: 1 } })
    await a.apply(web)
    await a.until(isReady)
    expect(await check(a, { replicas: 2 })).toMatchObject({
      spec: { isUpdate: true },
      status: { verdict: 'Accepted' },
    })
    expect(await check(a, {}, 'another')).toMatchObject({
      status: { verdict: 'Refused', objections: [{ reason: 'TotalExceeded' }] },
    })
    b.changeSettings({ approval: { required: true } })
    expect(await check(a, { image: 'porpulsion/ticker' })).toMatchObject({
      status: { verdict: 'ApprovalPending' },
    })
  })
})

describe('rules that change under what runs', () => {
  test('list who breaks them, and stop it only on the owner’s word; it runs again when they allow it', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply(web)
    await a.until(isReady)
    b.changeSettings({ images: { block: ['porpulsion/hello'] } })
    const { apiHandlers } = b.workloads
    const listed = await apiHandlers.listViolations!({ ...listing, body: undefined })
    expect(listed.items).toMatchObject([
      { peer: 'a', app: 'web', objections: [{ reason: 'ImageBlocked' }] },
    ])
    expect(await a.app()).toMatchObject({ status: { phase: 'Ready' } })

    await apiHandlers.stopViolations!({ ...listing, body: {} })
    const status = await a.until(({ phase }) => phase === 'Rejected')
    expect(status.message).toContain('images.block')
    await b.untilNone(Pod, namespaceAtB)

    b.changeSettings({ images: {} })
    await a.until(isReady)
    expect((await apiHandlers.listViolations!({ ...listing, body: undefined })).items).toEqual([])
  })

  test('what was stopped asks for approval where that is needed now', async () => {
    const { a, b } = await twoClusters()
    await a.apply(web)
    await a.until(isReady)
    b.changeSettings({ images: { block: ['porpulsion/hello'] } })
    await b.workloads.apiHandlers.stopViolations!({ ...listing, body: {} })
    await a.until(({ phase }) => phase === 'Rejected')
    b.changeSettings({ images: {}, approval: { required: true } })
    await decide(b, (await oneWaits(b)).id, true)
    await a.until(isReady)
  })

  test('a higher security level is given to what runs, and what cannot keep it is listed', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply(web)
    await a.apply({ ...web, securityContext: { runAsUser: 0 } }, 'root')
    await a.until(isReady)
    await a.until(isReady, 'root')
    b.changeSettings({ pods: { securityLevel: 'restricted' } })
    await b.untilObjects(Deployment, namespaceAtB, (all) =>
      all.some(({ spec }) => spec?.template.spec?.securityContext?.runAsNonRoot === true),
    )
    const { items } = await b.workloads.apiHandlers.listViolations!({ ...listing, body: undefined })
    expect(items.map(({ app }) => app)).toEqual(['root'])
  })
})
