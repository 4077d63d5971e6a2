import { text } from 'node:stream/consumers'
import { createdApp, type RemoteApp, type RemoteAppSpec } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import type { Caller, NotedFacts } from '../../src/api/index.ts'
import { isReady, operator, twoClusters, type Agent } from './two-clusters.ts'

const spec: RemoteAppSpec = {
  targetPeer: 'b',
  image: 'porpulsion/hello',
  ports: [{ port: 8080, name: 'http' }],
}
const secretSpec: RemoteAppSpec = {
  ...spec,
  secrets: [{ name: 'keys', mountPath: '/k', data: { key: 'hunter2' } }],
}

function api(agent: Agent, caller: Caller = operator) {
  const { apiHandlers } = agent.workloads
  const base = {
    caller,
    origin: 'http://localhost:8000',
    note: () => undefined,
    signal: new AbortController().signal,
    query: {},
  }
  const on = <B>(id: string, body: B) => ({ ...base, params: { id }, body })
  return {
    create: async (of: RemoteAppSpec, name = 'web', namespace?: string) =>
      createdApp(
        await apiHandlers.createRemoteApp!({
          ...base,
          params: {},
          body: { metadata: { name, ...(namespace !== undefined && { namespace }) }, spec: of },
        }),
      ),
    get: (id: string) => apiHandlers.getRemoteApp!(on(id, undefined)),
    list: (query = {}) =>
      apiHandlers.listRemoteApps!({ ...base, query, params: {}, body: undefined }),
    update: (id: string, of: RemoteAppSpec, metadata: Partial<RemoteApp['metadata']> = {}) =>
      apiHandlers.updateRemoteApp!(on(id, { metadata: { name: 'web', ...metadata }, spec: of })),
    patch: (id: string, of: Record<string, unknown>) =>
      apiHandlers.patchRemoteApp!(on(id, { spec: of })),
    scale: (id: string, replicas: number) => apiHandlers.scaleRemoteApp!(on(id, { replicas })),
    restart: (id: string) => apiHandlers.restartRemoteApp!(on(id, undefined)),
    delete: (id: string) => apiHandlers.deleteRemoteApp!(on(id, undefined)),
    hosted: (id: string) => apiHandlers.getExecutingApp!(on(id, undefined)),
  }
}

test('an app lives its life through the API, found by uid, name and namespace', async () => {
  const { a, b } = await twoClusters()
  const apps = api(a)
  const created = await apps.create(spec)
  const uid = created.metadata.uid!
  for (const id of [uid, 'web', 'porpulsion,web'])
    expect((await apps.get(id)).metadata.uid).toBe(uid)
  expect((await apps.list({ peer: 'b' })).items).toHaveLength(1)
  expect((await apps.list({ peer: 'c' })).items).toEqual([])
  await a.until(isReady)
  expect((await apps.scale('web', 2)).spec.replicas).toBe(2)
  await a.until((status) => isReady(status) && status.replicas === 2)
  await apps.patch('web', { replicas: null, env: [{ name: 'MESSAGE', value: 'x' }] })
  expect((await apps.get('web')).spec).toEqual({ ...spec, env: [{ name: 'MESSAGE', value: 'x' }] })
  await apps.update('web', spec)
  expect((await apps.get('web')).spec).toEqual(spec)
  const restarted = await apps.restart('web')
  expect(restarted.metadata.annotations?.['porpulsion.io/restarted-at']).toMatch(/^\d{4}-/)
  await a.until((status) => isReady(status) && status.replicas === 1)
  expect((await api(b).hosted('web')).spec.submitter.uid).toBe(uid)
  expect(a.workloads.counts().remoteApps).toEqual({ total: 1, ready: 1 })
  expect((await apps.delete('web')).metadata.deletionTimestamp).toBeDefined()
  await a.untilGone()
  await expect(apps.get('web')).rejects.toMatchObject({ code: 'AppNotFound' })
  const kinds = a.events.map((event) => `${event.type} ${'kind' in event ? event.kind : ''}`)
  expect(kinds).toContain('upsert RemoteApp')
  expect(kinds.at(-1)).toBe('delete RemoteApp')
})

