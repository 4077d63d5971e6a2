import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js'
import type { Pod } from 'kubernetes-types/core/v1.js'
import { expect, test } from 'vitest'
import { aDeployment, inDefault, namespace } from '../../test/support/builders.ts'
import { controlledCluster, type ControlledCluster } from '../../test/support/controlled-cluster.ts'
import { until, untilAll, untilGone } from '../../test/support/watching.ts'
import { Kinds } from '../registry/kinds.ts'
import type { Stored } from '../registry/registry.ts'

const condition = ({ status }: Deployment, type: string) =>
  status?.conditions?.find((one) => one.type === type)

/** What `kubectl rollout status` waits for. */
function isRolledOut({ metadata, spec, status = {} }: Stored<Deployment>): boolean {
  const {
    updatedReplicas = 0,
    replicas = 0,
    availableReplicas = 0,
    observedGeneration = 0,
  } = status
  const isSeen = observedGeneration >= (metadata.generation ?? 0)
  return (
    isSeen &&
    updatedReplicas === (spec?.replicas ?? 1) &&
    replicas === updatedReplicas &&
    availableReplicas === updatedReplicas
  )
}

async function deploy(
  { registry }: ControlledCluster,
  deployment: Deployment,
): Promise<Stored<Deployment>> {
  await registry.create(Kinds.Deployment, deployment)
  return until(registry, Kinds.Deployment, inDefault(deployment.metadata?.name ?? ''), isRolledOut)
}

function edit(
  { registry }: ControlledCluster,
  change: (deployment: Stored<Deployment>) => void,
): Promise<unknown> {
  return registry.modify(Kinds.Deployment, inDefault('web'), change)
}

const setImage = (image: string) => (deployment: Stored<Deployment>) => {
  deployment.spec!.template.spec!.containers[0]!.image = image
}

const rolledOut = ({ registry }: ControlledCluster) =>
  until(registry, Kinds.Deployment, inDefault('web'), isRolledOut)
const sets = ({ registry }: ControlledCluster): readonly Stored<ReplicaSet>[] =>
  registry.list(Kinds.ReplicaSet, { namespace }).items
const pods = ({ registry }: ControlledCluster): readonly Stored<Pod>[] =>
  registry.list(Kinds.Pod, { namespace }).items
const imageOf = ({ spec }: Pod) => spec?.containers[0]?.image

test('a deployment gets its pods, and says so in counts and conditions', async () => {
  const cluster = await controlledCluster()
  const deployment = await deploy(cluster, aDeployment('web', { replicas: 3 }))
  expect(deployment.status).toMatchObject({
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
  })
  expect(condition(deployment, 'Available')).toMatchObject({
    status: 'True',
    reason: 'MinimumReplicasAvailable',
  })
  expect(condition(deployment, 'Progressing')).toMatchObject({
    status: 'True',
    reason: 'NewReplicaSetAvailable',
  })
  expect(deployment.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '1',
  })
  expect(sets(cluster)).toHaveLength(1)
  expect(pods(cluster).map(({ metadata }) => metadata.ownerReferences?.[0]?.kind)).toEqual(
    Array(3).fill('ReplicaSet'),
  )
  expect(cluster.reasons('web')).toEqual(['ScalingReplicaSet'])
})

test('a rolling update never has fewer available or more pods than it may', async () => {
  const cluster = await controlledCluster()
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 1 }
  await deploy(
    cluster,
    aDeployment('web', { replicas: 4, strategy: { type: 'RollingUpdate', rollingUpdate } }),
  )
  const totals: number[] = []
  const available: number[] = []
  cluster.registry.watch(Kinds.Pod, {}, () => {
    const present = pods(cluster).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    totals.push(present.length)
    available.push(
      present.filter(({ status }) => status?.conditions?.[0]?.status === 'True').length,
    )
  })
  await edit(cluster, setImage('porpulsion/hello:2'))
  await rolledOut(cluster)
  await untilAll(cluster.registry, Kinds.Pod, namespace, (all) => all.length === 4)
  expect(pods(cluster).map(imageOf)).toEqual(Array(4).fill('porpulsion/hello:2'))
  expect(Math.max(...totals)).toBeLessThanOrEqual(5)
  expect(Math.min(...available)).toBeGreaterThanOrEqual(3)
  expect(
    sets(cluster)
      .map(({ spec }) => spec?.replicas)
      .sort(),
  ).toEqual([0, 4])
})

