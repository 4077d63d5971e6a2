/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- answers are walked into as JSON; a field that is missing fails the assertion */
import { expect, test } from 'vitest'
import { aCluster, aConfigMap, aDeployment, configMaps, deployments } from './test-cluster.ts'

const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const jsonPatch = 'application/json-patch+json'
const apply = 'application/apply-patch+yaml'

test('a refusal names every field that is wrong', async () => {
  const { call } = await aCluster()
  const body = aDeployment('web', -1) as { spec: { selector: unknown } }
  body.spec.selector = { matchLabels: { app: 'other' } }
  const answer = await call('POST', deployments, { body })
  expect(answer.status).toBe(422)
  expect(answer.body.message).toBe(
    'Deployment.apps "web" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`]',
  )
  expect(answer.body.details.causes).toHaveLength(2)
})

test('the selector of a deployment never changes', async () => {
  const { call } = await aCluster()
  await call('POST', deployments, { body: aDeployment('web') })
  const answer = await call('PATCH', `${deployments}/web`, {
    type: merge,
    body: {
      spec: {
        selector: { matchLabels: { app: 'b' } },
        template: { metadata: { labels: { app: 'b' } } },
      },
    },
  })
  expect(answer.status).toBe(422)
  expect(answer.body.message).toContain(
    'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
  )
})

test.each([
  ['Strict', 400],
  ['Warn', 201],
  ['Ignore', 201],
])('an unknown field with fieldValidation=%s', async (validation, status) => {
  const { call } = await aCluster()
  const body = { ...aConfigMap('a'), colour: 'red' }
  const answer = await call('POST', `${configMaps}?fieldValidation=${validation}`, { body })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('warning')).toBe(
    validation === 'Warn' ? '299 - "unknown field \\"colour\\""' : null,
  )
  if (status === 400) {
    expect(answer.body.message).toBe('strict decoding error: unknown field "colour"')
  } else expect(answer.body.colour).toBeUndefined()
})

test('a value of the wrong type, a bad quantity and broken JSON are bad requests', async () => {
  const { call } = await aCluster()
  const replicas = { ...aDeployment('web'), spec: { replicas: 'two' } }
  expect((await call('POST', deployments, { body: replicas })).body.message).toContain(
    'cannot unmarshal string into field spec.replicas of type integer',
  )
  const quota = { metadata: { name: 'q' }, spec: { hard: { cpu: '1 core' } } }
  const quotas = '/api/v1/namespaces/default/resourcequotas'
  expect(await call('POST', quotas, { body: quota })).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('spec.hard.cpu: quantities must match') as string },
  })
  expect((await call('POST', configMaps, { body: '{"metadata":' })).status).toBe(400)
})

test('names on the path and in the body must agree', async () => {
  const { call } = await aCluster()
  await call('POST', configMaps, { body: aConfigMap('a') })
  expect((await call('PUT', `${configMaps}/a`, { body: aConfigMap('b') })).body.message).toBe(
    'the name of the object ("b") does not match the name on the URL (a)',
  )
  const elsewhere = { metadata: { name: 'c', namespace: 'kube-system' } }
  expect((await call('POST', configMaps, { body: elsewhere })).status).toBe(400)
  const wrongKind = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'd' } }
  expect((await call('POST', configMaps, { body: wrongKind })).status).toBe(400)
})

test('what is larger than the limit is refused before it is read', async () => {
  const { call } = await aCluster()
  const body = aConfigMap('big', { x: 'x'.repeat(3 * 1024 * 1024) })
  expect(await call('POST', configMaps, { body })).toMatchObject({
    status: 413,
    body: { reason: 'RequestEntityTooLarge' },
  })
})

test('nothing is made in a namespace that is not there', async () => {
  const { call } = await aCluster()
  const answer = await call('POST', '/api/v1/namespaces/none/configmaps', { body: aConfigMap('a') })
  expect(answer).toMatchObject({ status: 404, body: { message: 'namespaces "none" not found' } })
})

test('a JSON patch, a merge patch and a strategic one change what they say', async () => {
  const { call } = await aCluster()
  await call('POST', deployments, { body: aDeployment('web') })
  const path = `${deployments}/web`
  await call('PATCH', path, {
    type: jsonPatch,
    body: [
      { op: 'test', path: '/spec/replicas', value: 1 },
      { op: 'replace', path: '/spec/replicas', value: 2 },
    ],
  })
  await call('PATCH', path, { type: merge, body: { metadata: { labels: { a: 'b' } } } })
  const sidecar = {
    spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox' }] } } },
  }
  const { body } = await call('PATCH', path, { type: strategic, body: sidecar })
  expect(body.spec.replicas).toBe(2)
  expect(body.metadata.labels).toEqual({ a: 'b' })
  expect(body.spec.template.spec.containers.map(({ name }: { name: string }) => name)).toEqual([
    'main',
    'side',
  ])
})

