import { mkdtemp, cp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  defaultSettings,
  PorpulsionError,
  type PeerEndpointName,
  type RemoteAppSpec,
} from '@porpulsion/contract'
import { Deployment } from '@porpulsion/kube'
import { describe, expect, onTestFinished, test } from 'vitest'
import { noAudit } from '../../src/audit/index.ts'
import { ExecutingAppKind, RemoteAppKind as appKind } from '../../src/workloads/kube-app-kinds.ts'
import { MemoryPair } from './memory-links.ts'
import { aCluster, Agent, clientOf, isReady, sideOf, twoClusters } from './two-clusters.ts'
import { SkippingClock } from './skipping-clock.ts'

const web: Partial<RemoteAppSpec> = { replicas: 1, ports: [{ port: 8080 }] }
const MINUTE = 60_000

describe('a link that breaks', () => {
  test.each<[PeerEndpointName, 'request' | 'answer']>([
    ['putApp', 'request'],
    ['putApp', 'answer'],
    ['putStatus', 'request'],
    ['putStatus', 'answer'],
    ['postInventory', 'answer'],
  ])('at the %s of a %s loses nothing of a new app', async (endpoint, at) => {
    const { a, b, pair } = await twoClusters()
    const broken = pair.cutAt(endpoint, at)
    await a.apply(web)
    // Inventories go out on their own time only; a change of rules brings the next one on.
    if (endpoint === 'postInventory') b.changeSettings({ ...defaultSettings })
    await broken
    pair.connect()
    await a.until(isReady)
    expect(await b.hosted(a)).toHaveLength(1)
  })

  test('does not lose an update made meanwhile', async () => {
    const { a, b, pair } = await twoClusters()
    await a.apply(web)
    await a.until(isReady)
    pair.cut()
    await a.apply({ ...web, replicas: 2 })
    pair.connect()
    await a.until((status) => isReady(status) && status.replicas === 2)
    expect(await b.hosted(a)).toHaveLength(1)
  })

  test.each(['request', 'answer'] as const)(
    'at the %s of a deletion leaves nothing behind',
    async (at) => {
      const { a, b, pair, namespaceAtB } = await twoClusters()
      await a.apply(web)
      await a.until(isReady)
      const broken = pair.cutAt('deleteApp', at)
      await a.delete()
      await broken
      pair.connect()
      await a.untilGone()
      await b.untilNone(ExecutingAppKind, namespaceAtB)
    },
  )

  test('does not hide what happened to an app meanwhile', async () => {
    const { a, b, pair, namespaceAtB } = await twoClusters()
    await a.apply({ ...web, replicas: 2 })
    await a.until(isReady)
    const [record] = await b.hosted(a)
    pair.cut()
    await b.client.patch(ExecutingAppKind, record!.metadata, {
      kind: 'merge',
      body: { spec: { app: { image: 'nosuch/image' } } },
    })
    await b.untilObjects(
      ExecutingAppKind,
      namespaceAtB,
      ([app]) => app?.status?.conditions.some(({ reason }) => reason === 'DeployFailed') ?? false,
    )
    pair.connect()
    await b.untilObjects(
      ExecutingAppKind,
      namespaceAtB,
      ([app]) => app?.spec.app.image === 'porpulsion/hello',
    )
    await a.until(isReady)
  })

  test('is shown with the age of what is known, never green', async () => {
    const { a, pair, clock } = await twoClusters()
    await a.apply(web)
    const before = await a.until(isReady)
    pair.cut()
    clock.skip(15_000)
    const lost = await a.until(({ phase }) => phase === 'Unknown')
    expect(lost.message).toContain(
      `Was Ready as of ${before.observedAt ?? '?'}. The link to peer "b" is down since`,
    )
    expect(lost.message).toContain('connection refused')
    expect(lost.conditions.find(({ type }) => type === 'Ready')?.status).toBe('Unknown')
    pair.connect()
    const back = await a.until(isReady)
    expect(back.observedAt).toBe(before.observedAt)
  })

  test('for a moment only is nobody’s business', async () => {
    const { a, pair, clock } = await twoClusters()
    await a.apply(web)
    await a.until(isReady)
    clock.skip(20_000)
    await a.workloads.whenIdle()
    const before = await a.app()
    pair.cut()
    pair.connect()
    await a.workloads.whenIdle()
    expect((await a.app()).metadata.resourceVersion).toBe(before.metadata.resourceVersion)
  })
})

