/**
 * The kit against an API server that keeps Kubernetes' rules: what is asserted is the state of the world afterwards,
 * not which calls were made. With PORPULSION_TEST_KUBECONFIG the server is the one of that file, which may be a bare one
 * without controllers and nodes.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { startEmbeddedCluster, type EmbeddedCluster } from '@porpulsion/embedded-cluster'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  addFinalizer,
  applyOwned,
  changesOf,
  changesOfOwned,
  ConfigMap,
  connectionFromKubeconfig,
  Controller,
  CustomResourceDefinition,
  EventRecorder,
  Informer,
  isAlreadyExists,
  isBeingDeleted,
  isConflict,
  isInvalid,
  isNotFound,
  isUnauthorized,
  KubeClient,
  KubeEvent,
  Namespace,
  Node,
  Pod,
  removeFinalizer,
  resourceKind,
  retryOnConflict,
  setCondition,
  systemClock,
  systemRandom,
  type Applied,
  type CacheChange,
  type Condition,
  type KubeObject,
  type KubeReport,
} from '../src/index.ts'
import { aClient, Reports } from './support.ts'

/** A kind of our own with a status. */
interface Widget extends KubeObject {
  spec?: { size?: number; tags?: string[] }
  status?: { conditions?: Condition[]; observedSize?: number }
}
const Widget = resourceKind<Widget>({
  group: 'kit.test',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
})
const text = { type: 'string' }
const conditionFields = {
  type: text,
  status: text,
  reason: text,
  message: text,
  lastTransitionTime: text,
  observedGeneration: { type: 'integer' },
}
const widgets: Applied<CustomResourceDefinition> = {
  metadata: { name: 'widgets.kit.test' },
  spec: {
    group: 'kit.test',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', minimum: 0 },
                  tags: { type: 'array', items: { type: 'string' } },
                },
              },
              status: {
                type: 'object',
                properties: {
                  observedSize: { type: 'integer' },
                  conditions: {
                    type: 'array',
                    items: { type: 'object', properties: conditionFields },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
}

const givenFile = process.env['PORPULSION_TEST_KUBECONFIG']
let cluster: EmbeddedCluster | undefined
let client: KubeClient
/** Nobody acts on objects, and nothing runs pods. */
let isBare = false
const namespaces: string[] = []

beforeAll(async () => {
  if (givenFile === undefined) cluster = await startEmbeddedCluster()
  const connection =
    cluster === undefined
      ? await connectionFromKubeconfig(
          await readFile(givenFile ?? '', 'utf8'),
          dirname(givenFile ?? ''),
        )
      : await connectionFromKubeconfig(cluster.kubeconfig(), '/')
  client = new KubeClient(connection, { fieldManager: 'kit-test' })
  isBare = (await client.list(Node)).items.length === 0
  await client.apply(CustomResourceDefinition, widgets)
  await established()
})

afterAll(async () => {
  if (cluster === undefined) {
    await client.delete(CustomResourceDefinition, widgets.metadata)
    for (const name of namespaces) await client.delete(Namespace, { name })
  }
  await client.close()
  await cluster?.stop()
})

/** Resolves once widgets can be stored. */
async function established(): Promise<void> {
  const informer = new Informer(
    { client, clock: systemClock, random: systemRandom, report: () => undefined },
    { kind: CustomResourceDefinition },
  )
  await new Promise<void>((resolve) => {
    informer.on(({ object }) => {
      const conditions = object.status?.conditions ?? []
      if (conditions.some(({ type, status }) => type === 'Established' && status === 'True'))
        resolve()
    })
    void informer.start(new AbortController().signal)
  })
  await informer.stop()
}

/** A namespace of this test's own. */
async function aNamespace(): Promise<string> {
  const name = `kit-test-${randomUUID().slice(0, 8)}`
  await client.create(Namespace, { metadata: { name } })
  namespaces.push(name)
  return name
}

/** A widget as it is applied. */
function aWidget(
  namespace: string,
  name: string,
  spec: Widget['spec'] & object = {},
): Widget & { metadata: { name: string } } {
  return { metadata: { namespace, name }, spec }
}

function followed<T extends KubeObject>(
  informer: Informer<T>,
): {
  changes: string[]
  until: (words: string) => Promise<void>
} {
  const changes: string[] = []
  const watchers = new Set<() => void>()
  informer.on(({ kind, object }: CacheChange<T>) => {
    changes.push(`${kind} ${object.metadata.name}`)
    for (const resolve of watchers) resolve()
    watchers.clear()
  })
  return {
    changes,
    async until(words) {
      while (!changes.includes(words))
        await new Promise<void>((resolve) => {
          watchers.add(resolve)
        })
    },
  }
}

function anInformer<T extends KubeObject>(
  options: ConstructorParameters<typeof Informer<T>>[1],
  own: KubeClient = client,
  report: (report: KubeReport) => void = () => undefined,
): Informer<T> {
  const informer = new Informer<T>(
    { client: own, clock: systemClock, random: systemRandom, report },
    { backoff: { minMs: 10, maxMs: 50 }, ...options },
  )
  onTestFinished(() => informer.stop())
  return informer
}

const timeAndText = /^\d{4}-\d\d-\d\dT\S+Z .+/

const never = new AbortController().signal

describe('objects', () => {
  test('are created once, found, and gone after their deletion', async () => {
    const namespace = await aNamespace()
    const ref = { namespace, name: 'settings' }
    const created = await client.create(ConfigMap, { metadata: ref, data: { a: '1' } })
    expect(created).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { a: '1' } })

    const again = client.create(ConfigMap, { metadata: ref })
    expect(isAlreadyExists(await again.catch((error: unknown) => error))).toBe(true)

    await client.delete(ConfigMap, ref)
    expect(await client.find(ConfigMap, ref)).toBeUndefined()
    const deletion = client.delete(ConfigMap, ref)
    expect(isNotFound(await deletion.catch((error: unknown) => error))).toBe(true)
  })

  test('are not deleted in place of a namesake', async () => {
    const namespace = await aNamespace()
    const ref = { namespace, name: 'settings' }
    const first = await client.create(ConfigMap, { metadata: ref })
    await client.delete(ConfigMap, ref)
    await client.create(ConfigMap, { metadata: ref })

    const deletion = client.delete(ConfigMap, ref, { uid: first.metadata.uid })
    expect(isConflict(await deletion.catch((error: unknown) => error))).toBe(true)
    expect(await client.find(ConfigMap, ref)).toBeDefined()
  })

  test('changed in between are a conflict, which reading again settles', async () => {
    const namespace = await aNamespace()
    const read = await client.create(ConfigMap, {
      metadata: { namespace, name: 'n' },
      data: { n: '0' },
    })
    await client.update(ConfigMap, { ...read, data: { n: '1' } })

    const stale = client.update(ConfigMap, { ...read, data: { n: '2' } })
    expect(isConflict(await stale.catch((error: unknown) => error))).toBe(true)

    const increment = (): Promise<unknown> =>
      retryOnConflict(async () => {
        const { data, ...current } = await client.get(ConfigMap, read.metadata)
        await client.update(ConfigMap, { ...current, data: { n: String(Number(data?.['n']) + 1) } })
      })
    await Promise.all([increment(), increment(), increment()])
    expect((await client.get(ConfigMap, read.metadata)).data).toEqual({ n: '4' })
  })

  test('are patched in every way there is', async () => {
    const namespace = await aNamespace()
    const { metadata } = await client.create(
      Widget,
      aWidget(namespace, 'w', { size: 1, tags: ['a'] }),
    )
    await client.patch(Widget, metadata, { kind: 'merge', body: { spec: { size: null } } })
    await client.patch(Widget, metadata, {
      kind: 'json',
      operations: [{ op: 'add', path: '/spec/tags/-', value: 'b' }],
    })
    expect((await client.get(Widget, metadata)).spec).toEqual({ tags: ['a', 'b'] })

    const settings = await client.create(ConfigMap, {
      metadata: { namespace, name: 'c' },
      data: { a: '1' },
    })
    const patched = await client.patch(ConfigMap, settings.metadata, {
      kind: 'strategic',
      body: { data: { b: '2' } },
    })
    expect(patched.data).toEqual({ a: '1', b: '2' })
  })

  test('that break their schema are refused with the field', async () => {
    const namespace = await aNamespace()
    const refused = await client
      .create(Widget, aWidget(namespace, 'w', { size: -1 }))
      .catch((error: unknown) => error as Error)
    expect(isInvalid(refused)).toBe(true)
    expect((refused as Error).message).toContain('spec.size')
  })

  test('of an unknown kind, or asked for by a stranger, are refused', async () => {
    const Gadget = { ...Widget, plural: 'gadgets', kind: 'Gadget' }
    const unknown = client.list(Gadget)
    expect(isNotFound(await unknown.catch((error: unknown) => error))).toBe(true)

    const stranger = aClient({
      ...client.connection,
      credentials: {
        current: () => Promise.resolve({ authorization: 'Bearer wrong' }),
        expire: () => undefined,
      },
    })
    const refused = stranger.get(Namespace, { name: 'default' })
    expect(isUnauthorized(await refused.catch((error: unknown) => error))).toBe(true)
  })

  test('are listed whole, page by page, by label', async () => {
    const namespace = await aNamespace()
    for (let number = 0; number < 7; number++)
      await client.create(ConfigMap, {
        metadata: { namespace, name: `c${number}`, labels: { parity: String(number % 2) } },
      })
    const { items } = await client.list(ConfigMap, {
      namespace,
      labelSelector: { parity: '1' },
      pageSize: 2,
    })
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['c1', 'c3', 'c5'])
    const page = await client.listPage(ConfigMap, { namespace, limit: 3 })
    expect(page.items).toHaveLength(3)
    expect(page.continueToken).toBeDefined()
  })

  test('that are only tried out are not there', async () => {
    const namespace = await aNamespace()
    const ref = { namespace, name: 'c' }
    await client.apply(ConfigMap, { metadata: ref, data: { a: '1' } }, { dryRun: true })
    expect(await client.find(ConfigMap, ref)).toBeUndefined()
  })
})

