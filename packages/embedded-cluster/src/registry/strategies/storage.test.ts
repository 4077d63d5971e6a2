import type { PersistentVolumeClaimSpec } from 'kubernetes-types/core/v1.js'
import { expect, test } from 'vitest'
import { aClaim, aStorageClass, inDefault } from '../../../test/support/builders.ts'
import { aRegistry } from '../../../test/test-registry.ts'
import { Kinds } from '../kinds.ts'
import type { LocalRegistry } from '../local-registry.ts'
import type { Kind, KubeObject } from '../registry.ts'

const csi = { driver: 'porpulsion.io/directory', volumeHandle: 'v' }

function volumeWith(spec: object): KubeObject {
  const complete = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, csi, ...spec }
  const volume = { metadata: { name: 'v' }, spec: complete }
  return volume
}

const refused: readonly (readonly [string, Kind, KubeObject])[] = [
  [
    'spec.accessModes: Required value: at least 1 access mode is required',
    Kinds.PersistentVolumeClaim,
    aClaim('x', { accessModes: [] }),
  ],
  [
    'spec.accessModes: Unsupported value: "Sometimes": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    Kinds.PersistentVolumeClaim,
    aClaim('x', { accessModes: ['Sometimes'] }),
  ],
  [
    'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    Kinds.PersistentVolumeClaim,
    aClaim('x', { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] }),
  ],
  [
    'spec.resources[storage]: Required value',
    Kinds.PersistentVolumeClaim,
    aClaim('x', { resources: {} }),
  ],
  [
    'spec.resources[storage]: Invalid value: "0": must be greater than zero',
    Kinds.PersistentVolumeClaim,
    aClaim('x', { resources: { requests: { storage: '0' } } }),
  ],
  [
    'spec: Required value: must specify a volume type',
    Kinds.PersistentVolume,
    volumeWith({ csi: undefined }),
  ],
  [
    'spec.hostPath: Forbidden: may not specify more than 1 volume type',
    Kinds.PersistentVolume,
    volumeWith({ hostPath: { path: '/data' } }),
  ],
  ['provisioner: Required value', Kinds.StorageClass, aStorageClass('x', { provisioner: '' })],
  [
    'reclaimPolicy: Unsupported value: "Maybe": supported values: "Delete", "Retain"',
    Kinds.StorageClass,
    aStorageClass('x', { reclaimPolicy: 'Maybe' }),
  ],
]

test.each(refused)('%s', async (message, kind, object) => {
  const registry = await aRegistry()
  await expect(registry.create(kind, object)).rejects.toMatchObject({
    reason: 'Invalid',
    message: expect.stringContaining(message) as string,
  })
})

/** As the controller leaves it. */
async function aBoundClaim(registry: LocalRegistry): Promise<void> {
  const key = inDefault('data')
  await registry.create(Kinds.PersistentVolumeClaim, aClaim('data'))
  await registry.modify(Kinds.PersistentVolumeClaim, key, (draft) => {
    draft.spec!.volumeName = 'v'
  })
  const bound = { status: { phase: 'Bound' } }
  await registry.modify(Kinds.PersistentVolumeClaim, key, (draft) => Object.assign(draft, bound), {
    subresource: 'status',
  })
}

function change(
  registry: LocalRegistry,
  spec: Partial<PersistentVolumeClaimSpec>,
): Promise<unknown> {
  return registry.modify(Kinds.PersistentVolumeClaim, inDefault('data'), (draft) =>
    Object.assign(draft.spec!, spec),
  )
}

const asking = (storage: string) => ({ resources: { requests: { storage } } })

test('a claim gets the default class and its protection, and is pending', async () => {
  const registry = await aRegistry()
  await registry.create(Kinds.StorageClass, aStorageClass())
  expect(await registry.create(Kinds.PersistentVolumeClaim, aClaim('data'))).toMatchObject({
    metadata: { finalizers: ['kubernetes.io/pvc-protection'] },
    spec: { storageClassName: 'local-directory', volumeMode: 'Filesystem' },
    status: { phase: 'Pending' },
  })
  const none = await registry.create(
    Kinds.PersistentVolumeClaim,
    aClaim('static', { storageClassName: '' }),
  )
  expect(none.spec?.storageClassName).toBe('')
})

test('a claim stays what it was made as', async () => {
  const registry = await aRegistry()
  await registry.create(Kinds.StorageClass, aStorageClass())
  await aBoundClaim(registry)
  const message = expect.stringContaining(
    'spec: Forbidden: spec is immutable after creation except resources.requests',
  ) as string
  for (const spec of [
    { accessModes: ['ReadWriteMany'] },
    { storageClassName: 'fast' },
    { volumeName: 'other' },
  ])
    await expect(change(registry, spec)).rejects.toMatchObject({ reason: 'Invalid', message })
})

test('only a bound claim can ask for more, and never for less', async () => {
  const registry = await aRegistry()
  await registry.create(Kinds.StorageClass, aStorageClass())
  await registry.create(Kinds.PersistentVolumeClaim, aClaim('waiting'))
  const early = registry.modify(Kinds.PersistentVolumeClaim, inDefault('waiting'), (draft) =>
    Object.assign(draft.spec!, asking('2Gi')),
  )
  await expect(early).rejects.toMatchObject({ reason: 'Invalid' })
  await aBoundClaim(registry)
  await expect(change(registry, asking('2Gi'))).resolves.toBeDefined()
  await expect(change(registry, asking('1Gi'))).rejects.toMatchObject({
    message: expect.stringContaining(
      'spec.resources.requests.storage: Forbidden: field can not be less than previous value',
    ) as string,
  })
})

test('a claim of a class that cannot grow cannot ask for more', async () => {
  const registry = await aRegistry()
  const fixed = aStorageClass('local-directory', { allowVolumeExpansion: false })
  await registry.create(Kinds.StorageClass, fixed)
  await aBoundClaim(registry)
  await expect(change(registry, asking('2Gi'))).rejects.toMatchObject({
    reason: 'Forbidden',
    message: expect.stringContaining('must support resize') as string,
  })
})

test('a volume stays where it is, and a class what it is', async () => {
  const registry = await aRegistry()
  await registry.create(Kinds.PersistentVolume, volumeWith({}))
  await registry.create(Kinds.StorageClass, aStorageClass('fast'))
  const moved = registry.modify(Kinds.PersistentVolume, { name: 'v' }, (draft) => {
    draft.spec!.csi!.volumeHandle = 'other'
  })
  await expect(moved).rejects.toMatchObject({
    message: expect.stringContaining('spec.persistentvolumesource is immutable') as string,
  })
  const turned = registry.modify(Kinds.StorageClass, { name: 'fast' }, (draft) => {
    draft.reclaimPolicy = 'Retain'
  })
  await expect(turned).rejects.toMatchObject({
    message: expect.stringContaining('updates to reclaimPolicy are forbidden.') as string,
  })
})
