/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument -- answers are walked into as JSON; a field that is missing fails the assertion */
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { aCluster, aConfigMap, aDeployment, configMaps, deployments, take } from './test-cluster.ts'
import { ManualClock } from './test-registry.ts'

test('discovery says what is served, in the old form and in the aggregated one', async () => {
  const { call } = await aCluster()
  const apps = await call('GET', '/apis/apps/v1')
  expect(apps.body.resources.map(({ name }: { name: string }) => name)).toEqual([
    'deployments',
    'deployments/status',
    'deployments/scale',
    'replicasets',
    'replicasets/status',
    'replicasets/scale',
  ])
  const accept =
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
  const all = await call('GET', '/apis', { accept })
  expect(all.body.kind).toBe('APIGroupDiscoveryList')
  const group = all.body.items.find(
    ({ metadata }: { metadata: { name: string } }) => metadata.name === 'apps',
  )
  expect(group.versions[0].resources[0]).toMatchObject({
    resource: 'deployments',
    shortNames: ['deploy'],
    scope: 'Namespaced',
    responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  })
})

test('every kind has a path in OpenAPI whose PATCH takes fieldValidation', async () => {
  const { call } = await aCluster()
  const index = await call('GET', '/openapi/v3')
  const { serverRelativeURL } = index.body.paths['apis/apps/v1']
  const { body } = await call('GET', serverRelativeURL)
  const { patch } = body.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']
  expect(patch['x-kubernetes-group-version-kind']).toEqual({
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
  })
  expect(patch.parameters.map(({ name }: { name: string }) => name)).toContain('fieldValidation')
  expect(body.components.schemas['types.core.Container'].properties.ports).toMatchObject({
    'x-kubernetes-patch-merge-key': 'containerPort',
  })
})

test('what is not there is a Status that says so', async () => {
  const { call } = await aCluster()
  const object = await call('GET', `${deployments}/none`)
  expect(object).toMatchObject({
    status: 404,
    body: {
      kind: 'Status',
      status: 'Failure',
      reason: 'NotFound',
      message: 'deployments.apps "none" not found',
      details: { name: 'none', group: 'apps', kind: 'deployments' },
      code: 404,
    },
  })
  expect((await call('GET', '/apis/nothing.io/v1/things')).body.message).toBe(
    'the server could not find the requested resource',
  )
  expect((await call('PUT', deployments, { body: {} })).status).toBe(405)
})

test('a list is paged as one consistent state', async () => {
  const { call } = await aCluster()
  for (const name of ['c', 'a', 'e', 'b', 'd']) {
    await call('POST', configMaps, { body: aConfigMap(name) })
  }
  const first = await call('GET', `${configMaps}?limit=2`)
  expect(first.body.metadata.remainingItemCount).toBe(3)
  await call('DELETE', `${configMaps}/c`)
  const names: string[] = first.body.items.map(nameOf)
  let token: string | undefined = first.body.metadata.continue
  while (token !== undefined) {
    const page = await call('GET', `${configMaps}?limit=2&continue=${token}`)
    expect(page.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion)
    names.push(...page.body.items.map(nameOf))
    token = page.body.metadata.continue
  }
  expect(names).toEqual(['a', 'b', 'c', 'd', 'e'])
  const stale = await call('GET', `${configMaps}?limit=2&continue=bm90aGluZzow`)
  expect(stale).toMatchObject({ status: 410, body: { reason: 'Expired' } })
})

test.each([
  ['labelSelector=tier%3Dfront', ['web']],
  ['labelSelector=tier!%3Dfront', ['db', 'plain']],
  ['labelSelector=tier+in+(front,back)', ['db', 'web']],
  ['labelSelector=tier+notin+(front)', ['db', 'plain']],
  ['labelSelector=tier', ['db', 'web']],
  ['labelSelector=!tier', ['plain']],
  ['labelSelector=tier%3Dback,size%3Dbig', ['db']],
  ['fieldSelector=metadata.name%3Dweb', ['web']],
  ['fieldSelector=metadata.name!%3Dweb', ['db', 'plain']],
])('%s selects %j', async (query, expected) => {
  const { call } = await aCluster()
  const labels: Record<string, object> = {
    web: { tier: 'front' },
    db: { tier: 'back', size: 'big' },
    plain: {},
  }
  for (const [name, value] of Object.entries(labels)) {
    await call('POST', configMaps, { body: { metadata: { name, labels: value } } })
  }
  const { body } = await call('GET', `${configMaps}?${query}`)
  expect(body.items.map(nameOf)).toEqual(expected)
})

test('a selector that cannot be understood is refused, not ignored', async () => {
  const { call } = await aCluster()
  const field = await call('GET', `${configMaps}?fieldSelector=data.x%3Dy`)
  expect(field).toMatchObject({
    status: 400,
    body: { message: 'field label not supported: data.x' },
  })
  expect((await call('GET', `${configMaps}?labelSelector=a%20b`)).status).toBe(400)
})

