import type { ConfigMap } from 'kubernetes-types/core/v1.js'
import { expect, test } from 'vitest'
import { inDefault, namespace } from '../../test/support/builders.ts'
import { controlledCluster, type ControlledCluster } from '../../test/support/controlled-cluster.ts'
import { until, untilGone } from '../../test/support/watching.ts'
import { Kinds } from '../registry/kinds.ts'
import type { Stored } from '../registry/registry.ts'

interface Owned {
  readonly owners?: readonly Stored[]
  readonly blocks?: boolean
  readonly finalizers?: string[]
}

function make(
  { registry }: ControlledCluster,
  name: string,
  { owners = [], blocks = true, finalizers }: Owned = {},
) {
  const config: ConfigMap = {
    metadata: {
      name,
      namespace,
      ...(finalizers && { finalizers }),
      ownerReferences: owners.map(({ metadata }) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: metadata.name,
        uid: metadata.uid,
        blockOwnerDeletion: blocks,
      })),
    },
  }
  return registry.create(Kinds.ConfigMap, config)
}

const get = ({ registry }: ControlledCluster, name: string) =>
  registry.get(Kinds.ConfigMap, inDefault(name))
const gone = ({ registry }: ControlledCluster, name: string) =>
  untilGone(registry, Kinds.ConfigMap, inDefault(name))

test('in the background the owner goes first and its dependents follow, down the line', async () => {
  const cluster = await controlledCluster()
  const owner = await make(cluster, 'owner')
  const child = await make(cluster, 'child', { owners: [owner] })
  await make(cluster, 'grandchild', { owners: [child] })
  await cluster.registry.delete(Kinds.ConfigMap, inDefault('owner'))
  expect(get(cluster, 'owner')).toBeUndefined()
  await gone(cluster, 'grandchild')
  expect(get(cluster, 'child')).toBeUndefined()
})

test('in the foreground the owner stays until the dependents that block it are gone', async () => {
  const cluster = await controlledCluster()
  const owner = await make(cluster, 'owner')
  await make(cluster, 'child', { owners: [owner], finalizers: ['example.com/slow'] })
  await cluster.registry.delete(Kinds.ConfigMap, inDefault('owner'), {
    propagationPolicy: 'Foreground',
  })
  await until(
    cluster.registry,
    Kinds.ConfigMap,
    inDefault('child'),
    ({ metadata }) => metadata.deletionTimestamp !== undefined,
  )
  expect(get(cluster, 'owner')?.metadata.finalizers).toEqual(['foregroundDeletion'])
  await cluster.registry.modify(Kinds.ConfigMap, inDefault('child'), ({ metadata }) => {
    metadata.finalizers = []
  })
  await gone(cluster, 'owner')
  expect(get(cluster, 'child')).toBeUndefined()
})

test('a dependent that does not block is deleted, and not waited for', async () => {
  const cluster = await controlledCluster()
  const owner = await make(cluster, 'owner')
  await make(cluster, 'child', { owners: [owner], blocks: false, finalizers: ['example.com/slow'] })
  await cluster.registry.delete(Kinds.ConfigMap, inDefault('owner'), {
    propagationPolicy: 'Foreground',
  })
  await gone(cluster, 'owner')
  expect(get(cluster, 'child')?.metadata.deletionTimestamp).toBeDefined()
})

test('orphaned dependents stay and forget their owner', async () => {
  const cluster = await controlledCluster()
  const owner = await make(cluster, 'owner')
  await make(cluster, 'child', { owners: [owner] })
  await cluster.registry.delete(Kinds.ConfigMap, inDefault('owner'), {
    propagationPolicy: 'Orphan',
  })
  await gone(cluster, 'owner')
  expect(get(cluster, 'child')?.metadata.ownerReferences).toBeUndefined()
  expect(get(cluster, 'child')?.metadata.deletionTimestamp).toBeUndefined()
})

test('with one of two owners left, an object stays and forgets the other', async () => {
  const cluster = await controlledCluster()
  const owners = [await make(cluster, 'a'), await make(cluster, 'b')]
  await make(cluster, 'child', { owners })
  await cluster.registry.delete(Kinds.ConfigMap, inDefault('a'))
  const child = await until(
    cluster.registry,
    Kinds.ConfigMap,
    inDefault('child'),
    ({ metadata }) => metadata.ownerReferences?.length === 1,
  )
  expect(child.metadata.ownerReferences?.[0]?.name).toBe('b')
})

test('an owner of the same name but another uid is not the owner', async () => {
  const cluster = await controlledCluster()
  const first = await make(cluster, 'owner')
  await cluster.registry.delete(Kinds.ConfigMap, inDefault('owner'))
  await make(cluster, 'owner')
  await make(cluster, 'child', { owners: [first] })
  await gone(cluster, 'child')
  expect(get(cluster, 'owner')).toBeDefined()
})

test('an owner of a kind that nobody serves keeps its dependents', async () => {
  const cluster = await controlledCluster()
  const reference = { apiVersion: 'example.com/v1', kind: 'Unknown', name: 'x', uid: 'x' }
  const metadata = { name: 'child', namespace, ownerReferences: [reference] }
  await cluster.registry.create(Kinds.ConfigMap, { metadata })
  await cluster.clock.advance(10_000)
  expect(get(cluster, 'child')).toBeDefined()
})

test('what lost its owner while nobody looked is found at the next start', async () => {
  const cluster = await controlledCluster()
  const owner = await make(cluster, 'owner')
  await make(cluster, 'child', { owners: [owner] })
  const deleting = cluster.restart()
  await cluster.registry.delete(Kinds.ConfigMap, inDefault('owner'))
  await deleting
  await gone(cluster, 'child')
})
