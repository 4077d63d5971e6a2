/** Files and storage of an app, from the API of one side to the pods of the other. */
import type { AppConfigPatch, RemoteAppSpec } from '@porpulsion/contract'
import { ConfigMap, KubeEvent, PersistentVolumeClaim, Pod, Secret } from '@porpulsion/kube'
import { describe, expect, test } from 'vitest'
import type { Caller, NotedFacts } from '../../src/api/index.ts'
import { ExecutingAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { isReady, NAMESPACE, operator, twoClusters, type Agent } from './two-clusters.ts'

const viewer: Caller = { name: 'vera', role: 'viewer' }

/** In every secret of these tests, and nowhere else. */
const CANARY = 'canary-7f3a'
const canaries = [CANARY, Buffer.from(CANARY).toString('base64').replace(/=+$/, '')]

const withFiles: Partial<RemoteAppSpec> = {
  env: [{ name: 'MESSAGE', valueFrom: { configMapKeyRef: { name: 'texts', key: 'greeting' } } }],
  configMaps: [
    { name: 'texts', mountPath: '/etc/texts', data: { greeting: 'one', unused: 'two' } },
  ],
  secrets: [{ name: 'keys', mountPath: '/etc/keys', data: { password: CANARY, token: 'other' } }],
}

function config({ workloads }: Agent, caller: Caller = operator) {
  const noted: NotedFacts[] = []
  const base = {
    caller,
    origin: '',
    note: (facts: NotedFacts) => void noted.push(facts),
    signal: new AbortController().signal,
    params: { id: 'web' },
  }
  return {
    noted,
    get: (query = {}) => workloads.apiHandlers.getAppConfig!({ ...base, query, body: undefined }),
    patch: (body: AppConfigPatch) =>
      workloads.apiHandlers.patchAppConfig!({ ...base, query: {}, body }),
  }
}

async function filesAt(agent: Agent, namespace: string): Promise<Record<string, string>> {
  const own = { namespace, labelSelector: 'porpulsion.io/app' }
  const [configMaps, secrets] = await Promise.all([
    agent.client.list(ConfigMap, own),
    agent.client.list(Secret, own),
  ])
  const decoded = secrets.items.flatMap(({ data = {} }) =>
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  )
  return Object.fromEntries([
    ...configMaps.items.flatMap(({ data = {} }) => Object.entries(data)),
    ...decoded.filter(([key]) => key !== 'values.json'),
  ]) as Record<string, string>
}

async function podReplaced(agent: Agent, namespace: string, former: string): Promise<string> {
  const [pod] = await agent.untilObjects(
    Pod,
    namespace,
    (pods) => pods.length === 1 && pods[0]!.metadata.name !== former,
  )
  return pod!.metadata.name
}

const settled = (agent: Agent) =>
  agent.until((now, app) => isReady(now) && now.observedGeneration === app.metadata.generation)

describe('the files of an app', () => {
  test('each that is set or removed replaces the pod, and the host has the new ones only', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.apply(withFiles)
    await a.until(isReady)
    const [first] = (await b.client.list(Pod, { namespace: namespaceAtB })).items
    const change = config(a)

    const shown = await change.patch({ secrets: { keys: { data: { password: 'changed' } } } })
    expect(shown.secrets).toEqual([
      { name: 'keys', mountPath: '/etc/keys', keys: ['password', 'token'] },
    ])
    const second = await podReplaced(b, namespaceAtB, first!.metadata.name)
    await settled(a)
    expect(await filesAt(b, namespaceAtB)).toEqual({
      greeting: 'one',
      unused: 'two',
      password: 'changed',
      token: 'other',
    })

    await change.patch({
      configMaps: { texts: { data: { greeting: 'changed', unused: null } } },
      secrets: { keys: null },
    })
    await podReplaced(b, namespaceAtB, second)
    await settled(a)
    expect(await filesAt(b, namespaceAtB)).toEqual({ greeting: 'changed' })
    expect((await a.app()).spec).not.toHaveProperty('secrets')
    expect(change.noted.filter(({ changes }) => changes !== undefined)).toEqual([
      { changes: ['secrets.keys.data.password'] },
      {
        changes: ['configMaps.texts.data.greeting', 'configMaps.texts.data.unused', 'secrets.keys'],
      },
    ])
  })

  test('a change for an app that has changed since, or that breaks it, is refused', async () => {
    const { a } = await twoClusters()
    const { metadata } = await a.apply(withFiles)
    await a.until(isReady)
    const change = config(a)
    const greeting = { configMaps: { texts: { data: { greeting: 'x' } } } }
    await change.patch({ ...greeting, generation: metadata.generation! })
    await expect(
      change.patch({ ...greeting, generation: metadata.generation! }),
    ).rejects.toMatchObject({ code: 'AppChanged' })
    // A variable of the app is taken from it.
    await expect(
      change.patch({ configMaps: { texts: { data: { greeting: null } } } }),
    ).rejects.toMatchObject({
      kind: 'Invalid',
      fields: [{ path: 'spec.env[0].valueFrom.configMapKeyRef.key' }],
    })
    await expect(
      change.patch({ configMaps: { texts: { data: { '../up': 'x' } } } }),
    ).rejects.toMatchObject({ fields: [{ path: 'spec.configMaps[0].data.../up' }] })
  })

  test('a viewer sees no value of a secret, whatever they ask for', async () => {
    const { a } = await twoClusters()
    await a.apply(withFiles)
    expect(JSON.stringify(await config(a, viewer).get())).not.toContain(CANARY)
    await expect(config(a, viewer).get({ showSecrets: true })).rejects.toMatchObject({
      code: 'RoleTooLow',
    })
    expect(JSON.stringify(await config(a).get())).not.toContain(CANARY)
    expect(await config(a).get({ showSecrets: true })).toMatchObject({
      secrets: [{ data: { password: CANARY } }],
    })
  })

  test('what is taken from a Secret by reference is shown by its name, and to nobody else', async () => {
    const { a, b, namespaceAtB } = await twoClusters()
    await a.client.create(Secret, {
      metadata: {
        name: 'vault',
        namespace: NAMESPACE,
        labels: { 'porpulsion.io/share-with': 'b' },
      },
      data: { password: Buffer.from(CANARY).toString('base64') },
    })
    await a.apply({ secrets: [{ name: 'keys', mountPath: '/k', fromSecret: 'vault' }] })
    await a.until(isReady)
    expect(await filesAt(b, namespaceAtB)).toEqual({ password: CANARY })
    expect((await config(a).get({ showSecrets: true })).secrets).toEqual([
      { name: 'keys', mountPath: '/k', keys: [], fromSecret: 'vault' },
    ])
    expect(JSON.stringify(await a.app())).not.toContain(CANARY)
  })

  test('the value of a secret is nowhere but in the app, in Secrets and in the pod', async () => {
    const { a, b, pair } = await twoClusters()
    b.changeSettings({ approval: { required: true } })
    const noted: NotedFacts[] = []
    await a.apply(withFiles)
    await a.until(({ phase }) => phase === 'PendingApproval')
    const [held] = b.workloads.heldApps.list()
    const detail = await b.workloads.heldApps.show(held!.id, new AbortController().signal)
    b.changeSettings({ approval: { required: false } })
    await a.until(isReady)
    // A change, a refusal that names the field, a lost link: everything that has words for an app.
    const change = config(a)
    await change.patch({ secrets: { keys: { data: { token: `${CANARY}-2` } } } })
    await settled(a)
    await change
      .patch({ secrets: { keys: { data: { '../x': CANARY } } } })
      .catch((error: unknown) => noted.push({ changes: [JSON.stringify(error)] }))
    expect(noted).toHaveLength(1)
    pair.cut()
    await a.until(({ phase }) => phase === 'Unknown')
    const request = {
      caller: viewer,
      origin: '',
      note: () => undefined,
      signal: new AbortController().signal,
      params: {},
      query: {},
      body: undefined,
    }
    const { apiHandlers: atA } = a.workloads
    const { apiHandlers: atB } = b.workloads
    const places: Record<string, unknown> = {
      listForViewer: await atA.listRemoteApps!(request),
      getForViewer: await atA.getRemoteApp!({ ...request, params: { id: 'web' } }),
      configForViewer: await config(a, viewer).get(),
      remoteAppStatus: (await a.app()).status,
      executingAppsForViewer: await atB.listExecutingApps!(request),
      executingAppResources: (await b.hosted(a)).map(({ spec, status, metadata }) => ({
        spec,
        status,
        metadata,
      })),
      approvalDiff: detail,
      eventStream: [a.events, b.events],
      kubernetesEvents: await Promise.all([
        a.client.list(KubeEvent, { namespace: NAMESPACE }),
        b.client.list(KubeEvent, {}),
      ]),
      notifications: [a.notifications, b.notifications],
      audit: [a.audited, b.audited, change.noted],
      refusal: noted,
      reports: [a.reports, b.reports],
      logs: [a.logs, b.logs],
      configMaps: (await b.client.list(ConfigMap, {})).items,
    }
    for (const [place, content] of Object.entries(places)) {
      const text = JSON.stringify(content)
      expect(text.length, place).toBeGreaterThan(2)
      for (const canary of canaries) expect(text, place).not.toContain(canary)
    }
    // The canary lives: where it may be, it is.
    expect(JSON.stringify(await a.app())).toContain(CANARY)
    expect(JSON.stringify((await b.client.list(Secret, {})).items)).toContain(canaries[1])
  })
})

