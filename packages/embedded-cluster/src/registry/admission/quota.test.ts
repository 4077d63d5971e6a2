import type { ResourceQuotaSpec } from 'kubernetes-types/core/v1.js'
import { expect, test } from 'vitest'
import { aClaim, aPod, inDefault } from '../../../test/support/builders.ts'
import { aRegistry } from '../../../test/test-registry.ts'
import { Kinds } from '../kinds.ts'
import type { LocalRegistry } from '../local-registry.ts'

async function limited(
  hard: Record<string, string>,
  spec: Partial<ResourceQuotaSpec> = {},
): Promise<LocalRegistry> {
  const registry = await aRegistry()
  const quota = { metadata: inDefault('quota'), spec: { hard, ...spec } }
  await registry.create(Kinds.ResourceQuota, quota)
  return registry
}

const asking = (cpu: string, memory = '1Gi') => ({ resources: { requests: { cpu, memory } } })
const refusal = (message: string) => ({ reason: 'Forbidden', code: 403, message })

test('one pod too many is refused with what was asked, used and allowed', async () => {
  const registry = await limited({ pods: '2' })
  await registry.create(Kinds.Pod, aPod('a'))
  await registry.create(Kinds.Pod, aPod('b'))
  await expect(registry.create(Kinds.Pod, aPod('c'))).rejects.toMatchObject(
    refusal(
      'pods "c" is forbidden: exceeded quota: quota, requested: pods=1, used: pods=2, limited: pods=2',
    ),
  )
  await registry.delete(Kinds.Pod, inDefault('a'))
  await expect(registry.create(Kinds.Pod, aPod('c'))).resolves.toBeDefined()
})

test('of two that ask for the last at the same moment one gets it', async () => {
  const registry = await limited({ pods: '1' })
  const results = await Promise.allSettled(
    ['a', 'b'].map((name) => registry.create(Kinds.Pod, aPod(name))),
  )
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('requests add up over containers, and are named in the form people write', async () => {
  const registry = await limited({ 'requests.cpu': '1', 'requests.memory': '4Gi' })
  await registry.create(Kinds.Pod, aPod('a', asking('700m')))
  await expect(registry.create(Kinds.Pod, aPod('b', asking('400m', '4Gi')))).rejects.toMatchObject(
    refusal(
      'pods "b" is forbidden: exceeded quota: quota, requested: requests.cpu=400m,requests.memory=4Gi, used: requests.cpu=700m,requests.memory=1Gi, limited: requests.cpu=1,requests.memory=4Gi',
    ),
  )
})

test('what is limited has to be said', async () => {
  const registry = await limited({ 'limits.cpu': '1', memory: '1Gi', pods: '9' })
  await expect(registry.create(Kinds.Pod, aPod('a'))).rejects.toMatchObject(
    refusal(
      'pods "a" is forbidden: failed quota: quota: must specify limits.cpu for: app; memory for: app',
    ),
  )
})

test('finished pods take nothing', async () => {
  const registry = await limited({ pods: '1', 'requests.cpu': '1' })
  await registry.create(Kinds.Pod, aPod('a', asking('1')))
  await registry.modify(
    Kinds.Pod,
    inDefault('a'),
    (draft) => Object.assign(draft, { status: { phase: 'Succeeded' } }),
    { subresource: 'status' },
  )
  await expect(registry.create(Kinds.Pod, aPod('b', asking('1')))).resolves.toBeDefined()
})

test('claims count by number, by size and by class', async () => {
  const registry = await limited({
    persistentvolumeclaims: '2',
    'requests.storage': '3Gi',
    'fast.storageclass.storage.k8s.io/requests.storage': '1Gi',
  })
  const create = (name: string, storage: string, storageClassName = 'slow') =>
    registry.create(
      Kinds.PersistentVolumeClaim,
      aClaim(name, { storageClassName, resources: { requests: { storage } } }),
    )
  await expect(create('a', '2Gi', 'fast')).rejects.toMatchObject({
    message: expect.stringContaining(
      'limited: fast.storageclass.storage.k8s.io/requests.storage=1Gi',
    ) as string,
  })
  await create('a', '1Gi', 'fast')
  await expect(create('b', '2500Mi')).rejects.toMatchObject({
    message: expect.stringContaining(
      'requested: requests.storage=2500Mi, used: requests.storage=1Gi, limited: requests.storage=3Gi',
    ) as string,
  })
  await create('b', '1Gi')
  await expect(create('c', '1Gi')).rejects.toMatchObject({
    message: expect.stringContaining('used: persistentvolumeclaims=2') as string,
  })
})

test('a scoped quota counts the pods of its scope and nothing else', async () => {
  const registry = await limited({ pods: '0' }, { scopes: ['BestEffort'] })
  await expect(registry.create(Kinds.Pod, aPod('a'))).rejects.toMatchObject({ reason: 'Forbidden' })
  await expect(registry.create(Kinds.Pod, aPod('a', asking('1m')))).resolves.toBeDefined()
})

test('objects of any kind can be counted', async () => {
  const registry = await limited({ 'count/configmaps': '1' })
  const create = (name: string) => registry.create(Kinds.ConfigMap, { metadata: inDefault(name) })
  await create('a')
  await expect(create('b')).rejects.toMatchObject({
    message: expect.stringContaining('used: count/configmaps=1') as string,
  })
})

test('a quota of what nobody counts is refused', async () => {
  await expect(limited({ bananas: '1' })).rejects.toMatchObject({
    message: expect.stringContaining('must be a standard resource for quota') as string,
  })
})
