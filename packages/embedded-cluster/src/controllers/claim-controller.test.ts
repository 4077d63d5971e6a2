import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.js'
import { expect, test } from 'vitest'
import { aClaim, aPod, aStorageClass, inDefault, mounting } from '../../test/support/builders.ts'
import { controlledCluster, type ControlledCluster } from '../../test/support/controlled-cluster.ts'
import { until, untilAll, untilGone } from '../../test/support/watching.ts'
import { Kinds } from '../registry/kinds.ts'
import type { Stored } from '../registry/registry.ts'

const isBound = ({ status }: PersistentVolumeClaim): boolean => status?.phase === 'Bound'

async function aCluster(): Promise<ControlledCluster> {
  const cluster = await controlledCluster()
  await cluster.registry.create(Kinds.StorageClass, aStorageClass())
  return cluster
}

async function bound(
  { registry }: ControlledCluster,
  claim: PersistentVolumeClaim,
): Promise<Stored<PersistentVolumeClaim>> {
  await registry.create(Kinds.PersistentVolumeClaim, claim)
  const key = inDefault(claim.metadata?.name ?? '')
  return until(registry, Kinds.PersistentVolumeClaim, key, isBound)
}

/** Resolves once an event about the object says so. */
async function told(cluster: ControlledCluster, name: string, text: string): Promise<void> {
  await untilAll(cluster.registry, Kinds.Event, 'default', () =>
    cluster.messages(name).some((message) => message?.includes(text)),
  )
}

function aVolume(name: string, spec: PersistentVolume['spec'] = {}): PersistentVolume {
  const csi = { driver: 'porpulsion.io/directory', volumeHandle: name }
  return {
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '5Gi' }, csi, ...spec },
  }
}

test('a claim gets a volume of its own, which is a directory', async () => {
  const cluster = await aCluster()
  const claim = await bound(cluster, aClaim('data'))
  const volumeName = `pvc-${claim.metadata.uid}`
  expect(claim.spec).toMatchObject({ storageClassName: 'local-directory', volumeName })
  expect(claim.status).toEqual({
    phase: 'Bound',
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
  })
  const volume = await until(
    cluster.registry,
    Kinds.PersistentVolume,
    { name: volumeName },
    ({ status }) => status?.phase === 'Bound',
  )
  expect(volume.spec).toMatchObject({
    claimRef: { namespace: 'default', name: 'data', uid: claim.metadata.uid },
    persistentVolumeReclaimPolicy: 'Delete',
  })
  expect(existsSync(join(cluster.volumesDir, volumeName))).toBe(true)
  await told(cluster, 'data', `Successfully provisioned volume ${volumeName}`)
})

test('a claim of an unknown class waits, told once which classes there are, and is served when the class comes', async () => {
  const cluster = await aCluster()
  const { registry } = cluster
  await registry.create(Kinds.PersistentVolumeClaim, aClaim('data', { storageClassName: 'fast' }))
  await told(
    cluster,
    'data',
    'storageclass.storage.k8s.io "fast" not found (there are: local-directory)',
  )
  expect(cluster.reasons('data')).toEqual(['ProvisioningFailed'])
  expect(registry.get(Kinds.PersistentVolumeClaim, inDefault('data'))?.status?.phase).toBe(
    'Pending',
  )
  await registry.create(Kinds.StorageClass, aStorageClass('fast'))
  await until(registry, Kinds.PersistentVolumeClaim, inDefault('data'), isBound)
})

test('a claim from before there was a default class gets it when it comes', async () => {
  const cluster = await controlledCluster()
  await cluster.registry.create(Kinds.PersistentVolumeClaim, aClaim('data'))
  await told(cluster, 'data', 'no storage class is set')
  await cluster.registry.create(Kinds.StorageClass, aStorageClass())
  await until(cluster.registry, Kinds.PersistentVolumeClaim, inDefault('data'), isBound)
})

test.each([
  ['volumeMode Block', aClaim('data', { volumeMode: 'Block' })],
  ['selector', aClaim('data', { selector: { matchLabels: { a: 'b' } } })],
  ['dataSource', aClaim('data', { dataSource: { kind: 'PersistentVolumeClaim', name: 'other' } })],
])('what a directory cannot be is said: %s', async (text, claim) => {
  const cluster = await aCluster()
  await cluster.registry.create(Kinds.PersistentVolumeClaim, claim)
  await told(cluster, 'data', text)
  expect(cluster.reasons('data')).toEqual(['ProvisioningFailed'])
})

test('a class that waits for its first consumer makes no volume before there is a pod', async () => {
  const cluster = await controlledCluster()
  const { registry } = cluster
  const volumeBindingMode = 'WaitForFirstConsumer'
  await registry.create(Kinds.StorageClass, aStorageClass('late', { volumeBindingMode }))
  await registry.create(Kinds.PersistentVolumeClaim, aClaim('data', { storageClassName: 'late' }))
  await told(cluster, 'data', 'waiting for first consumer')
  expect(registry.list(Kinds.PersistentVolume).items).toEqual([])
  const { container, spec } = mounting('data')
  await registry.create(Kinds.Pod, aPod('web', container, spec))
  await until(registry, Kinds.PersistentVolumeClaim, inDefault('data'), isBound)
})