test('a table has the columns of its kind and the metadata of its rows', async () => {
  const { call } = await aCluster()
  await call('POST', deployments, { body: aDeployment('web', 3) })
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
  const { body } = await call('GET', deployments, { accept })
  expect(body.kind).toBe('Table')
  const shown = body.columnDefinitions.filter(
    ({ priority }: { priority: number }) => priority === 0,
  )
  expect(shown.map(nameIn)).toEqual(['Name', 'Ready', 'Up-to-date', 'Available', 'Age'])
  expect(body.rows[0].cells.slice(0, 4)).toEqual(['web', '0/3', 0, 0])
  expect(body.rows[0].object).toMatchObject({
    kind: 'PartialObjectMetadata',
    metadata: { name: 'web' },
  })
})

test('a watch from a list tells every change after it, in order', async () => {
  const { call, watch } = await aCluster()
  const { body } = await call('GET', configMaps)
  const { resourceVersion } = body.metadata
  await call('POST', configMaps, { body: aConfigMap('a') })
  const events = watch(`${configMaps}?watch=true&resourceVersion=${resourceVersion}`)
  const first = await events.next()
  await call('PUT', `${configMaps}/a`, { body: aConfigMap('a', { x: 'y' }) })
  await call('DELETE', `${configMaps}/a`)
  const rest = await take(events, 2)
  expect([first.value, ...rest].map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
  expect(Number(rest[1].object.metadata.resourceVersion)).toBeGreaterThan(
    Number(rest[0].object.metadata.resourceVersion),
  )
})

test('an object that enters or leaves a selection is added or deleted there', async () => {
  const { call, watch } = await aCluster()
  await call('POST', configMaps, { body: aConfigMap('a') })
  const { body } = await call('GET', configMaps)
  const since = body.metadata.resourceVersion as string
  const label = (value: string | null): Promise<unknown> =>
    call('PATCH', `${configMaps}/a`, {
      type: 'application/merge-patch+json',
      body: { metadata: { labels: { tier: value } } },
    })
  await label('front')
  await label('back')
  const query = `watch=true&resourceVersion=${since}&labelSelector=tier%3Dfront`
  const events = await take(watch(`${configMaps}?${query}`), 2)
  expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED'])
})

test('a watch from before what is remembered is told 410', async () => {
  const { call, watch, cluster } = await aCluster()
  const { body } = await call('GET', configMaps)
  await call('POST', configMaps, { body: aConfigMap('a') })
  cluster.registry.compact()
  const since = body.metadata.resourceVersion as string
  const [event] = await take(watch(`${configMaps}?watch=true&resourceVersion=${since}`), 1)
  expect(event).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
})

test('the end of the initial events is marked for those who ask', async () => {
  const { call, watch } = await aCluster()
  await call('POST', configMaps, { body: aConfigMap('a') })
  const query =
    'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const [added, bookmark] = await take(watch(`${configMaps}?${query}`), 2)
  expect(added).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } })
  expect(bookmark).toMatchObject({
    type: 'BOOKMARK',
    object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  })
})

test('a quiet watch is told by bookmarks how far it is, and ends when its time is up', async () => {
  const clock = new ManualClock()
  const { call, watch } = await aCluster({ clock })
  const { body } = await call('GET', configMaps)
  const since = body.metadata.resourceVersion as string
  const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=100&resourceVersion=${since}`
  const events = watch(`${configMaps}?${query}`)
  const first = events.next()
  // Somebody else's change: the watch hears nothing of it but the version.
  const made = await call('POST', deployments, { body: aDeployment('web') })
  clock.advance(60_000)
  expect((await first).value).toMatchObject({
    type: 'BOOKMARK',
    object: { metadata: { resourceVersion: made.body.metadata.resourceVersion } },
  })
  clock.advance(40_000)
  expect((await events.next()).value).toMatchObject({ type: 'BOOKMARK' })
  expect((await events.next()).done).toBe(true)
})

test('a watcher that does not read is ended, not buffered for ever', async () => {
  const { cluster, call } = await aCluster()
  const socket = connect(Number(new URL(cluster.url).port), '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  const path = `${configMaps}?watch=true`
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  socket.on('error', () => undefined)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${cluster.token}\r\n\r\n`)
  await new Promise((resolve) => socket.once('data', resolve))
  socket.pause()
  await call('POST', configMaps, { body: aConfigMap('big') })
  const { registry } = cluster
  const kind = registry.kindOf({ apiVersion: 'v1', kind: 'ConfigMap' })!
  const key = { namespace: 'default', name: 'big' }
  const filler = 'x'.repeat(16 * 1024)
  for (let round = 0; round < 40; round += 1) {
    const writes = Array.from({ length: 250 }, (_, index) =>
      registry.modify(kind, key, (draft) => {
        Object.assign(draft, { data: { filler, turn: `${round}-${index}` } })
      }),
    )
    await Promise.all(writes)
  }
  socket.resume()
  await ended
})

function nameOf(item: { metadata: { name: string } }): string {
  return item.metadata.name
}

function nameIn(column: { name: string }): string {
  return column.name
}