test('a JSON patch whose test fails changes nothing', async () => {
  const { call } = await aCluster()
  await call('POST', configMaps, { body: aConfigMap('a', { x: '1' }) })
  const answer = await call('PATCH', `${configMaps}/a`, {
    type: jsonPatch,
    body: [
      { op: 'replace', path: '/data/x', value: '2' },
      { op: 'test', path: '/data/x', value: '3' },
    ],
  })
  expect(answer.status).toBe(422)
  expect((await call('GET', `${configMaps}/a`)).body.data).toEqual({ x: '1' })
})

test('applying creates, takes back what is no longer applied, and keeps what others own', async () => {
  const { call } = await aCluster()
  const path = `${configMaps}/a?fieldManager=one`
  const config = (data: object): object => ({ ...aConfigMap('a'), data })
  const made = await call('PATCH', path, { type: apply, body: config({ x: '1', y: '2' }) })
  expect(made.status).toBe(201)
  await call('PATCH', `${configMaps}/a?fieldManager=two`, {
    type: merge,
    body: { data: { z: '3' } },
  })
  const { body } = await call('PATCH', path, { type: apply, body: config({ x: '1' }) })
  expect(body.data).toEqual({ x: '1', z: '3' })
})

test("overwriting another manager's field is a conflict that names it, unless forced", async () => {
  const { call } = await aCluster()
  const config = aDeployment('web', 2)
  await call('PATCH', `${deployments}/web?fieldManager=one`, { type: apply, body: config })
  const path = `${deployments}/web?fieldManager=two`
  const other = { ...aDeployment('web', 5) }
  const refused = await call('PATCH', path, { type: apply, body: other })
  expect(refused).toMatchObject({
    status: 409,
    body: {
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "one" using apps/v1: .spec.replicas',
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas' }] },
    },
  })
  const forced = await call('PATCH', `${path}&force=true`, { type: apply, body: other })
  expect(forced.body.spec.replicas).toBe(5)
  const again = await call('PATCH', `${deployments}/web?fieldManager=one`, {
    type: apply,
    body: config,
  })
  expect(again.body.message).toContain('conflict with "two"')
})

test('an apply without a manager is refused', async () => {
  const { call } = await aCluster()
  const answer = await call('PATCH', `${configMaps}/a`, { type: apply, body: aConfigMap('a') })
  expect(answer.status).toBe(400)
  expect(answer.body.message).toContain('fieldManager: Required value')
})

test('a manifest is read as YAML 1.1, but dates stay text', async () => {
  const { call } = await aCluster()
  const body = `
apiVersion: v1
kind: Pod
metadata: {name: p, annotations: {since: 2001-02-03}}
spec:
  containers: [{name: c, image: porpulsion/hello}]
  volumes: [{name: v, configMap: {name: x, defaultMode: 0644}}]
`
  const pods = '/api/v1/namespaces/default/pods'
  const answer = await call('POST', pods, { body, type: 'application/yaml' })
  expect(answer.body.spec.volumes[0].configMap.defaultMode).toBe(0o644)
  expect(answer.body.metadata.annotations).toEqual({ since: '2001-02-03' })
})

test('status is written through its subresource alone', async () => {
  const { call } = await aCluster()
  await call('POST', deployments, { body: aDeployment('web') })
  const status = { status: { replicas: 3 }, spec: { replicas: 9 } }
  await call('PATCH', `${deployments}/web`, { type: merge, body: { status: { replicas: 7 } } })
  expect((await call('GET', `${deployments}/web`)).body.status).toEqual({})
  const { body } = await call('PATCH', `${deployments}/web/status`, { type: merge, body: status })
  expect(body).toMatchObject({ status: { replicas: 3 }, spec: { replicas: 1 } })
})

