import type { RemoteAppSpec } from '@porpulsion/contract'
import {
  ConfigMap,
  Deployment,
  isNotFound,
  KubeEvent,
  Pod,
  ResourceQuota,
  Secret,
  Service,
  type KubeObject,
  type ResourceKind,
} from '@porpulsion/kube'
import { describe, expect, test } from 'vitest'
import { ExecutingAppKind, RemoteAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { isReady, NAMESPACE, twoClusters, type Agent } from './two-clusters.ts'

const web: Partial<RemoteAppSpec> = {
  replicas: 2,
  ports: [{ port: 8080, name: 'http' }],
  readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
}

/** Everything an app can consist of at its host. */
const ownedKinds: readonly ResourceKind[] = [
  ExecutingAppKind,
  Deployment,
  Service,
  ConfigMap,
  Secret,
  Pod,
]

async function namesOf(agent: Agent, namespace: string): Promise<string[]> {
  const lists = await Promise.all(
    ownedKinds.map(async (kind) => {
      const { items } = await agent.client.list<KubeObject>(kind, {
        namespace,
        labelSelector: 'porpulsion.io/app',
      })
      return items.map(({ metadata }) => `${kind.kind}/${metadata.name}`)
    }),
  )
  return lists.flat()
}

describe('an app', () => {
  test('comes up at the peer, and its status comes back', async () => {
    const { a, b } = await twoClusters()
    await a.apply(web)
    const status = await a.until(isReady)
    expect(status).toMatchObject({
      readyReplicas: 2,
      replicas: 2,
      updatedReplicas: 2,
      serviceName: 'web',
    })
    expect(status.pods).toHaveLength(2)
    expect(status.conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Accepted=True',
      'Approved=True',
      'Deployed=True',
      'Ready=True',
      'Synced=True',
    ])
    const [record] = await b.hosted(a)
    expect(record).toMatchObject({
      spec: { peer: { name: 'a' }, submitter: { name: 'web', namespace: 'porpulsion' } },
      status: { phase: 'Ready' },
    })
    const { items } = await a.client.list(KubeEvent, { namespace: NAMESPACE })
    expect(items.map(({ reason }) => reason)).toContain('Ready')
  })

  test('is scaled, updated and restarted', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply({ ...web, replicas: 1 })
    await a.until(isReady)
    await a.apply({ ...web, replicas: 3 })
    await a.until((status) => isReady(status) && status.readyReplicas === 3)
    await a.apply({ ...web, replicas: 1, env: [{ name: 'MESSAGE', value: 'Hello again' }] })
    await a.until(
      (status, app) =>
        isReady(status) &&
        status.observedGeneration === app.metadata.generation &&
        status.replicas === 1,
    )
    const [before] = await podNames(b, namespaceAtB)
    await a.client.patch(
      RemoteAppKind,
      { namespace: NAMESPACE, name: 'web' },
      {
        kind: 'merge',
        body: {
          metadata: { annotations: { 'porpulsion.io/restarted-at': '2030-01-01T00:00:00Z' } },
        },
      },
    )
    await b.untilObjects(
      Pod,
      namespaceAtB,
      (pods) => pods.length === 1 && pods[0]!.metadata.name !== before,
    )
    await a.until(isReady)
    await a.apply({ ...web, replicas: 0 })
    const stopped = await a.until((status) => isReady(status) && status.replicas === 0)
    expect(stopped.conditions.find(({ type }) => type === 'Ready')?.reason).toBe('ScaledToZero')
  })

  test('gives up a probe it had', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply({ ...web, replicas: 1 })
    await a.until(isReady)
    await a.apply({ replicas: 1 })
    await a.until(
      (status, app) => isReady(status) && status.observedGeneration === app.metadata.generation,
    )
    const [deployment] = (await b.client.list(Deployment, { namespace: namespaceAtB })).items
    expect(deployment?.spec?.template.spec?.containers[0]?.readinessProbe).toBeUndefined()
    await b.untilNone(Service, namespaceAtB)
  })

  test('is deleted, and nothing of it is left', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply({
      ...web,
      configMaps: [{ name: 'conf', mountPath: '/etc/conf', data: { 'a.txt': 'x' } }],
      secrets: [{ name: 'keys', mountPath: '/etc/keys', data: { key: 'hunter2' } }],
    })
    await a.until(isReady)
    await a.delete()
    await a.untilGone()
    expect(await namesOf(b, namespaceAtB)).toEqual([])
  })

  test('that is created again under its name is a new app', async () => {
    const { a, b } = await twoClusters()
    const first = await a.apply(web)
    await a.until(isReady)
    const [firstRecord] = await b.hosted(a)
    await a.delete()
    await a.untilGone()
    const second = await a.apply(web)
    await a.until(isReady)
    const [record, ...others] = await b.hosted(a)
    expect(others).toEqual([])
    expect(record?.spec.submitter.uid).toBe(second.metadata.uid)
    expect(second.metadata.uid).not.toBe(first.metadata.uid)
    expect(record?.metadata.name).not.toBe(firstRecord?.metadata.name)
  })

  test('has its files and secret values where it wants them, and new values replace its pods', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    const withFiles = (value: string): Partial<RemoteAppSpec> => ({
      env: [
        { name: 'FROM_SECRET', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } },
        { name: 'FROM_CONFIG', valueFrom: { configMapKeyRef: { name: 'conf', key: 'a.txt' } } },
      ],
      configMaps: [{ name: 'conf', mountPath: '/etc/conf', data: { 'a.txt': 'x' } }],
      secrets: [{ name: 'keys', mountPath: '/etc/keys', data: { key: value } }],
    })
    await a.apply(withFiles('hunter2'))
    await a.until(isReady)
    const [record] = await b.hosted(a)
    expect(JSON.stringify(record)).not.toContain('hunter2')
    const [first] = await podNames(b, namespaceAtB)
    await a.apply(withFiles('hunter3'))
    await b.untilObjects(
      Pod,
      namespaceAtB,
      (pods) => pods.length === 1 && pods[0]!.metadata.name !== first,
    )
    const status = await a.until(
      (now, app) => isReady(now) && now.observedGeneration === app.metadata.generation,
    )
    expect(status.conditions.find(({ type }) => type === 'Deployed')?.status).toBe('True')
    const secrets = await b.client.list(Secret, {
      namespace: namespaceAtB,
      labelSelector: 'porpulsion.io/app',
    })
    const texts = JSON.stringify(secrets.items)
    expect(texts).toContain(Buffer.from('hunter3').toString('base64'))
    expect(texts).not.toContain(Buffer.from('hunter2').toString('base64'))
  })

  test('runs without any right at the API server of its host', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply(web)
    await a.until(isReady)
    const [pod] = (await b.client.list(Pod, { namespace: namespaceAtB })).items
    expect(pod?.spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
    })
  })

  test('that nobody needs a Service for has none, and one whose name is taken gets another', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply({ replicas: 1 }, 'plain')
    await a.until(isReady, 'plain')
    expect((await b.client.list(Service, { namespace: namespaceAtB })).items).toEqual([])
    await b.client.create(Service, {
      metadata: { name: 'web', namespace: namespaceAtB },
      spec: { ports: [{ port: 1 }] },
    })
    await a.apply(web)
    const { serviceName } = await a.until(isReady)
    expect(serviceName).toMatch(/^web-[a-z0-9]{10}$/)
  })
})