describe('the storage of an app', () => {
  const claims = (retain: boolean, storage = '1Mi'): Partial<RemoteAppSpec> => ({
    pvcs: [{ name: 'data', mountPath: '/data', storage, retain }],
  })
  const allow = (b: Agent, totals = '') =>
    b.changeSettings({
      storage: { enabled: true, maxPerClaim: '8Mi' },
      ...(totals !== '' && { totals: { storage: totals } }),
    })

  test.each([
    [false, 0],
    [true, 1],
  ])('retain: %s leaves %i claims when the app goes', async (retain, left) => {
    const { a, b, namespaceAtB } = await twoClusters()
    allow(b)
    await a.apply(claims(retain))
    await a.until(isReady)
    const before = (await b.client.list(PersistentVolumeClaim, { namespace: namespaceAtB })).items
    expect(before).toMatchObject([{ spec: { resources: { requests: { storage: '1Mi' } } } }])
    await a.delete()
    await a.untilGone()
    await b.untilNone(ExecutingAppKind, namespaceAtB)
    const after = await b.untilObjects(
      PersistentVolumeClaim,
      namespaceAtB,
      (items) => items.length === left,
    )
    if (!retain) return
    await a.apply(claims(true))
    await a.until(isReady)
    const taken = (await b.client.list(PersistentVolumeClaim, { namespace: namespaceAtB })).items
    expect(taken.map(({ metadata }) => metadata.uid)).toEqual(
      after.map(({ metadata }) => metadata.uid),
    )
  })

  test('is refused while off, above the size of a claim, and above the total', async () => {
    const { a, b } = await twoClusters()
    const refusedFor = async (reason: string, name: string) =>
      await a.until(({ conditions }) => conditions.some((one) => one.reason === reason), name)
    await a.apply(claims(false), 'off')
    await refusedFor('StorageOff', 'off')
    allow(b, '12Mi')
    await a.until(isReady, 'off')
    await a.apply(claims(false, '9Mi'), 'big')
    await refusedFor('ClaimTooLarge', 'big')
    await a.apply(claims(false, '8Mi'), 'fits')
    await a.until(isReady, 'fits')
    await a.apply(claims(false, '4Mi'), 'more')
    const { message } = await refusedFor('TotalExceeded', 'more')
    expect(message).toContain('storage')
  })
})
