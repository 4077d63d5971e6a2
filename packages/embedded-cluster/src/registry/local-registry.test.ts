import type { Deployment } from 'kubernetes-types/apps/v1.js'
import { describe, expect, test } from 'vitest'
import { aRegistry, ManualClock } from '../../test/test-registry.ts'
import { Kinds } from './kinds.ts'
import type { WatchEvent } from './registry.ts'

const inDefault = (name: string) => ({ namespace: 'default', name })

function aDeployment(name = 'web'): Deployment {
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'porpulsion/hello' }] },
      },
    },
  }
}

describe('writing', () => {
  test('a new object gets uid, creation time, resourceVersion, generation and defaults', async () => {
    const registry = await aRegistry()
    const made = await registry.create(Kinds.Deployment, aDeployment())
    expect(made.metadata).toMatchObject({
      name: 'web',
      generation: 1,
      creationTimestamp: '2030-01-02T03:04:05Z',
    })
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(made.spec).toMatchObject({ replicas: 1, strategy: { type: 'RollingUpdate' } })
    expect(registry.get(Kinds.Deployment, inDefault('web'))).toBe(made)
  })

  test('a second object of the same name is refused', async () => {
    const registry = await aRegistry()
    await registry.create(Kinds.Deployment, aDeployment())
    await expect(registry.create(Kinds.Deployment, aDeployment())).rejects.toMatchObject({
      reason: 'AlreadyExists',
      message: 'deployments.apps "web" already exists',
    })
  })

  test('an update with an old resourceVersion is a conflict', async () => {
    const registry = await aRegistry()
    const made = await registry.create(Kinds.Deployment, aDeployment())
    await registry.modify(Kinds.Deployment, inDefault('web'), (draft) => {
      draft.spec!.replicas = 2
    })
    await expect(registry.update(Kinds.Deployment, made)).rejects.toMatchObject({
      reason: 'Conflict',
      code: 409,
    })
  })

  test('a change of the spec bumps the generation, one of labels or status does not', async () => {
    const registry = await aRegistry()
    await registry.create(Kinds.Deployment, aDeployment())
    const change = (change: (draft: Deployment) => void, subresource?: 'status') =>
      registry.modify(
        Kinds.Deployment,
        inDefault('web'),
        change,
        subresource === undefined ? {} : { subresource },
      )
    const labelled = await change((draft) => {
      draft.metadata!.labels = { tier: 'front' }
    })
    expect(labelled?.metadata.generation).toBe(1)
    const scaled = await change((draft) => {
      draft.spec!.replicas = 3
    })
    expect(scaled?.metadata.generation).toBe(2)
    const observed = await change((draft) => {
      Object.assign(draft, { status: { replicas: 3 } })
      draft.spec!.replicas = 9
    }, 'status')
    expect(observed).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 3 },
      status: { replicas: 3 },
    })
  })

  test('a change that changes nothing is not a write', async () => {
    const registry = await aRegistry()
    const made = await registry.create(Kinds.Deployment, aDeployment())
    const again = await registry.modify(Kinds.Deployment, inDefault('web'), (draft) => {
      draft.spec!.replicas = 1
    })
    expect(again).toBe(made)
  })

  test('what the registry gives out cannot be changed', async () => {
    const registry = await aRegistry()
    const made = await registry.create(Kinds.Deployment, aDeployment())
    expect(() => {
      made.spec!.replicas = 7
    }).toThrow(TypeError)
  })

  test('an invalid object is refused with every field that is wrong', async () => {
    const registry = await aRegistry()
    const deployment = aDeployment('Bad_Name')
    deployment.spec!.selector = { matchLabels: { app: 'other' } }
    deployment.spec!.template.spec!.containers[0]!.image = ''
    await expect(registry.create(Kinds.Deployment, deployment)).rejects.toMatchObject({
      reason: 'Invalid',
      code: 422,
      causes: [
        { field: 'metadata.name', reason: 'FieldValueInvalid' },
        {
          field: 'spec.template.metadata.labels',
          message: 'Invalid value: {"app":"Bad_Name"}: `selector` does not match template `labels`',
        },
        { field: 'spec.template.spec.containers[0].image', message: 'Required value' },
      ],
    })
  })

  test('a dry run answers like a write and keeps nothing', async () => {
    const registry = await aRegistry()
    const made = await registry.create(Kinds.Deployment, aDeployment(), { dryRun: true })
    expect(made.metadata.uid).toBeDefined()
    expect(registry.get(Kinds.Deployment, inDefault('web'))).toBeUndefined()
  })
})