test('of the volumes that are there the smallest that is large enough is taken before one is made', async () => {
  const cluster = await aCluster()
  const { registry } = cluster
  const storageClassName = 'local-directory'
  const sizes = { large: '10Gi', small: '500Mi', right: '2Gi' }
  for (const [name, storage] of Object.entries(sizes))
    await registry.create(
      Kinds.PersistentVolume,
      aVolume(name, { storageClassName, capacity: { storage } }),
    )
  await until(registry, Kinds.PersistentVolume, { name: 'right' }, ({ status }) => {
    return status?.phase === 'Available'
  })
  const claim = await bound(cluster, aClaim('data'))
  expect(claim).toMatchObject({
    spec: { volumeName: 'right' },
    status: { capacity: { storage: '2Gi' } },
  })
  expect((await bound(cluster, aClaim('more'))).spec?.volumeName).toBe('large')
})

test('a claim can name its volume, and waits if that is another’s', async () => {
  const cluster = await aCluster()
  const { registry } = cluster
  const mine = { storageClassName: '', volumeName: 'mine' }
  await registry.create(Kinds.PersistentVolume, aVolume('mine'))
  await bound(cluster, aClaim('first', mine))
  await registry.create(Kinds.PersistentVolumeClaim, aClaim('second', mine))
  await told(cluster, 'second', 'volume "mine" already bound to a different claim.')
})

test('a deleted claim takes its volume and the directory along', async () => {
  const cluster = await aCluster()
  const { registry, volumesDir } = cluster
  const { spec } = await bound(cluster, aClaim('data'))
  const name = spec?.volumeName ?? ''
  writeFileSync(join(volumesDir, name, 'file'), 'text')
  await registry.delete(Kinds.PersistentVolumeClaim, inDefault('data'))
  await untilGone(registry, Kinds.PersistentVolume, { name })
  expect(existsSync(join(volumesDir, name))).toBe(false)
})

test('a volume that is to be retained is released with its data', async () => {
  const cluster = await controlledCluster()
  const { registry, volumesDir } = cluster
  await registry.create(Kinds.StorageClass, aStorageClass('keep', { reclaimPolicy: 'Retain' }))
  const { spec } = await bound(cluster, aClaim('data', { storageClassName: 'keep' }))
  const name = spec?.volumeName ?? ''
  await registry.delete(Kinds.PersistentVolumeClaim, inDefault('data'))
  await until(registry, Kinds.PersistentVolume, { name }, ({ status }) => {
    return status?.phase === 'Released'
  })
  expect(existsSync(join(volumesDir, name))).toBe(true)
  await registry.delete(Kinds.PersistentVolume, { name })
  await untilGone(registry, Kinds.PersistentVolume, { name })
  expect(existsSync(join(volumesDir, name))).toBe(true)
})

test('a claim that a pod uses stays until the pod is gone', async () => {
  const cluster = await aCluster()
  const { registry } = cluster
  await bound(cluster, aClaim('data'))
  const { container, spec } = mounting('data')
  await registry.create(Kinds.Pod, aPod('web', container, spec))
  await until(registry, Kinds.Pod, inDefault('web'), ({ status }) => status?.phase === 'Running')
  const deleted = await registry.delete(Kinds.PersistentVolumeClaim, inDefault('data'))
  expect(deleted.metadata).toMatchObject({
    finalizers: ['kubernetes.io/pvc-protection'],
    deletionTimestamp: expect.any(String) as string,
  })
  // Whatever the controller does on being told has been done once it has dealt with a later claim.
  await bound(cluster, aClaim('later'))
  expect(registry.get(Kinds.PersistentVolumeClaim, inDefault('data'))).toBeDefined()
  await registry.delete(Kinds.Pod, inDefault('web'))
  await untilGone(registry, Kinds.PersistentVolumeClaim, inDefault('data'))
})

test('a volume whose claim is bound stays when it is deleted', async () => {
  const cluster = await aCluster()
  const { registry } = cluster
  const { spec } = await bound(cluster, aClaim('data'))
  const name = spec?.volumeName ?? ''
  await registry.delete(Kinds.PersistentVolume, { name })
  await bound(cluster, aClaim('later'))
  expect(registry.get(Kinds.PersistentVolume, { name })?.status?.phase).toBe('Bound')
  await registry.delete(Kinds.PersistentVolumeClaim, inDefault('data'))
  await untilGone(registry, Kinds.PersistentVolume, { name })
})

test('a claim whose volume is torn from it is lost, and says so', async () => {
  const cluster = await aCluster()
  const { registry } = cluster
  const { spec } = await bound(cluster, aClaim('data'))
  const name = spec?.volumeName ?? ''
  await registry.modify(Kinds.PersistentVolume, { name }, ({ metadata }) => {
    metadata.finalizers = []
  })
  await registry.delete(Kinds.PersistentVolume, { name })
  await until(registry, Kinds.PersistentVolumeClaim, inDefault('data'), ({ status }) => {
    return status?.phase === 'Lost'
  })
  await told(cluster, 'data', 'Data on the volume is lost!')
})

test('a claim grows with what it asks for', async () => {
  const cluster = await aCluster()
  const { registry } = cluster
  await bound(cluster, aClaim('data'))
  await registry.modify(Kinds.PersistentVolumeClaim, inDefault('data'), (draft) => {
    draft.spec!.resources = { requests: { storage: '3Gi' } }
  })
  await until(registry, Kinds.PersistentVolumeClaim, inDefault('data'), ({ status }) => {
    return status?.capacity?.['storage'] === '3Gi'
  })
})

test('after a restart claims are as they were, and nothing is told again', async () => {
  const cluster = await aCluster()
  const before = await bound(cluster, aClaim('data'))
  await told(cluster, 'data', 'Successfully provisioned')
  await cluster.restart()
  await bound(cluster, aClaim('later'))
  expect(cluster.registry.get(Kinds.PersistentVolumeClaim, inDefault('data'))).toEqual(before)
  expect(cluster.reasons('data')).toEqual(['ProvisioningSucceeded'])
})
