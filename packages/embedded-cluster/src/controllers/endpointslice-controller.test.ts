import type { ServicePort } from 'kubernetes-types/core/v1.js'
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js'
import { expect, test } from 'vitest'
import { aPod, inDefault, namespace } from '../../test/support/builders.ts'
import { controlledCluster, type ControlledCluster } from '../../test/support/controlled-cluster.ts'
import { untilAll } from '../../test/support/watching.ts'
import { Kinds } from '../registry/kinds.ts'

async function aService(
  { registry }: ControlledCluster,
  port: Partial<ServicePort> = {},
): Promise<void> {
  await registry.create(Kinds.Service, {
    metadata: { name: 'web', namespace },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080, ...port }] },
  })
}

const addresses = (slices: readonly EndpointSlice[]) =>
  slices.flatMap(({ endpoints }) => endpoints.flatMap((one) => one.addresses))
const slicesOnce = (
  { registry }: ControlledCluster,
  isSo: (slices: readonly EndpointSlice[]) => boolean,
) => untilAll(registry, Kinds.EndpointSlice, namespace, isSo)

test('a service without pods has an empty slice', async () => {
  const cluster = await controlledCluster()
  await aService(cluster)
  const [slice] = await slicesOnce(cluster, (slices) => slices.length === 1)
  expect(slice).toMatchObject({ addressType: 'IPv4', endpoints: [] })
  expect(slice?.metadata.labels).toMatchObject({ 'kubernetes.io/service-name': 'web' })
})

test('ready pods are listed with the port they serve, others are not', async () => {
  const cluster = await controlledCluster()
  cluster.node.isHealthy = ({ metadata }) => metadata.name !== 'sick'
  await aService(cluster)
  for (const name of ['well', 'sick']) {
    await cluster.registry.create(Kinds.Pod, {
      ...aPod(name),
      metadata: { name, namespace, labels: { app: 'web' } },
    })
  }
  const [slice] = await slicesOnce(cluster, (slices) => addresses(slices).length === 1)
  expect(slice?.endpoints[0]).toMatchObject({
    conditions: { ready: true },
    targetRef: { kind: 'Pod', name: 'well' },
  })
  expect(slice?.ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }])
  cluster.node.isHealthy = () => true
  await slicesOnce(cluster, (slices) => addresses(slices).length === 2)
  cluster.node.isHealthy = () => false
  await slicesOnce(cluster, (slices) => addresses(slices).length === 0)
})

test('a named port is looked up in each pod', async () => {
  const cluster = await controlledCluster()
  await aService(cluster, { targetPort: 'http' })
  for (const [name, containerPort] of [
    ['a', 8080],
    ['b', 9090],
  ] as const) {
    const pod = aPod(name, { ports: [{ name: 'http', containerPort }] })
    await cluster.registry.create(Kinds.Pod, {
      ...pod,
      metadata: { name, namespace, labels: { app: 'web' } },
    })
  }
  const slices = await slicesOnce(cluster, (all) => all.length === 2 && addresses(all).length === 2)
  expect(slices.map(({ ports }) => ports?.[0]?.port).sort()).toEqual([8080, 9090])
})

test('a pod that is being deleted is taken out at once', async () => {
  const cluster = await controlledCluster()
  await aService(cluster)
  await cluster.registry.create(Kinds.Pod, aPod('web'))
  await slicesOnce(cluster, (slices) => addresses(slices).length === 1)
  cluster.node.letsGo = false
  await cluster.registry.delete(Kinds.Pod, inDefault('web'))
  await slicesOnce(cluster, (slices) => addresses(slices).length === 0)
})

test('slices go with their service', async () => {
  const cluster = await controlledCluster()
  await aService(cluster)
  await slicesOnce(cluster, (slices) => slices.length === 1)
  await cluster.registry.delete(Kinds.Service, inDefault('web'))
  await slicesOnce(cluster, (slices) => slices.length === 0)
})