describe('a deletion whose host is away', () => {
  test('says for whom it waits, and ends when the host is back', async () => {
    const { a, b, pair, namespaceAtB } = await twoClusters()
    await a.apply(web)
    await a.until(isReady)
    pair.cut()
    await a.delete()
    const status = await a.until(({ deletion }) => deletion !== undefined)
    expect(status.phase).toBe('Deleting')
    expect(status.message).toMatch(/^Deleting, waiting for peer b since \d{4}-/)
    pair.connect()
    await a.untilGone()
    await b.untilNone(ExecutingAppKind, namespaceAtB)
  })

  test('does not wait when told so; the host is told when it is back', async () => {
    const { a, b, pair, namespaceAtB } = await twoClusters()
    const app = await a.apply(web)
    await a.until(isReady)
    pair.cut()
    const id = app.metadata.uid
    await a.workloads.apiHandlers.deleteRemoteApp!({
      params: { id },
      query: { force: true },
      body: undefined,
      signal: new AbortController().signal,
      caller: { name: 'tester', role: 'operator' },
      origin: 'http://localhost:8000',
      note: () => undefined,
    })
    await a.untilGone()
    expect(a.notifications.at(-1)).toMatchObject({ reason: 'AppDeletedUnconfirmed' })
    expect(a.notifications.at(-1)?.message).toContain('Service/web')
    expect(await b.hosted(a)).toHaveLength(1)
    await a.stop()
    await a.start()
    pair.connect()
    await b.untilNone(ExecutingAppKind, namespaceAtB)
  })

  test('waits an hour at most', async () => {
    const { a, b, pair, clock, namespaceAtB } = await twoClusters()
    await a.apply(web)
    await a.until(isReady)
    pair.cut()
    await a.delete()
    await a.until(({ deletion }) => deletion !== undefined)
    clock.skip(61 * MINUTE)
    await a.untilGone()
    pair.connect()
    await b.untilNone(ExecutingAppKind, namespaceAtB)
  })
})

describe('absence is a question', () => {
  test('an app that its submitter deleted without a word is removed after it was asked', async () => {
    const { a, b, pair, namespaceAtB } = await twoClusters()
    const app = await a.apply(web)
    await a.until(isReady)
    pair.cut()
    await a.stop()
    // Gone without finalizer, as after a restore from a backup that never had it.
    await a.client.patch(appKind, app.metadata, {
      kind: 'merge',
      body: { metadata: { finalizers: null } },
    })
    await a.delete()
    await a.start()
    pair.connect()
    await b.untilNone(ExecutingAppKind, namespaceAtB)
  })

  test('many at once are kept, and the operator is asked', async () => {
    const { a, b, pair, namespaceAtB } = await twoClusters()
    const names = Array.from({ length: 7 }, (_, index) => `app-${index}`)
    const apps = await Promise.all(
      names.map((name) => a.apply({ image: 'porpulsion/ticker', replicas: 0 }, name)),
    )
    await Promise.all(names.map((name) => a.until(isReady, name)))
    pair.cut()
    await a.stop()
    for (const { metadata } of apps) {
      await a.client.patch(appKind, metadata, {
        kind: 'merge',
        body: { metadata: { finalizers: null } },
      })
      await a.delete(metadata.name)
    }
    await a.start()
    pair.connect()
    await b.workloads.whenIdle()
    await expect
      .poll(() => b.notifications.map(({ reason }) => reason))
      .toContain('TooManyDeletions')
    expect((await b.client.list(ExecutingAppKind, { namespace: namespaceAtB })).items).toHaveLength(
      7,
    )
  })

  test.each<[string, PorpulsionError, number]>([
    ['does not know yet', new PorpulsionError('Unavailable', 'AppUnknownHere', 'not read yet'), 1],
    ['fails', new PorpulsionError('Internal', 'InternalError', 'oops'), 1],
    ['says that there is no such thing', new PorpulsionError('NotFound', 'RouteNotFound', '?'), 1],
    ['says that it was deleted', new PorpulsionError('NotFound', 'AppGone', 'deleted'), 0],
  ])(
    'a submitter that %s when asked is taken at its word, and no further',
    async (_what, answer, left) => {
      const { a, b, namespaceAtB } = await twoClusters()
      const app = await a.apply(web)
      await a.until(isReady)
      const asked = new Promise<void>((resolve) => {
        a.end.handlers = {
          ...a.end.handlers,
          postInventory: () => Promise.resolve({ wanted: [], unknown: [app.metadata.uid] }),
          getAppClaim: () => {
            resolve()
            return Promise.reject(answer)
          },
          putStatus: () => Promise.resolve(undefined),
        }
      })
      b.changeSettings({ ...defaultSettings })
      await asked
      await b.workloads.whenIdle()
      await b.untilObjects(ExecutingAppKind, namespaceAtB, (all) => all.length === left)
    },
  )

  test('a submitter that has not read its cluster yet costs nobody an app', async () => {
    const { a, b } = await twoClusters()
    await a.apply(web)
    await a.until(isReady)
    await a.stop()
    const fresh = new Agent(a.end.self, a.cluster, a.clock)
    // Its handlers answer while its caches are still empty.
    const { createWorkloads } = await import('../../src/workloads/index.ts')
    const unsynced = createWorkloads(
      {
        client: fresh.client,
        clock: a.clock,
        random: { next: () => 0.5 },
        report: () => undefined,
        identity: a.end.self,
        links: a.end.links,
        directory: a.end.directory,
        settings: { current: () => defaultSettings, onChange: () => () => undefined },
        logger: (await import('../../src/observability/index.ts')).createLogger({
          level: 'silent',
          agent: 'a',
        }),
        publish: () => undefined,
        notify: () => Promise.resolve(),
        alarms: { raise: () => Promise.resolve(), resolve: () => Promise.resolve() },
        audit: noAudit,
      },
      {
        namespace: 'porpulsion',
        agentVersion: '0',
        podsReachable: true,
        hosting: { namespaces: 'managed' },
      },
    )
    const [record] = await b.hosted(a)
    const ask = {
      params: { uid: record!.spec.submitter.uid },
      query: {},
      signal: new AbortController().signal,
      peer: b.end.self,
    }
    await expect(
      unsynced.peerHandlers.getAppClaim!({ ...ask, body: undefined }),
    ).rejects.toMatchObject({ kind: 'Unavailable', code: 'AppUnknownHere' })
    await expect(
      unsynced.peerHandlers.postInventory!({
        ...ask,
        body: { bootId: 'x', policyRevision: 'x', apps: [] },
      }),
    ).rejects.toMatchObject({ kind: 'Unavailable' })
  })
})