describe('edits at the host', () => {
  test('of a Deployment, a Service and a ConfigMap are undone', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply({
      ...web,
      replicas: 1,
      configMaps: [{ name: 'conf', mountPath: '/c', data: { f: 'x' } }],
    })
    await a.until(isReady)
    const [record] = await b.hosted(a)
    const name = record!.metadata.name
    const edit = { kind: 'merge' as const }
    const ref = (of: string) => ({ namespace: namespaceAtB, name: of })
    await b.client.patch(Deployment, ref(name), {
      ...edit,
      body: {
        spec: {
          replicas: 3,
          template: {
            spec: {
              containers: [
                { name: 'app', image: 'porpulsion/ticker' },
                { name: 'more', image: 'porpulsion/ticker' },
              ],
            },
          },
        },
      },
    })
    await b.client.patch(Service, ref('web'), {
      ...edit,
      body: { spec: { selector: { other: 'pods' } } },
    })
    await b.client.patch(ConfigMap, ref(`${name}.config.conf`), {
      ...edit,
      body: { data: { f: 'edited', more: 'files' } },
    })
    await b.untilObjects(Deployment, namespaceAtB, ([deployment]) => {
      const { replicas, template } = deployment!.spec!
      const containers = template.spec?.containers ?? []
      return (
        replicas === 1 && containers.length === 1 && containers[0]!.image === 'porpulsion/hello'
      )
    })
    await b.untilObjects(
      Service,
      namespaceAtB,
      ([service]) => service?.spec?.selector?.['other'] === undefined,
    )
    const [files] = await b.untilObjects(ConfigMap, namespaceAtB, (all) =>
      all.some(({ data }) => data?.['f'] === 'x'),
    )
    expect(Object.keys(files?.data ?? {})).not.toContain('more')
    await a.until(isReady)
  })

  test('of what was recorded are undone by asking the submitter again', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply({ ...web, replicas: 1 })
    await a.until(isReady)
    const [record] = await b.hosted(a)
    await b.client.patch(ExecutingAppKind, record!.metadata, {
      kind: 'merge',
      body: { spec: { app: { image: 'porpulsion/ticker' } } },
    })
    await b.untilObjects(
      ExecutingAppKind,
      namespaceAtB,
      ([app]) => app?.spec.app.image === 'porpulsion/hello',
    )
    const [deployment] = await b.untilObjects(Deployment, namespaceAtB, () => true)
    expect(deployment?.spec?.template.spec?.containers[0]?.image).toBe('porpulsion/hello')
  })

  test('by deleting the record bring the app back, because its submitter still wants it', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply({ ...web, replicas: 1 })
    await a.until(isReady)
    const [record] = await b.hosted(a)
    await b.client.delete(ExecutingAppKind, record!.metadata)
    const uid = record!.metadata.uid
    await b.untilObjects(
      ExecutingAppKind,
      namespaceAtB,
      ([app]) => app !== undefined && app.metadata.uid !== uid,
    )
    await a.until(isReady)
  })

  test('that take a Secret away are undone at the latest at the next full look', async () => {
    const { a, b, clock, namespaceAtB } = await twoClusters()
    await a.apply({
      ...web,
      replicas: 1,
      secrets: [{ name: 'keys', mountPath: '/k', data: { key: 'hunter2' } }],
    })
    await a.until(isReady)
    const [record] = await b.hosted(a)
    const ref = { namespace: namespaceAtB, name: `${record!.metadata.name}.secret.keys` }
    await b.client.delete(Secret, ref)
    clock.skip(13 * 60_000)
    await b.untilObjects(Secret, namespaceAtB, (all) =>
      all.some(({ metadata }) => metadata.name === ref.name),
    )
  })
})

