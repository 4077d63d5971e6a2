import { expect, test } from 'vitest'
import { aDeployment, inDefault } from '../../test/support/builders.ts'
import { controlledCluster, type ControlledCluster } from '../../test/support/controlled-cluster.ts'
import { until, untilAll, untilGone } from '../../test/support/watching.ts'
import { Kinds } from '../registry/kinds.ts'

test('every namespace has a default service account, again if it is deleted', async () => {
  const { registry } = await controlledCluster()
  const account = await until(registry, Kinds.ServiceAccount, inDefault('default'), () => true)
  await registry.delete(Kinds.ServiceAccount, inDefault('default'))
  await until(
    registry,
    Kinds.ServiceAccount,
    inDefault('default'),
    ({ metadata }) => metadata.uid !== account.metadata.uid,
  )
})

/** The namespace `default` cannot be deleted. */
const namespace = 'shop'

async function withNamespace(): Promise<ControlledCluster> {
  const cluster = await controlledCluster()
  await cluster.registry.create(Kinds.Namespace, { metadata: { name: namespace } })
  return cluster
}

test('a namespace goes after all that is in it', async () => {
  const { registry } = await withNamespace()
  await registry.create(Kinds.Deployment, {
    ...aDeployment('web', { replicas: 2 }),
    metadata: { name: 'web', namespace },
  })
  await registry.create(Kinds.Secret, { metadata: { name: 'keys', namespace } })
  await untilAll(registry, Kinds.Pod, namespace, (pods) => pods.length === 2)
  await registry.delete(Kinds.Namespace, { name: namespace })
  await untilGone(registry, Kinds.Namespace, { name: namespace })
  for (const kind of registry.kinds().filter(({ namespaced }) => namespaced)) {
    expect(registry.list(kind, { namespace }).items, kind.plural).toEqual([])
  }
})

test('what does not go is named, and the namespace waits for it', async () => {
  const { registry } = await withNamespace()
  const finalizers = ['example.com/slow']
  await registry.create(Kinds.ConfigMap, { metadata: { name: 'slow', namespace, finalizers } })
  await registry.delete(Kinds.Namespace, { name: namespace })
  const held = await until(registry, Kinds.Namespace, { name: namespace }, ({ status }) => {
    return status?.conditions?.some(({ reason }) => reason === 'SomeFinalizersRemain') === true
  })
  expect(held.status?.conditions?.map(({ message }) => message).join()).toContain(
    'configmaps. has 1 resource instances',
  )
  await registry.modify(Kinds.ConfigMap, { namespace, name: 'slow' }, ({ metadata }) => {
    metadata.finalizers = []
  })
  await untilGone(registry, Kinds.Namespace, { name: namespace })
})