test('scale reads and sets the number of replicas', async () => {
  const { call } = await aCluster()
  await call('POST', deployments, { body: aDeployment('web', 2) })
  const { body: scale } = await call('GET', `${deployments}/web/scale`)
  expect(scale).toMatchObject({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 2 },
    status: { selector: 'app=web' },
  })
  await call('PUT', `${deployments}/web/scale`, { body: { ...scale, spec: { replicas: 4 } } })
  const { body } = await call('GET', `${deployments}/web`)
  expect(body.spec.replicas).toBe(4)
  expect(body.metadata.generation).toBe(2)
  const stale = await call('PUT', `${deployments}/web/scale`, { body: scale })
  expect(stale.status).toBe(409)
})

test('a Secret given as text is kept as base64', async () => {
  const { call } = await aCluster()
  const { body } = await call('POST', '/api/v1/namespaces/default/secrets', {
    body: { metadata: { name: 's' }, stringData: { key: 'väl' } },
  })
  expect(body).toMatchObject({ type: 'Opaque', data: { key: 'dsOkbA==' } })
  expect(body.stringData).toBeUndefined()
})

test('services get different addresses and keep theirs', async () => {
  const { call } = await aCluster()
  const services = '/api/v1/namespaces/default/services'
  const service = (name: string): object => ({
    metadata: { name },
    spec: { ports: [{ port: 80 }], selector: { app: name } },
  })
  const a = await call('POST', services, { body: service('a') })
  const b = await call('POST', services, { body: service('b') })
  expect(a.body.spec.clusterIP).not.toBe(b.body.spec.clusterIP)
  const replaced = await call('PUT', `${services}/a`, { body: service('a') })
  expect(replaced.body.spec.clusterIP).toBe(a.body.spec.clusterIP)
  const taken = {
    ...service('c'),
    spec: { ports: [{ port: 80 }], clusterIP: a.body.spec.clusterIP },
  }
  expect(await call('POST', services, { body: taken })).toMatchObject({
    status: 422,
    body: { message: expect.stringContaining('already allocated') as string },
  })
})

test('a deletion answers with what is left: nothing, or an object that is held', async () => {
  const { call } = await aCluster()
  await call('POST', configMaps, { body: aConfigMap('a') })
  const held = { metadata: { name: 'held', finalizers: ['example.com/hold'] } }
  await call('POST', configMaps, { body: held })
  const gone = await call('DELETE', `${configMaps}/a`)
  expect(gone.body).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'a' } })
  const kept = await call('DELETE', `${configMaps}/held`)
  expect(kept.body.metadata.deletionTimestamp).toBeDefined()
  await call('PATCH', `${configMaps}/held`, {
    type: merge,
    body: { metadata: { finalizers: null } },
  })
  expect((await call('GET', `${configMaps}/held`)).status).toBe(404)
})

test('a collection is deleted by selector', async () => {
  const { call } = await aCluster()
  for (const [name, tier] of [
    ['a', 'x'],
    ['b', 'x'],
    ['c', 'y'],
  ]) {
    await call('POST', configMaps, { body: { metadata: { name, labels: { tier } } } })
  }
  await call('DELETE', `${configMaps}?labelSelector=tier%3Dx`)
  const { body } = await call('GET', configMaps)
  expect(body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual([
    'c',
  ])
})

test('a dry run answers and keeps nothing', async () => {
  const { call } = await aCluster()
  const made = await call('POST', `${configMaps}?dryRun=All`, { body: aConfigMap('a') })
  expect(made.status).toBe(201)
  expect((await call('GET', `${configMaps}/a`)).status).toBe(404)
})

test('an event is one object in both of its APIs', async () => {
  const { call } = await aCluster()
  await call('POST', '/api/v1/namespaces/default/events', {
    body: {
      metadata: { name: 'e' },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
      reason: 'Started',
      message: 'it runs',
      type: 'Normal',
    },
  })
  const path = '/apis/events.k8s.io/v1/namespaces/default/events'
  const { body } = await call('GET', `${path}?fieldSelector=regarding.name%3Dp`)
  expect(body.items).toMatchObject([
    { apiVersion: 'events.k8s.io/v1', note: 'it runs', regarding: { name: 'p' } },
  ])
})

test('a key that means something to JavaScript is only a key', async () => {
  const { call } = await aCluster()
  const body = '{"metadata":{"name":"a"},"data":{"__proto__":"x","constructor":"y"}}'
  expect((await call('POST', configMaps, { body })).status).toBe(201)
  const patch = '{"data":{"__proto__":"z"}}'
  const { body: patched } = await call('PATCH', `${configMaps}/a`, { type: merge, body: patch })
  expect(Object.getOwnPropertyDescriptor(patched.data, '__proto__')?.value).toBe('z')
  expect(({} as Record<string, unknown>)['z']).toBeUndefined()
})