describe('an app that does not work', () => {
  test('comes up when a quota that refused its Deployment is gone', async () => {
    const { a, b, clock, namespaceAtB } = await twoClusters()
    await a.apply(web)
    await a.until(isReady)
    const strict = { namespace: namespaceAtB, name: 'strict' }
    await b.client.create(ResourceQuota, {
      metadata: strict,
      spec: { hard: { 'count/deployments.apps': '1' } },
    })
    await a.apply(web, 'second')
    const { message } = await a.until(
      ({ conditions }) => conditions.some(({ reason }) => reason === 'DeployFailed'),
      'second',
    )
    expect(message).toContain('exceeded quota: strict')
    await b.workloads.whenIdle()
    await b.client.delete(ResourceQuota, strict)
    clock.skip(31_000)
    await a.until(isReady, 'second')
  })

  test('says which image cannot be pulled, and after its time that it is not ready', async () => {
    const { a, b, clock } = await twoClusters()
    await a.apply({ image: 'nosuch/image', readyTimeoutSeconds: 30 })
    const early = await a.until(({ conditions }) =>
      conditions.some(
        ({ type, reason }) => type === 'Ready' && /ErrImagePull|ImagePullBackOff/.test(reason),
      ),
    )
    expect(early.phase).toBe('Pending')
    expect(early.message).toContain('nosuch/image')
    clock.skip(31_000)
    const late = await a.until(({ phase }) => phase === 'Failed')
    expect(late.message).toMatch(
      /^Not ready after 30 s: (ErrImagePull|ImagePullBackOff): .*nosuch\/image/,
    )
    // Told before it is written, so twice when the write meets another; a list of them keeps one.
    for (const agent of [a, b])
      expect(new Set(agent.notifications.map(({ reason }) => reason))).toEqual(
        new Set(['AppNotReadyInTime']),
      )
  })

  test('shows the last words of a crashing container, also after it was ready once', async () => {
    const { a } = await twoClusters()
    await a.apply({ args: ['--nonsense'] }, 'crash')
    const status = await a.until(
      ({ pods }) =>
        pods?.[0]?.reason === 'CrashLoopBackOff' && /exit \d+: ./.test(pods[0].message ?? ''),
      'crash',
    )
    expect(status.pods?.[0]?.restarts).toBeGreaterThan(0)
    expect(status.conditions.find(({ type }) => type === 'Ready')?.message).toMatch(
      /^CrashLoopBackOff, exit \d+: \S/,
    )
    await a.apply({ image: 'porpulsion/ticker', args: ['--interval-ms', '50'] }, 'later')
    await a.until(isReady, 'later')
    await a.apply({ image: 'porpulsion/ticker', args: ['--nonsense'] }, 'later')
    await a.until(
      ({ conditions }) =>
        conditions.some(
          ({ type, status, observedGeneration }) =>
            type === 'Ready' && status === 'False' && observedGeneration === 2,
        ),
      'later',
    )
  })

  test('whose spec is wrong is rejected with the field, and accepted once it is mended', async () => {
    const { a, b } = await twoClusters()
    const env = (key: string) => [
      { name: 'A', valueFrom: { configMapKeyRef: { name: 'texts', key } } },
    ]
    const configMaps = [{ name: 'texts', mountPath: '/texts', data: { a: '1' } }]
    await a.apply({ configMaps, env: env('b') })
    const rejected = await a.until(({ phase }) => phase === 'Rejected')
    expect(rejected.message).toContain('spec.env[0].valueFrom.configMapKeyRef.key: is no key')
    expect(await b.hosted(a)).toEqual([])
    await a.apply({ configMaps, env: env('a') })
    await a.until(isReady)
  })

  test('for an unknown peer names the known ones, and deletes at once', async () => {
    const { a } = await twoClusters()
    await a.apply({ targetPeer: 'nobody' })
    const status = await a.until(({ message }) => message !== '')
    expect(status).toMatchObject({
      phase: 'Pending',
      message: 'There is no peer "nobody" (known peers: b)',
    })
    await a.delete()
    await expect(
      a.client.get(RemoteAppKind, { namespace: NAMESPACE, name: 'web' }),
    ).rejects.toSatisfy(isNotFound)
  })
})