describe('server-side apply', () => {
  test('takes away what is no longer mentioned, and leaves what others set', async () => {
    const namespace = await aNamespace()
    const ref = { namespace, name: 'c' }
    await client.apply(ConfigMap, { metadata: ref, data: { ours: '1', dropped: '1' } })
    await client.apply(
      ConfigMap,
      { metadata: ref, data: { theirs: '1' } },
      { fieldManager: 'other' },
    )
    const { data } = await client.apply(ConfigMap, { metadata: ref, data: { ours: '2' } })

    expect(data).toEqual({ ours: '2', theirs: '1' })
  })

  test('without force stops at what others own', async () => {
    const namespace = await aNamespace()
    const ref = { namespace, name: 'c' }
    await client.apply(ConfigMap, { metadata: ref, data: { a: '1' } })
    const polite = client.apply(
      ConfigMap,
      { metadata: ref, data: { a: '2' } },
      { fieldManager: 'other', force: false },
    )
    expect(isConflict(await polite.catch((error: unknown) => error))).toBe(true)
  })

  test('of what was read applies it back', async () => {
    const namespace = await aNamespace()
    const read = await client.apply(ConfigMap, {
      metadata: { namespace, name: 'c' },
      data: { a: '1' },
    })
    const { metadata } = await client.apply(ConfigMap, read)
    expect(metadata.resourceVersion).toBe(read.metadata.resourceVersion)
  })

  test('of a status leaves the spec, and the other way round', async () => {
    const namespace = await aNamespace()
    const ref = { namespace, name: 'w' }
    await client.apply(Widget, aWidget(namespace, 'w', { size: 3 }))
    await client.applyStatus(Widget, ref, { observedSize: 3 })
    await client.apply(Widget, aWidget(namespace, 'w', { size: 4 }))

    expect(await client.get(Widget, ref)).toMatchObject({
      spec: { size: 4 },
      status: { observedSize: 3 },
      metadata: { generation: 2 },
    })
  })

  test('a child goes with its owner, and a taken name is left alone', async ({ skip }) => {
    if (isBare) return skip('no garbage collector runs beside this API server')
    const namespace = await aNamespace()
    const owner = await client.create(Widget, aWidget(namespace, 'w'))
    await client.create(ConfigMap, { metadata: { namespace, name: 'taken' } })
    const children = anInformer({ kind: ConfigMap, namespace })
    const { until } = followed(children)
    await children.start(never)

    const child = await applyOwned(client, ConfigMap, { metadata: { name: 'child' } }, owner)
    const taken = await applyOwned(client, ConfigMap, { metadata: { name: 'taken' } }, owner)
    expect([child.kind, taken.kind]).toEqual(['applied', 'taken'])
    await until('added child')
    expect(children.ownedBy(owner.metadata.uid)).toHaveLength(1)

    await client.delete(Widget, owner.metadata)
    await until('deleted child')
    expect(await client.find(ConfigMap, { namespace, name: 'taken' })).toBeDefined()
  })
})

