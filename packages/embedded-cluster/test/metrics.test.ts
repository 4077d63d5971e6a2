/* eslint-disable @typescript-eslint/no-unsafe-member-access -- answers are walked into as JSON; a field that is missing fails the assertion */
import { expect, test } from 'vitest'
import { Kinds } from '../src/registry/kinds.ts'
import { aPod, inDefault } from './support/builders.ts'
import { until } from './support/watching.ts'
import { aCluster, type Json, type TestApi } from './test-cluster.ts'

const metrics = '/apis/metrics.k8s.io/v1beta1'

async function withPods(...pods: readonly ReturnType<typeof aPod>[]): Promise<TestApi> {
  const api = await aCluster({ workloads: true, runtime: { allowHostProcesses: true } })
  const { registry } = api.cluster
  for (const pod of pods) {
    await registry.create(Kinds.Pod, pod)
    const key = inDefault(pod.metadata?.name ?? '')
    await until(registry, Kinds.Pod, key, ({ status }) => status?.phase === 'Running')
  }
  return api
}

const busy = (name: string): ReturnType<typeof aPod> =>
  aPod(name, { image: 'porpulsion/command', command: ['sh', '-c', 'while :; do :; done'] })

test('discovery tells that there are figures, and that they can only be read', async () => {
  const { call } = await aCluster()
  const groups = await call('GET', '/apis')
  expect(groups.body.groups).toContainEqual(
    expect.objectContaining({
      name: 'metrics.k8s.io',
      versions: [{ groupVersion: 'metrics.k8s.io/v1beta1', version: 'v1beta1' }],
    }),
  )
  expect((await call('GET', metrics)).body.resources).toMatchObject([
    { name: 'nodes', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'pods', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ])
  expect(await call('DELETE', `${metrics}/namespaces/default/pods/web`)).toMatchObject({
    status: 405,
  })
})

test('a pod that works hard uses CPU, what it started included; one that waits uses memory alone', async () => {
  const { call } = await withPods(busy('hard'), aPod('calm'))
  const answer = await call('GET', `${metrics}/namespaces/default/pods`)
  expect(answer.body).toMatchObject({
    kind: 'PodMetricsList',
    apiVersion: 'metrics.k8s.io/v1beta1',
  })
  const items = answer.body.items as readonly Json[]
  const usage = (index: number, what: 'cpu' | 'memory'): number =>
    parseInt(items[index].containers[0].usage[what] as string)
  expect(items[1]).toMatchObject({
    metadata: { name: 'hard', namespace: 'default', labels: { app: 'hard' } },
    window: expect.stringMatching(/^\d+\.\d{3}s$/) as string,
    containers: [{ name: 'app' }],
  })
  expect(usage(1, 'cpu')).toBeGreaterThan(50_000_000)
  expect(usage(0, 'cpu')).toBeLessThan(500_000_000)
  expect(usage(0, 'memory')).toBeGreaterThan(20_000)
})

test('figures are chosen by label, name and namespace', async () => {
  const { call } = await withPods(aPod('one'), aPod('two'))
  const names = async (path: string): Promise<Json> => {
    const answer = await call('GET', `${metrics}${path}`)
    return (answer.body.items as Json[]).map((item) => item.metadata.name as string)
  }
  expect(await names('/pods')).toEqual(['one', 'two'])
  expect(await names('/namespaces/default/pods?labelSelector=app%3Dtwo')).toEqual(['two'])
  expect(await names('/namespaces/kube-system/pods')).toEqual([])
  expect((await call('GET', `${metrics}/namespaces/default/pods/one`)).body).toMatchObject({
    kind: 'PodMetrics',
    metadata: { name: 'one' },
  })
  expect(await call('GET', `${metrics}/namespaces/default/pods/three`)).toMatchObject({
    status: 404,
    body: { message: 'pods.metrics.k8s.io "three" not found' },
  })
})

test('the node has the figures of the machine', async () => {
  const { call, cluster } = await withPods()
  const answer = await call('GET', `${metrics}/nodes`)
  const [node] = cluster.registry.list(Kinds.Node).items
  expect(answer.body.items).toHaveLength(1)
  expect(answer.body.items[0]).toMatchObject({
    kind: 'NodeMetrics',
    metadata: { name: node?.metadata.name },
    usage: { cpu: expect.stringMatching(/^\d+n$/) as string },
  })
  expect(parseInt(answer.body.items[0].usage.memory as string)).toBeGreaterThan(10_000)
})