describe('a restart', () => {
  test('of the host, whose cache is empty then, changes nothing', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply(web)
    const before = await a.until(isReady)
    const [deployment] = (await b.client.list(Deployment, { namespace: namespaceAtB })).items
    await b.stop()
    await b.start()
    await b.workloads.whenIdle()
    await a.apply({ ...web, replicas: 2 })
    await a.until((status) => isReady(status) && status.replicas === 2)
    const [after] = (await b.client.list(Deployment, { namespace: namespaceAtB })).items
    expect(after?.metadata.uid).toBe(deployment?.metadata.uid)
    expect(before.hostBootId).not.toBe((await a.app()).status?.hostBootId)
  })

  test('of the submitter in mid-deployment goes on where it was', async () => {
    const { a, b, pair } = await twoClusters()
    const broken = pair.cutAt('putApp', 'answer')
    await a.apply(web)
    await broken
    await a.stop()
    await a.start()
    pair.connect()
    await a.until(isReady)
    expect(await b.hosted(a)).toHaveLength(1)
  })

  test('of both in the middle of an update ends in agreement', async () => {
    const { a, b } = await twoClusters()
    await a.apply(web)
    await a.until(isReady)
    await a.apply({ ...web, replicas: 2 })
    await Promise.all([a.stop(), b.stop()])
    await Promise.all([a.start(), b.start()])
    await a.until(
      (status, app) =>
        isReady(status) &&
        status.replicas === 2 &&
        status.observedGeneration === app.metadata.generation,
    )
  })
})

test('a submitter restored from a backup is believed, though its generations went back', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-test-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const clock = new SkippingClock()
  const a = new Agent(sideOf('a'), await aCluster('a', join(dir, 'live')), clock)
  const b = new Agent(sideOf('b'), await aCluster('b'), clock)
  a.end.addPeer(b.end.self)
  b.end.addPeer(a.end.self)
  const pair = new MemoryPair(a.end, b.end)
  pair.connect()
  onTestFinished(async () => {
    await Promise.all([a.stop(), b.stop()])
  })
  await Promise.all([a.start(), b.start()])
  await a.apply({ ...web, env: [{ name: 'MESSAGE', value: 'first' }] })
  await a.until(isReady)

  await a.stop()
  await a.cluster.stop()
  await cp(join(dir, 'live'), join(dir, 'backup'), { recursive: true })
  a.cluster = await aCluster('a', join(dir, 'live'))
  a.client = clientOf(a.cluster)
  await a.start()
  for (const value of ['second', 'third'])
    await a.apply({ ...web, env: [{ name: 'MESSAGE', value }] })
  await a.apply({ image: 'porpulsion/ticker' }, 'since')
  await a.until(
    (status, app) => isReady(status) && status.observedGeneration === app.metadata.generation,
  )
  await a.until(isReady, 'since')

  await a.stop()
  await a.cluster.stop()
  a.cluster = await aCluster('a', join(dir, 'backup'))
  a.client = clientOf(a.cluster)
  await a.start()
  await a.until(
    (status, app) => isReady(status) && status.observedGeneration === app.metadata.generation,
  )
  const namespace = (await b.hosted(a))[0]!.metadata.namespace!
  // What the backup does not know was deleted, as far as the submitter can say.
  await b.untilObjects(
    ExecutingAppKind,
    namespace,
    ([record, ...others]) => others.length === 0 && record?.spec.app.env?.[0]?.value === 'first',
  )
  await a.until(isReady)
})