describe('finalizers', () => {
  test('keep an object until the last is removed', async () => {
    const namespace = await aNamespace()
    const created = await client.create(Widget, aWidget(namespace, 'w'))
    const held = await addFinalizer(client, Widget, created, 'kit.test/a')
    await addFinalizer(client, Widget, created, 'kit.test/b')
    await client.delete(Widget, created.metadata)

    const going = await client.get(Widget, created.metadata)
    expect(isBeingDeleted(going)).toBe(true)
    expect(going.metadata.finalizers).toEqual(['kit.test/a', 'kit.test/b'])

    // With objects as a cache would have them: older than the server's.
    await removeFinalizer(client, Widget, held, 'kit.test/a')
    expect(await client.find(Widget, created.metadata)).toBeDefined()
    await removeFinalizer(client, Widget, going, 'kit.test/b')
    expect(await client.find(Widget, created.metadata)).toBeUndefined()
    await removeFinalizer(client, Widget, going, 'kit.test/b')
  })
})

describe('informers', () => {
  test('follow what happens, whoever does it', async () => {
    const namespace = await aNamespace()
    const informer = anInformer({ kind: ConfigMap, namespace })
    const { until, changes } = followed(informer)
    await informer.start(never)

    const { metadata } = await client.create(ConfigMap, { metadata: { namespace, name: 'c' } })
    await until('added c')
    await client.patch(ConfigMap, metadata, { kind: 'merge', body: { data: { a: '1' } } })
    await until('updated c')
    expect(informer.get(metadata)?.data).toEqual({ a: '1' })
    await client.delete(ConfigMap, metadata)
    await until('deleted c')

    expect(changes).toEqual(['added c', 'updated c', 'deleted c'])
    expect(informer.size).toBe(0)
  })

  test('with a selector see an object come and go as its labels change', async () => {
    const namespace = await aNamespace()
    const informer = anInformer({ kind: ConfigMap, namespace, labelSelector: 'on=yes' })
    const { until } = followed(informer)
    await informer.start(never)
    const { metadata } = await client.create(ConfigMap, { metadata: { namespace, name: 'c' } })
    const label = (on: string | null): Promise<unknown> =>
      client.patch(ConfigMap, metadata, { kind: 'merge', body: { metadata: { labels: { on } } } })

    await label('yes')
    await until('added c')
    await label(null)
    await until('deleted c')
  })

  test('catch up with a server that was away, and missed nothing', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kube-'))
    onTestFinished(() => rm(dir, { recursive: true }))
    const first = await startEmbeddedCluster({ dir, workloads: false })
    onTestFinished(() => first.stop())
    const { connection } = new KubeClient(await connectionFromKubeconfig(first.kubeconfig(), '/'), {
      fieldManager: 'kit-test',
    })
    const own = aClient(connection)
    const reports = new Reports()
    const informer = anInformer({ kind: ConfigMap, namespace: 'default' }, own, reports.sink)
    const { until, changes } = followed(informer)
    await own.create(ConfigMap, { metadata: { namespace: 'default', name: 'before' } })
    await informer.start(never)
    await until('added before')

    await first.stop()
    await reports.next('watch-failed')
    const port = Number(new URL(first.url).port)
    const second = await startEmbeddedCluster({ dir, port, workloads: false })
    onTestFinished(() => second.stop())
    await own.create(ConfigMap, { metadata: { namespace: 'default', name: 'after' } })
    await until('added after')

    expect(changes).toEqual(['added before', 'added after'])
  })

  test('leave behind what a server no longer has that lost its state', async () => {
    const first = await startEmbeddedCluster({ workloads: false, tls: false })
    onTestFinished(() => first.stop())
    let token = first.token
    const own = aClient({
      server: first.url,
      credentials: {
        current: () => Promise.resolve({ authorization: `Bearer ${token}` }),
        expire: () => undefined,
      },
    })
    for (let number = 0; number < 50; number++)
      await own.create(ConfigMap, { metadata: { namespace: 'default', name: `c${number}` } })
    const informer = anInformer({ kind: ConfigMap, namespace: 'default' }, own)
    const { until } = followed(informer)
    await informer.start(never)
    expect(informer.size).toBe(50)

    await first.stop()
    const port = Number(new URL(first.url).port)
    const second = await startEmbeddedCluster({ workloads: false, tls: false, port })
    onTestFinished(() => second.stop())
    token = second.token
    await until('deleted c49')

    expect(informer.size).toBe(0)
  })
})

