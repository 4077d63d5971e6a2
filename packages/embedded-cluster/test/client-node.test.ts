/** An independent client's view: what @kubernetes/client-node does against a real API server works here too. */
import {
  AppsV1Api,
  CoreV1Api,
  type KubernetesListObject,
  type KubernetesObject,
  KubeConfig,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  V1ConfigMap,
  V1ObjectMeta,
  Watch,
} from '@kubernetes/client-node'
import { expect, onTestFinished, test } from 'vitest'
import { startEmbeddedCluster } from '../src/index.ts'
import { aDeployment } from './test-cluster.ts'

const namespace = 'default'

async function aClient(): Promise<KubeConfig> {
  const cluster = await startEmbeddedCluster({ workloads: false })
  onTestFinished(() => cluster.stop())
  const config = new KubeConfig()
  config.loadFromString(cluster.kubeconfig())
  return config
}

function aMap(name: string, data: Record<string, string> = {}): V1ConfigMap {
  const map = new V1ConfigMap()
  map.metadata = new V1ObjectMeta()
  map.metadata.name = name
  map.data = data
  return map
}

test('it lists page by page, over TLS, with the kubeconfig we give out', async () => {
  const core = (await aClient()).makeApiClient(CoreV1Api)
  for (const name of ['a', 'b', 'c']) {
    await core.createNamespacedConfigMap({ namespace, body: aMap(name) })
  }
  const first = await core.listNamespacedConfigMap({ namespace, limit: 2 })
  const rest = await core.listNamespacedConfigMap({
    namespace,
    limit: 2,
    _continue: first.metadata!._continue!,
  })
  expect([...first.items, ...rest.items].map(({ metadata }) => metadata?.name)).toEqual([
    'a',
    'b',
    'c',
  ])
})

test('it patches in every way it knows', async () => {
  const apps = (await aClient()).makeApiClient(AppsV1Api)
  await apps.createNamespacedDeployment({ namespace, body: aDeployment('web') })
  const target = { name: 'web', namespace }
  const patched = await apps.patchNamespacedDeployment(
    { ...target, body: [{ op: 'replace', path: '/spec/replicas', value: 2 }] },
    setHeaderOptions('Content-Type', PatchStrategy.JsonPatch),
  )
  expect(patched.spec?.replicas).toBe(2)
  const merged = await apps.patchNamespacedDeployment(
    { ...target, body: { spec: { replicas: 3 } } },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
  )
  expect(merged.spec?.replicas).toBe(3)
  const applied = await apps.patchNamespacedDeployment(
    { ...target, body: aDeployment('web', 4), fieldManager: 'test', force: true },
    setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
  )
  expect(applied.spec?.replicas).toBe(4)
  const entries = applied.metadata?.managedFields ?? []
  expect(entries.map(({ manager, operation }) => `${manager} ${operation}`)).toContain('test Apply')
})

test('its watch sees what happens', async () => {
  const config = await aClient()
  const core = config.makeApiClient(CoreV1Api)
  const { metadata } = await core.listNamespacedConfigMap({ namespace })
  const seen: string[] = []
  const complete = deferred()
  const controller = await new Watch(config).watch(
    `/api/v1/namespaces/${namespace}/configmaps`,
    { resourceVersion: metadata!.resourceVersion! },
    (phase: string, object: KubernetesObject) => {
      seen.push(`${phase} ${object.metadata?.name ?? ''}`)
      if (seen.length === 3) complete.resolve()
    },
    () => undefined,
  )
  onTestFinished(() => controller.abort())
  await core.createNamespacedConfigMap({ namespace, body: aMap('a') })
  await core.replaceNamespacedConfigMap({ name: 'a', namespace, body: aMap('a', { x: 'y' }) })
  await core.deleteNamespacedConfigMap({ name: 'a', namespace })
  await complete.promise
  expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a'])
})

test('its informer holds what is there', async () => {
  const config = await aClient()
  const core = config.makeApiClient(CoreV1Api)
  await core.createNamespacedConfigMap({ namespace, body: aMap('before') })
  const informer = makeInformer(
    config,
    `/api/v1/namespaces/${namespace}/configmaps`,
    (): Promise<KubernetesListObject<V1ConfigMap>> => core.listNamespacedConfigMap({ namespace }),
  )
  const after = deferred()
  informer.on('add', ({ metadata }) => {
    if (metadata?.name === 'after') after.resolve()
  })
  await informer.start()
  onTestFinished(() => informer.stop())
  await core.createNamespacedConfigMap({ namespace, body: aMap('after') })
  await after.promise
  expect(informer.list().map(({ metadata }) => metadata?.name)).toEqual(['before', 'after'])
})

test('its errors carry our status', async () => {
  const core = (await aClient()).makeApiClient(CoreV1Api)
  await expect(core.readNamespacedPod({ name: 'none', namespace })).rejects.toMatchObject({
    code: 404,
    body: expect.stringContaining('pods \\"none\\" not found') as string,
  })
})

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
