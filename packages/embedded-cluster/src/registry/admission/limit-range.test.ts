import type { LimitRangeItem } from 'kubernetes-types/core/v1.js'
import { expect, test } from 'vitest'
import { aClaim, aPod, inDefault } from '../../../test/support/builders.ts'
import { aRegistry } from '../../../test/test-registry.ts'
import { Kinds } from '../kinds.ts'
import type { LocalRegistry } from '../local-registry.ts'

async function limited(...limits: LimitRangeItem[]): Promise<LocalRegistry> {
  const registry = await aRegistry()
  await registry.create(Kinds.LimitRange, { metadata: inDefault('range'), spec: { limits } })
  return registry
}

test('containers get what they do not say, and the class that comes with it', async () => {
  const registry = await limited({
    type: 'Container',
    default: { cpu: '1', memory: '1Gi' },
    defaultRequest: { cpu: '100m' },
  })
  expect(await registry.create(Kinds.Pod, aPod('a'))).toMatchObject({
    spec: {
      containers: [
        {
          resources: {
            limits: { cpu: '1', memory: '1Gi' },
            requests: { cpu: '100m', memory: '1Gi' },
          },
        },
      ],
    },
    status: { qosClass: 'Burstable' },
  })
  const own = { limits: { cpu: '2' } }
  const made = await registry.create(Kinds.Pod, aPod('b', { resources: own }))
  expect(made.spec?.containers[0]?.resources).toEqual({
    limits: { cpu: '2', memory: '1Gi' },
    requests: { cpu: '2', memory: '1Gi' },
  })
})

test('with defaults a quota on limits is no obstacle', async () => {
  const registry = await limited({ type: 'Container', default: { cpu: '1' } })
  const quota = { metadata: inDefault('quota'), spec: { hard: { 'limits.cpu': '1' } } }
  await registry.create(Kinds.ResourceQuota, quota)
  await registry.create(Kinds.Pod, aPod('a'))
  await expect(registry.create(Kinds.Pod, aPod('b'))).rejects.toMatchObject({
    message: expect.stringContaining('exceeded quota') as string,
  })
})

const resources = (request: string, limit: string) => ({
  resources: { requests: { cpu: request }, limits: { cpu: limit } },
})

test.each<readonly [string, LimitRangeItem, object]>([
  [
    'maximum cpu usage per Container is 1, but limit is 2',
    { type: 'Container', max: { cpu: '1' } },
    resources('1', '2'),
  ],
  [
    'minimum cpu usage per Container is 100m, but request is 50m',
    { type: 'Container', min: { cpu: '100m' } },
    resources('50m', '1'),
  ],
  [
    'maximum memory usage per Pod is 1Gi.  No limit is specified',
    { type: 'Pod', max: { memory: '1Gi' } },
    {},
  ],
  [
    'cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000',
    { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
    resources('250m', '1'),
  ],
])('%s', async (message, limits, container) => {
  const registry = await limited(limits)
  await expect(registry.create(Kinds.Pod, aPod('a', container))).rejects.toMatchObject({
    reason: 'Forbidden',
    message: `pods "a" is forbidden: ${message}`,
  })
})

test('a claim stays within its range', async () => {
  const registry = await limited({
    type: 'PersistentVolumeClaim',
    min: { storage: '1Gi' },
    max: { storage: '2Gi' },
  })
  const create = (storage: string) =>
    registry.create(
      Kinds.PersistentVolumeClaim,
      aClaim('data', { resources: { requests: { storage } } }),
    )
  await expect(create('3Gi')).rejects.toMatchObject({
    message:
      'persistentvolumeclaims "data" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
  })
  await expect(create('2Gi')).resolves.toBeDefined()
})

test('a range that contradicts itself is refused', async () => {
  await expect(
    limited({ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }),
  ).rejects.toMatchObject({
    message: expect.stringContaining(
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    ) as string,
  })
})