test('its ports are reached through the resolver of one side and the targets of the other', async () => {
  const { a, b } = await twoClusters()
  await a.apply({
    ports: [{ port: 8080, name: 'http' }],
    readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
  })
  await a.until(isReady)
  const app = a.workloads.appResolver.resolve('web')
  expect(app).toMatchObject({
    name: 'web',
    peerFingerprint: b.end.self.fingerprint,
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  })
  expect(a.workloads.appResolver.resolveUidPrefix(app.uid.slice(0, 8)).uid).toBe(app.uid)
  const { appTargets } = b.workloads
  const signal = new AbortController().signal
  const stream = await appTargets.dial(a.end.self.fingerprint, app.uid, 8080, signal)
  stream.end('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  expect(await text(stream)).toMatch(/^HTTP\/1\.1 200/)
  await expect(appTargets.dial(a.end.self.fingerprint, app.uid, 1, signal)).rejects.toMatchObject({
    code: 'PortUnreachable',
  })
  await a.apply({ replicas: 0 })
  await a.until((status) => isReady(status) && status.replicas === 0)
  await expect(
    appTargets.dial(a.end.self.fingerprint, app.uid, 8080, signal),
  ).rejects.toMatchObject({ code: 'AppNotReady' })
})

test('bad input is refused with every field and mend, and nothing is made of it', async () => {
  const { a } = await twoClusters()
  const apps = api(a)
  const bad = {
    ...spec,
    targetPeer: 'nobody',
    env: [{ name: 'A' }],
    ports: [{ port: 80 }, { port: 80, name: 'x' }],
  }
  await expect(apps.create(bad, 'web', 'elsewhere')).rejects.toMatchObject({
    kind: 'Invalid',
    fields: [
      { path: 'spec.env[0]' },
      { path: 'spec.ports[1].port' },
      { path: 'spec.targetPeer', message: 'There is no peer "nobody" (known peers: b)' },
      { path: 'metadata.namespace', message: 'this agent takes RemoteApps in porpulsion only' },
    ],
  })
  expect((await apps.list()).items).toEqual([])
  await apps.create(spec)
  await expect(apps.create(spec)).rejects.toMatchObject({ code: 'AppExists' })
  await expect(apps.update('web', { ...spec, targetPeer: 'c' })).rejects.toMatchObject({
    kind: 'Invalid',
  })
  await expect(apps.update('web', spec, { name: 'other' })).rejects.toMatchObject({
    fields: [{ path: 'metadata.name' }],
  })
  await expect(apps.update('web', spec, { resourceVersion: '1' })).rejects.toMatchObject({
    code: 'AppChanged',
  })
  await expect(apps.patch('web', { replicas: 'many' })).rejects.toMatchObject({ kind: 'Invalid' })
  await expect(apps.patch('web', { nonsense: 1 })).rejects.toMatchObject({ kind: 'Invalid' })
  await expect(apps.patch('web', { image: null })).rejects.toMatchObject({ kind: 'Invalid' })
})

test('who may only look does not see the values of secrets, nor does anybody in the event stream', async () => {
  const { a } = await twoClusters()
  await api(a).create(secretSpec)
  expect(JSON.stringify(await api(a).get('web'))).toContain('hunter2')
  const viewer = api(a, { name: 'viewer', role: 'viewer' })
  expect(JSON.stringify([await viewer.get('web'), await viewer.list()])).not.toContain('hunter2')
  await a.until(isReady)
  expect(JSON.stringify(a.events)).not.toContain('hunter2')
})

test('an app that is being deleted takes no more changes', async () => {
  const { a, pair } = await twoClusters()
  await api(a).create(spec)
  await a.until(isReady)
  pair.cut()
  await api(a).delete('web')
  await expect(api(a).scale('web', 2)).rejects.toMatchObject({ code: 'AppDeleting' })
})

test('the audit trail names an app alike, whether a change comes by uid, bare name or both names', async () => {
  const { a } = await twoClusters()
  const { uid } = (await a.apply({ ...secretSpec })).metadata
  await a.until(isReady)
  const handlers = a.workloads.apiHandlers
  for (const id of [uid, 'web', 'porpulsion,web']) {
    const noted: NotedFacts[] = []
    const request = <B>(body: B) => ({
      caller: operator,
      origin: 'http://localhost:8000',
      note: (facts: NotedFacts) => void noted.push(facts),
      signal: AbortSignal.timeout(10_000),
      query: {},
      params: { id },
      body,
    })
    await handlers.updateRemoteApp!(request({ metadata: { name: 'web' }, spec: secretSpec }))
    await handlers.patchRemoteApp!(request({ spec: {} }))
    await handlers.scaleRemoteApp!(request({ replicas: 1 }))
    await handlers.restartRemoteApp!(request(undefined))
    await handlers.patchAppConfig!(request({ secrets: { keys: { data: { key: 'x' } } } }))
    await handlers.rollbackRemoteApp!(request({ revision: 1 }))
    // Refused, and yet known to be about this app.
    await expect(handlers.rollbackRemoteApp!(request({ revision: 99 }))).rejects.toThrow()
    const abouts = noted.flatMap(({ about }) => about ?? [])
    expect(new Set(abouts)).toEqual(new Set(['remoteapp/porpulsion,web']))
    expect(abouts).toHaveLength(7)
  }
})