describe('the rules of the host', () => {
  test('refuse an app with rule and limit, once, on both sides, until they change', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings({ images: { block: ['porpulsion/hello'] } })
    await a.apply(web)
    const status = await a.until(({ phase }) => phase === 'Rejected')
    expect(status.message).toBe(
      'Peer "b" refused it: Image docker.io/porpulsion/hello:latest is on the block list (images.block: "porpulsion/hello")',
    )
    expect(await b.hosted(a)).toEqual([])
    expect(b.notifications).toMatchObject([
      { reason: 'AppRefused', about: { kind: 'Peer', name: 'a' } },
    ])
    b.changeSettings({ images: {} })
    await a.until(isReady)
  })

  test('refuse an update and leave what runs', async () => {
    const { a, b } = await twoClusters()
    b.changeSettings({ resources: { maxReplicasPerApp: 2 } })
    await a.apply({ ...web, replicas: 1 })
    await a.until(isReady)
    await a.apply({ ...web, replicas: 9 })
    const status = await a.until(({ conditions }) =>
      conditions.some(({ type, status }) => type === 'Accepted' && status === 'False'),
    )
    expect(status).toMatchObject({ phase: 'Ready', replicas: 1 })
    expect(status.message).toContain('9 replicas are more than the 2 allowed')
    const [record] = await b.hosted(a)
    expect(record?.spec.app.replicas).toBe(1)
    await a.apply({ ...web, replicas: 2 })
    await a.until((now) => isReady(now) && now.replicas === 2)
  })
})

test('a namesake of a removed peer gets nothing that was meant for the first', async () => {
  const { a, b } = await twoClusters()
  await a.apply({ ...web, replicas: 1 })
  await a.until(isReady)
  a.end.removePeer('b')
  await a.until(({ phase }) => phase === 'Unknown')
  a.end.addPeer({ name: 'b', fingerprint: 'f'.repeat(64) })
  const status = await a.until(({ message }) => message?.includes('another cluster') ?? false)
  expect(status.phase).toBe('Unknown')
  expect(await b.hosted(a)).toHaveLength(1)
})

test('removing a peer ends everything that waits for it, and takes away what ran for it', async () => {
  const { a, b, pair, namespaceAtB } = await twoClusters()
  await a.apply({ ...web, replicas: 1 })
  await a.until(isReady)
  pair.cut()
  await a.delete()
  await a.until(({ deletion }) => deletion !== undefined)
  const peer = a.end.removePeer('b')
  await a.workloads.removePeer(peer, { executingApps: 'delete', remoteApps: 'keep' })
  await a.untilGone()
  const peerAtB = b.end.removePeer('a')
  const counts = await b.workloads.removePeer(peerAtB, {
    executingApps: 'delete',
    remoteApps: 'keep',
  })
  expect(counts.deletedExecutingApps).toBe(1)
  await b.untilNone(ExecutingAppKind, namespaceAtB)
})

async function podNames(agent: Agent, namespace: string): Promise<string[]> {
  const { items } = await agent.client.list(Pod, { namespace })
  return items.map(({ metadata }) => metadata.name)
}