describe('a controller', () => {
  test('makes the world agree, and does so again when somebody disagrees', async () => {
    const namespace = await aNamespace()
    const roots = anInformer({ kind: Widget, namespace })
    const children = anInformer({ kind: ConfigMap, namespace })
    const { until } = followed(children)
    const statuses = followed(roots)
    const controller = new Controller(
      { clock: systemClock, random: systemRandom, report: () => undefined },
      {
        name: 'widgets',
        sources: [changesOf(roots), changesOfOwned(children, Widget)],
        reconcile: async (ref, signal) => {
          const widget = roots.get(ref)
          if (widget === undefined) return
          const size = widget.spec?.size ?? 0
          const child = { metadata: { name: ref.name }, data: { size: String(size) } }
          await applyOwned(client, ConfigMap, child, widget, { signal })
          const before = widget.status?.conditions ?? []
          const conditions = setCondition(
            before,
            {
              type: 'Ready',
              status: 'True',
              reason: 'Applied',
              message: `The child says ${size}`,
              observedGeneration: widget.metadata.generation ?? 0,
            },
            systemClock,
          )
          if (conditions === before) return
          await client.updateStatus(Widget, { ...widget, status: { conditions } }, { signal })
        },
      },
    )
    onTestFinished(() => controller.stop())
    await Promise.all([roots.start(never), children.start(never), controller.start(never)])

    const ref = { namespace, name: 'w' }
    await client.create(Widget, aWidget(namespace, 'w', { size: 3 }))
    await until('added w')
    await statuses.until('updated w')
    expect((await client.get(ConfigMap, ref)).data).toEqual({ size: '3' })
    expect((await client.get(Widget, ref)).status?.conditions).toMatchObject([
      { type: 'Ready', status: 'True', observedGeneration: 1 },
    ])

    await client.delete(ConfigMap, ref)
    await until('deleted w')
    while ((await client.find(ConfigMap, ref)) === undefined) await controller.whenIdle()

    await controller.whenIdle()
    const { metadata } = await client.get(Widget, ref)
    await controller.whenIdle()
    expect((await client.get(Widget, ref)).metadata.resourceVersion).toBe(metadata.resourceVersion)
  })
})