describe('deleting', () => {
  test('a finalizer holds the object until it is removed', async () => {
    const registry = await aRegistry()
    const deployment = aDeployment()
    deployment.metadata!.finalizers = ['example.com/hold']
    await registry.create(Kinds.Deployment, deployment)
    const held = await registry.delete(Kinds.Deployment, inDefault('web'))
    expect(held.metadata.deletionTimestamp).toBeDefined()
    expect(registry.get(Kinds.Deployment, inDefault('web'))).toBe(held)
    await registry.modify(Kinds.Deployment, inDefault('web'), (draft) => {
      draft.metadata.finalizers = []
    })
    expect(registry.get(Kinds.Deployment, inDefault('web'))).toBeUndefined()
  })

  test('a scheduled pod stays for its grace period, and goes when the runtime says so', async () => {
    const clock = new ManualClock()
    const registry = await aRegistry(clock)
    await registry.create(Kinds.Pod, {
      metadata: { name: 'p', namespace: 'default' },
      spec: { nodeName: 'node', containers: [{ name: 'c', image: 'porpulsion/hello' }] },
    })
    const going = await registry.delete(Kinds.Pod, inDefault('p'))
    expect(going.metadata).toMatchObject({
      deletionTimestamp: '2030-01-02T03:04:35Z',
      deletionGracePeriodSeconds: 30,
    })
    await registry.delete(Kinds.Pod, inDefault('p'), { gracePeriodSeconds: 0 })
    expect(registry.get(Kinds.Pod, inDefault('p'))).toBeUndefined()
  })

  test('preconditions protect a re-created namesake', async () => {
    const registry = await aRegistry()
    await registry.create(Kinds.Deployment, aDeployment())
    await expect(
      registry.delete(Kinds.Deployment, inDefault('web'), { preconditions: { uid: 'other' } }),
    ).rejects.toMatchObject({ reason: 'Conflict' })
  })

  test('a namespace stays Terminating until it is finalized, and takes nothing new', async () => {
    const registry = await aRegistry()
    await registry.create(Kinds.Namespace, { metadata: { name: 'shop' } })
    const going = await registry.delete(Kinds.Namespace, { name: 'shop' })
    expect(going).toMatchObject({ status: { phase: 'Terminating' } })
    await expect(
      registry.create(Kinds.ConfigMap, { metadata: { name: 'late', namespace: 'shop' } }),
    ).rejects.toMatchObject({ reason: 'Forbidden' })
    await registry.modify(
      Kinds.Namespace,
      { name: 'shop' },
      (draft) => {
        draft.spec = { finalizers: [] }
      },
      { subresource: 'finalize' },
    )
    expect(registry.get(Kinds.Namespace, { name: 'shop' })).toBeUndefined()
  })
})

describe('watching', () => {
  test('present objects come first, then every change in order, with the state before', async () => {
    const registry = await aRegistry()
    const made = await registry.create(Kinds.Deployment, aDeployment())
    const events: WatchEvent[] = []
    registry.watch(Kinds.Deployment, {}, (event) => events.push(event))
    const scaled = await registry.modify(Kinds.Deployment, inDefault('web'), (draft) => {
      draft.spec!.replicas = 2
    })
    await registry.delete(Kinds.Deployment, inDefault('web'))
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    expect(events[1]).toEqual({ type: 'MODIFIED', object: scaled, previous: made })
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion))
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
  })

  test('a watch from a list misses nothing and repeats nothing', async () => {
    const registry = await aRegistry()
    await registry.create(Kinds.Deployment, aDeployment('a'))
    const { resourceVersion } = registry.list(Kinds.Deployment)
    await registry.create(Kinds.Deployment, aDeployment('b'))
    const seen: string[] = []
    registry.watch(Kinds.Deployment, { since: resourceVersion }, ({ object }) =>
      seen.push(object.metadata.name),
    )
    await registry.create(Kinds.Deployment, aDeployment('c'))
    expect(seen).toEqual(['b', 'c'])
  })

  test('a watch from before the history is told to list anew', async () => {
    const registry = await aRegistry()
    const { resourceVersion } = registry.list(Kinds.Deployment)
    await registry.create(Kinds.Deployment, aDeployment('a'))
    registry.compact()
    expect(() =>
      registry.watch(Kinds.Deployment, { since: resourceVersion }, () => undefined),
    ).toThrow(expect.objectContaining({ reason: 'Expired', code: 410 }))
  })

  test('a handler that throws neither fails the write nor stops the others', async () => {
    const registry = await aRegistry()
    const seen: string[] = []
    registry.watchAll(({ object }) => {
      if (object.kind === 'Deployment') throw new Error('broken handler')
    })
    registry.watch(Kinds.Deployment, {}, ({ object }) => seen.push(object.metadata.name))
    await registry.create(Kinds.Deployment, aDeployment())
    expect(seen).toEqual(['web'])
  })
})

test('dependents are found by their owner, and forgotten with the reference', async () => {
  const registry = await aRegistry()
  const owner = await registry.create(Kinds.Deployment, aDeployment())
  const { uid } = owner.metadata
  await registry.create(Kinds.ConfigMap, {
    metadata: {
      name: 'owned',
      namespace: 'default',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid }],
    },
  })
  expect(registry.dependentsOf(uid).map(({ metadata }) => metadata.name)).toEqual(['owned'])
  await registry.modify(Kinds.ConfigMap, inDefault('owned'), (draft) => {
    delete draft.metadata.ownerReferences
  })
  expect(registry.dependentsOf(uid)).toEqual([])
})