test('a version that never becomes ready leaves the old one serving, and misses its deadline', async () => {
  const cluster = await controlledCluster()
  await deploy(cluster, aDeployment('web', { replicas: 4, progressDeadlineSeconds: 60 }))
  cluster.node.isHealthy = (pod) => imageOf(pod) !== 'porpulsion/hello:2'
  await edit(cluster, setImage('porpulsion/hello:2'))
  await until(
    cluster.registry,
    Kinds.Deployment,
    inDefault('web'),
    ({ status }) => status?.updatedReplicas === 2,
  )
  await cluster.clock.advance(60_000)
  const stuck = await until(cluster.registry, Kinds.Deployment, inDefault('web'), (deployment) => {
    return condition(deployment, 'Progressing')?.reason === 'ProgressDeadlineExceeded'
  })
  expect(condition(stuck, 'Progressing')).toMatchObject({ status: 'False' })
  expect(condition(stuck, 'Available')).toMatchObject({ status: 'True' })
  expect(stuck.status?.availableReplicas).toBe(3)
  // Mended by going back.
  await edit(cluster, setImage('porpulsion/hello'))
  const back = await rolledOut(cluster)
  expect(condition(back, 'Progressing')).toMatchObject({
    status: 'True',
    reason: 'NewReplicaSetAvailable',
  })
  expect(back.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
})

test('Recreate ends every old pod before the first new one starts', async () => {
  const cluster = await controlledCluster()
  await deploy(cluster, aDeployment('web', { replicas: 2, strategy: { type: 'Recreate' } }))
  const old = pods(cluster).map(({ metadata }) => metadata.uid)
  cluster.node.letsGo = false
  await edit(cluster, setImage('porpulsion/hello:2'))
  await untilAll(cluster.registry, Kinds.Pod, namespace, (all) => {
    return all.every(({ metadata }) => metadata.deletionTimestamp !== undefined)
  })
  await cluster.clock.advance(1000)
  expect(pods(cluster).map(({ metadata }) => metadata.uid)).toEqual(old)
  cluster.node.letsGo = true
  await rolledOut(cluster)
  expect(pods(cluster).map(imageOf)).toEqual(['porpulsion/hello:2', 'porpulsion/hello:2'])
})

test('scaling changes the pods and nothing else', async () => {
  const cluster = await controlledCluster()
  await deploy(cluster, aDeployment('web', { replicas: 3 }))
  const before = new Set(pods(cluster).map(({ metadata }) => metadata.uid))
  const scale = (replicas: number) =>
    edit(cluster, ({ spec }) => Object.assign(spec!, { replicas }))
  await scale(5)
  await rolledOut(cluster)
  expect(pods(cluster).filter(({ metadata }) => before.has(metadata.uid))).toHaveLength(3)
  await scale(0)
  const empty = await rolledOut(cluster)
  await untilAll(cluster.registry, Kinds.Pod, namespace, (all) => all.length === 0)
  expect(condition(empty, 'Available')).toMatchObject({ status: 'True' })
  expect(sets(cluster)).toHaveLength(1)
})

test('a restart by annotation replaces every pod', async () => {
  const cluster = await controlledCluster()
  await deploy(cluster, aDeployment('web', { replicas: 2 }))
  const before = new Set(pods(cluster).map(({ metadata }) => metadata.uid))
  await edit(cluster, ({ spec }) => {
    spec!.template.metadata!.annotations = {
      'kubectl.kubernetes.io/restartedAt': '2030-01-01T00:00:00Z',
    }
  })
  await rolledOut(cluster)
  await untilAll(cluster.registry, Kinds.Pod, namespace, (all) => {
    return all.length === 2 && all.every(({ metadata }) => !before.has(metadata.uid))
  })
})

test('only so many old revisions are kept', async () => {
  const cluster = await controlledCluster()
  await deploy(cluster, aDeployment('web', { revisionHistoryLimit: 1 }))
  for (const tag of ['1', '2']) {
    await edit(cluster, setImage(`porpulsion/hello:${tag}`))
    await rolledOut(cluster)
  }
  await untilAll(cluster.registry, Kinds.ReplicaSet, namespace, (all) => all.length === 2)
})

test('a paused deployment is scaled but not rolled out', async () => {
  const cluster = await controlledCluster()
  await deploy(cluster, aDeployment('web', { replicas: 1 }))
  await edit(cluster, (deployment) => {
    Object.assign(deployment.spec!, { paused: true, replicas: 2 })
    setImage('porpulsion/hello:2')(deployment)
  })
  const paused = await until(
    cluster.registry,
    Kinds.Deployment,
    inDefault('web'),
    ({ status }) => status?.readyReplicas === 2,
  )
  expect(condition(paused, 'Progressing')).toMatchObject({ reason: 'DeploymentPaused' })
  expect(pods(cluster).map(imageOf)).toEqual(['porpulsion/hello', 'porpulsion/hello'])
  await edit(cluster, ({ spec }) => Object.assign(spec!, { paused: false }))
  await rolledOut(cluster)
})

test('pods that cannot be created show as a failure of the replica set and the deployment', async () => {
  const cluster = await controlledCluster()
  const deployment = aDeployment('web')
  // Refused for a pod, not for a template: stands for a quota, or any other rule about pods.
  deployment.spec!.template.metadata!.finalizers = ['not a finalizer']
  await cluster.registry.create(Kinds.Deployment, deployment)
  const failed = await until(cluster.registry, Kinds.Deployment, inDefault('web'), (one) => {
    return condition(one, 'ReplicaFailure')?.status === 'True'
  })
  expect(condition(failed, 'ReplicaFailure')).toMatchObject({ reason: 'FailedCreate' })
  expect(condition(failed, 'Available')).toMatchObject({ status: 'False' })
  expect(cluster.reasons(sets(cluster)[0]!.metadata.name)).toEqual(['FailedCreate'])
})

test('a pod that is deleted is replaced, one that is orphaned by its labels is replaced and left', async () => {
  const cluster = await controlledCluster()
  await deploy(cluster, aDeployment('web', { replicas: 2 }))
  const [first, second] = pods(cluster)
  await cluster.registry.delete(Kinds.Pod, inDefault(first!.metadata.name))
  await untilGone(cluster.registry, Kinds.Pod, inDefault(first!.metadata.name))
  await cluster.registry.modify(Kinds.Pod, inDefault(second!.metadata.name), ({ metadata }) => {
    metadata.labels = { app: 'else' }
  })
  await untilAll(cluster.registry, Kinds.Pod, namespace, (all) => {
    const released = all.find(({ metadata }) => metadata.name === second!.metadata.name)
    return all.length === 3 && released?.metadata.ownerReferences === undefined
  })
})

test('a deployment that is made again after an orphaning delete adopts what is there', async () => {
  const cluster = await controlledCluster()
  await deploy(cluster, aDeployment('web', { replicas: 2 }))
  const before = pods(cluster).map(({ metadata }) => metadata.uid)
  await cluster.registry.delete(Kinds.Deployment, inDefault('web'), { propagationPolicy: 'Orphan' })
  await untilGone(cluster.registry, Kinds.Deployment, inDefault('web'))
  expect(sets(cluster)[0]?.metadata.ownerReferences).toBeUndefined()
  await deploy(cluster, aDeployment('web', { replicas: 2 }))
  expect(sets(cluster)).toHaveLength(1)
  expect(pods(cluster).map(({ metadata }) => metadata.uid)).toEqual(before)
})

test('pods count as available only after they were ready for long enough', async () => {
  const cluster = await controlledCluster()
  await cluster.registry.create(Kinds.Deployment, aDeployment('web', { minReadySeconds: 30 }))
  const ready = await until(
    cluster.registry,
    Kinds.Deployment,
    inDefault('web'),
    ({ status }) => status?.readyReplicas === 1,
  )
  expect(ready.status?.availableReplicas).toBe(0)
  await cluster.clock.advance(30_000)
  await rolledOut(cluster)
})

test('controllers that start in the middle of a rollout finish it', async () => {
  const cluster = await controlledCluster()
  await deploy(cluster, aDeployment('web', { replicas: 3 }))
  cluster.node.isHealthy = (pod) => imageOf(pod) !== 'porpulsion/hello:2'
  await edit(cluster, setImage('porpulsion/hello:2'))
  await until(
    cluster.registry,
    Kinds.Deployment,
    inDefault('web'),
    ({ status }) => status?.updatedReplicas === 1,
  )
  await cluster.restart()
  cluster.node.isHealthy = () => true
  await rolledOut(cluster)
  await untilAll(cluster.registry, Kinds.Pod, namespace, (all) => all.length === 3)
})

test('a deployment at rest is not written to', async () => {
  const cluster = await controlledCluster()
  await deploy(cluster, aDeployment('web', { replicas: 2 }))
  await cluster.clock.advance(0)
  const before = cluster.registry.list(Kinds.Pod).resourceVersion
  await cluster.restart()
  await cluster.clock.advance(30_000)
  expect(cluster.registry.list(Kinds.Pod).resourceVersion).toBe(before)
})