test('a log is followed while the pod writes it, and resumed by time', async ({ skip }) => {
  if (isBare) return skip('nothing runs pods beside this API server')
  const namespace = await aNamespace()
  const pods = anInformer({ kind: Pod, namespace })
  await pods.start(never)
  const running = new Promise<void>((resolve) => {
    pods.on(({ object }) => {
      if (object.status?.phase === 'Running') resolve()
    })
  })
  const { metadata } = await client.create(Pod, {
    metadata: { namespace, name: 'ticker' },
    spec: { containers: [{ name: 'ticker', image: 'porpulsion/ticker' }], restartPolicy: 'Never' },
  })
  await running
  const log = await client.logs(metadata, { follow: true, timestamps: true })
  const lines: string[] = []
  for await (const line of createInterface({ input: log })) {
    lines.push(line)
    if (lines.length === 2) break
  }
  log.destroy()
  expect(lines).toEqual([expect.stringMatching(timeAndText), expect.stringMatching(timeAndText)])

  const sinceTime = lines[1]?.split(' ')[0]
  const rest = await client.logs(metadata, { sinceTime, timestamps: true })
  rest.setEncoding('utf8')
  expect((await rest.toArray()).join('').split('\n')[0]).toBe(lines[1])
  await client.delete(Pod, metadata, { gracePeriodSeconds: 0 })
})

describe('events', () => {
  test('are seen by whoever describes the object', async () => {
    const namespace = await aNamespace()
    const widget = await client.create(Widget, aWidget(namespace, 'w'))
    const recorder = new EventRecorder(
      { client, clock: systemClock, random: systemRandom, report: () => undefined },
      { component: 'kit-test', instance: 'here' },
    )
    const text = {
      type: 'Warning',
      reason: 'TooLarge',
      message: 'The widget was too large',
    } as const
    recorder.record(widget, text)
    recorder.record(widget, text)
    await recorder.stop()

    const { items } = await client.list(KubeEvent, {
      namespace,
      fieldSelector: { 'involvedObject.uid': widget.metadata.uid },
    })
    expect(items).toMatchObject([{ reason: 'TooLarge', count: 2, type: 'Warning' }])
  })
})
