import { describe, expect, test } from 'vitest'
import {
  addFinalizer,
  applyOwned,
  ConfigMap,
  ownerReference,
  Pod,
  removeFinalizer,
  retryOnConflict,
  type KubeObject,
  type Stored,
} from '../src/index.ts'
import { json, scriptedServer, status } from './scripted-server.ts'
import { aClient, aPod } from './support.ts'

const ours = 'porpulsion.io/cleanup'
const stored = (
  name: string,
  version: string,
  metadata: Parameters<typeof aPod>[2] = {},
): Stored<Pod> =>
  // Has all that the server sets.
  aPod(name, version, metadata) as Stored<Pod>
const bodyOf = (exchange: { body: string } | undefined): unknown => JSON.parse(exchange?.body ?? '')

describe('finalizers', () => {
  test('one that is there already costs no request', async () => {
    const server = await scriptedServer()
    const pod = stored('web', '5', { finalizers: [ours] })
    expect(await addFinalizer(aClient(server.connection), Pod, pod, ours)).toBe(pod)
    await removeFinalizer(aClient(server.connection), Pod, stored('web', '5'), ours)
    expect(server.exchanges).toEqual([])
  })

  test('are written against the version they were read from', async () => {
    const server = await scriptedServer()
    server.script(json(aPod('web', '6')))
    await addFinalizer(
      aClient(server.connection),
      Pod,
      stored('web', '5', { finalizers: ['theirs'] }),
      ours,
    )
    expect(bodyOf(server.exchanges[0])).toEqual({
      metadata: { resourceVersion: '5', finalizers: ['theirs', ours] },
    })
  })

  test("another's finalizer that came in between is not lost", async () => {
    const server = await scriptedServer()
    server.script(
      status(409, 'Conflict'),
      json(aPod('web', '7', { finalizers: [ours, 'theirs'] })),
      json(aPod('web', '8')),
    )
    await removeFinalizer(
      aClient(server.connection),
      Pod,
      stored('web', '5', { finalizers: [ours] }),
      ours,
    )
    expect(bodyOf(server.exchanges[2])).toEqual({
      metadata: { resourceVersion: '7', finalizers: ['theirs'] },
    })
  })

  test('of an object that is gone are removed', async () => {
    const server = await scriptedServer()
    server.script(status(404, 'NotFound'))
    const pod = stored('web', '5', { finalizers: [ours] })
    await removeFinalizer(aClient(server.connection), Pod, pod, ours)
    expect(server.exchanges).toHaveLength(1)
  })

  test('of a namesake are left alone', async () => {
    const server = await scriptedServer()
    server.script(
      status(409, 'Conflict'),
      json(aPod('web', '9', { uid: 'another', finalizers: [ours] })),
    )
    const pod = stored('web', '5', { finalizers: [ours] })
    await removeFinalizer(aClient(server.connection), Pod, pod, ours)
    expect(server.exchanges.map(({ method }) => method)).toEqual(['PATCH', 'GET'])
  })
})

describe('a fight over one object', () => {
  test('is given up after some rounds', async () => {
    const server = await scriptedServer()
    server.otherwise(status(409, 'Conflict'))
    const client = aClient(server.connection)
    await expect(retryOnConflict(() => client.update(Pod, aPod('web', '5')))).rejects.toMatchObject(
      { reason: 'Conflict' },
    )
    expect(server.exchanges).toHaveLength(5)
  })

  test('is not one when the name is taken', async () => {
    const server = await scriptedServer()
    server.otherwise(status(409, 'AlreadyExists'))
    const client = aClient(server.connection)
    await expect(retryOnConflict(() => client.create(Pod, aPod('web', '')))).rejects.toMatchObject({
      reason: 'AlreadyExists',
    })
    expect(server.exchanges).toHaveLength(1)
  })
})

describe('a child', () => {
  const owner: Stored<KubeObject> = {
    apiVersion: 'porpulsion.io/v1alpha1',
    kind: 'ExecutingApp',
    metadata: {
      namespace: 'apps',
      name: 'web',
      uid: 'owner-uid',
      resourceVersion: '1',
      creationTimestamp: '2030-01-01T00:00:00Z',
    },
  }
  const child = { metadata: { name: 'web-files' }, data: { a: '1' } }
  const existing = (metadata: object): object => ({
    ...child,
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: {
      name: 'web-files',
      namespace: 'apps',
      uid: 'child-uid',
      resourceVersion: '3',
      ...metadata,
    },
  })

  test("is applied into its owner's namespace, with its owner", async () => {
    const server = await scriptedServer()
    server.script(status(404, 'NotFound'), json(existing({})))
    const applied = await applyOwned(aClient(server.connection), ConfigMap, child, owner)

    expect(applied.kind).toBe('applied')
    expect(bodyOf(server.exchanges[1])).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'apps', name: 'web-files', ownerReferences: [ownerReference(owner)] },
      data: { a: '1' },
    })
  })

  test('that exists is applied to that very object', async () => {
    const server = await scriptedServer()
    const answer = json(existing({ ownerReferences: [ownerReference(owner)] }))
    server.script(answer, answer)
    await applyOwned(aClient(server.connection), ConfigMap, child, owner)

    expect(bodyOf(server.exchanges[1])).toMatchObject({ metadata: { uid: 'child-uid' } })
  })

  test.each([
    ['nobody', {}],
    ['somebody else', { ownerReferences: [{ ...ownerReference(owner), uid: 'another' }] }],
  ])('is not applied over an object that belongs to %s', async (_, metadata) => {
    const server = await scriptedServer()
    server.script(json(existing(metadata)))
    const applied = await applyOwned(aClient(server.connection), ConfigMap, child, owner)

    expect(applied).toMatchObject({
      kind: 'taken',
      message: 'ConfigMap apps/web-files exists and does not belong to ExecutingApp web',
    })
    expect(server.exchanges).toHaveLength(1)
  })
})
