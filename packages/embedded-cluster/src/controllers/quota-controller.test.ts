import { expect, test } from 'vitest'
import { aDeployment, aPod, inDefault } from '../../test/support/builders.ts'
import { controlledCluster } from '../../test/support/controlled-cluster.ts'
import { until, untilAll } from '../../test/support/watching.ts'
import { Kinds } from '../registry/kinds.ts'

test('the status of a quota says what is used, as it changes', async () => {
  const { registry } = await controlledCluster()
  const hard = { pods: '3', 'requests.cpu': '1', 'requests.storage': '1Gi' }
  await registry.create(Kinds.ResourceQuota, { metadata: inDefault('quota'), spec: { hard } })
  const resources = { requests: { cpu: '250m' } }
  await registry.create(Kinds.Pod, aPod('a', { resources }))
  await registry.create(Kinds.Pod, aPod('b', { resources }))
  const quota = await until(registry, Kinds.ResourceQuota, inDefault('quota'), ({ status }) => {
    return status?.used?.['pods'] === '2'
  })
  expect(quota.status).toEqual({
    hard,
    used: { pods: '2', 'requests.cpu': '500m', 'requests.storage': '0' },
  })
  await registry.delete(Kinds.Pod, inDefault('a'))
  await until(registry, Kinds.ResourceQuota, inDefault('quota'), ({ status }) => {
    return status?.used?.['requests.cpu'] === '250m'
  })
})

test('a deployment beyond its quota gets what fits, and its replica set says why no more', async () => {
  const cluster = await controlledCluster()
  const { registry } = cluster
  const quota = { metadata: inDefault('quota'), spec: { hard: { pods: '2' } } }
  await registry.create(Kinds.ResourceQuota, quota)
  await registry.create(Kinds.Deployment, aDeployment('web', { replicas: 3 }))
  const [set] = await untilAll(registry, Kinds.ReplicaSet, 'default', (all) =>
    all.some(
      ({ status }) => status?.conditions?.some(({ type }) => type === 'ReplicaFailure') === true,
    ),
  )
  await untilAll(registry, Kinds.Event, 'default', () =>
    cluster
      .messages(set?.metadata.name ?? '')
      .some((message) => message?.includes('exceeded quota: quota')),
  )
  expect(registry.list(Kinds.Pod).items).toHaveLength(2)
  expect(cluster.messages(set?.metadata.name ?? '').at(-1)).toBe(
    `Error creating: pods "${set?.metadata.name ?? ''}-" is forbidden: exceeded quota: quota, requested: pods=1, used: pods=2, limited: pods=2`,
  )
})

test('what is refused is tried again after a while, not at once and for ever', async () => {
  const cluster = await controlledCluster()
  const { registry } = cluster
  const quota = { metadata: inDefault('quota'), spec: { hard: { pods: '0' } } }
  await registry.create(Kinds.ResourceQuota, quota)
  let writes = 0
  registry.watch(Kinds.ReplicaSet, {}, () => (writes += 1))
  await registry.create(Kinds.Deployment, aDeployment('web', { replicas: 2 }))
  await untilAll(registry, Kinds.Deployment, 'default', (all) =>
    all.some(
      ({ status }) => status?.conditions?.some(({ type }) => type === 'ReplicaFailure') === true,
    ),
  )
  // As many turns as a loop would need to show itself: each is a write, and a write is a few microtasks.
  for (let turn = 0; turn < 1_000; turn += 1) await Promise.resolve()
  expect(writes).toBeLessThan(10)
  await registry.modify(Kinds.ResourceQuota, inDefault('quota'), (draft) => {
    draft.spec!.hard = { pods: '2' }
  })
  await cluster.clock.advance(10_000)
  await untilAll(registry, Kinds.Pod, 'default', (pods) => pods.length === 2)
})
