/** What the rules come to, asked over the REST API; the records of apps are in memory. */
import {
  effectiveSettings,
  type AppSpec,
  type PeerRules,
  type SettingsDocument,
  type SettingsPreview,
  type Usage,
} from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { aDashboard } from '../../test/support/dashboard.ts'
import { createMemoryDirectory } from '../../test/support/memory-directory.ts'
import { createUsageLedger, rulesFor, usageOf } from '../policy/index.ts'
import { ruleHandlers } from './rule-routes.ts'
import { createRuleViolations, type RuleViolationsDeps } from './rule-violations.ts'

const limits = { cpu: '500m', memory: '128Mi' }
const small: Partial<AppSpec> = { resources: { limits } }

interface HostedApp {
  readonly peer: string
  readonly name: string
  readonly spec: Partial<AppSpec>
}

async function aHost(document: SettingsDocument, apps: readonly HostedApp[] = []) {
  const settings = effectiveSettings(document)
  const peers = createMemoryDirectory()
  for (const name of ['b', 'c'])
    peers.put({ name, uid: name, fingerprint: name, caCertificatePem: '', confirmed: true })
  const records = apps.map(({ peer, name, spec }, i) => ({
    metadata: {
      name,
      namespace: `ns-${peer}`,
      uid: `uid-${name}`,
      creationTimestamp: new Date(Date.UTC(2030, 0, 1) + i * 1_000).toISOString(),
    },
    spec: {
      peer: { name: peer, fingerprint: peer },
      submitter: { namespace: 'default', name, uid: name },
      app: { image: 'porpulsion/hello', ...spec },
    },
  }))
  const rulesOf = (fingerprint: string) => rulesFor(settings, fingerprint)
  const ledger = createUsageLedger()
  for (const { spec } of records)
    ledger.set(
      spec.submitter.uid,
      spec.peer.fingerprint,
      usageOf(spec.app, rulesOf(spec.peer.fingerprint).resources.defaults),
    )
  const store = { records: { list: () => records }, assertSynced: () => undefined }
  const violations = createRuleViolations({
    // What else there is of store and records is for stopping apps, and nothing here does.
    store: store as unknown as RuleViolationsDeps['store'],
    records: {} as RuleViolationsDeps['records'],
    rulesOf,
  })
  const handlers = ruleHandlers({
    store,
    peers,
    settings: { current: () => settings },
    usage: { besides: (fingerprint, uid) => ledger.besides(uid, fingerprint) },
    rulesOf,
    violations,
  })
  const dashboard = await aDashboard({ handlers })
  const headers = {
    host: 'localhost:8000',
    authorization: `Bearer ${await dashboard.tokenOf('viewer')}`,
  }
  const { app } = dashboard.server
  const get = async (url: string) => await app.inject({ url, headers })
  const ask = async (payload: object) =>
    await app.inject({ method: 'POST', url: '/api/settings/preview', headers, payload })
  return {
    dashboard,
    handlers,
    get,
    ask,
    rules: async (peer: string): Promise<PeerRules> =>
      (await get(`/api/peer/${peer}/rules`)).json(),
    usage: async (): Promise<Usage> => (await get('/api/usage')).json(),
    preview: async (of: SettingsDocument): Promise<SettingsPreview> => (await ask(of)).json(),
  }
}

test('the rules of a peer are all there, with its overrides worked in', async () => {
  const { rules } = await aHost({
    images: { block: ['evil/**'] },
    totals: { apps: 50 },
    peers: {
      b: { images: { block: ['worse/**'] }, totals: { apps: 5 }, approval: { required: true } },
    },
  })
  const ofB = await rules('b')
  expect(ofB).toMatchObject({
    accepted: true,
    rules: {
      inbound: { enabled: true },
      images: { allow: [], block: ['evil/**', 'worse/**'], requireDigest: false },
      approval: { required: true, exemptReplicaChanges: true },
      totals: { apps: 5, pods: 0, cpu: '' },
      tunnels: { mode: 'allow', approvalTtlSeconds: 86_400 },
    },
  })
  expect(ofB).not.toHaveProperty('reason')
  expect((await rules('c')).rules).toMatchObject({
    images: { block: ['evil/**'] },
    totals: { apps: 0 },
  })
})

test.each<[string, SettingsDocument, RegExp]>([
  ['inbound is off', { inbound: { enabled: false } }, /inbound\.enabled/],
  ['inbound is off for it', { peers: { b: { inbound: { enabled: false } } } }, /inbound\.enabled/],
  ['it is denied', { inbound: { denyPeers: ['b'] } }, /inbound\.denyPeers/],
  ['it is not listed', { inbound: { allowPeers: ['c'] } }, /inbound\.allowPeers/],
])('a peer is not accepted while %s, and it is said why', async (_name, document, reason) => {
  const { rules } = await aHost(document)
  expect(await rules('b')).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(reason) as string,
  })
})

test('tunnels that are for others only are said to be', async () => {
  const { rules } = await aHost({ tunnels: { allowPeers: ['c'] } })
  expect((await rules('b')).tunnelsReason).toMatch(/tunnels\.allowPeers/)
  expect(await rules('c')).not.toHaveProperty('tunnelsReason')
})

test('of a peer nobody knows there are no rules', async () => {
  const { get } = await aHost({})
  const answer = await get('/api/peer/nobody/rules')
  expect([answer.statusCode, answer.json()]).toMatchObject([404, { code: 'PeerNotFound' }])
})

test('usage is told as quantities beside the limits, of all and of each peer', async () => {
  const { usage } = await aHost(
    { totals: { cpu: '4', apps: 10 }, peers: { b: { totals: { memory: '1Gi' } } } },
    [
      { peer: 'b', name: 'one', spec: { ...small, replicas: 3 } },
      { peer: 'c', name: 'two', spec: small },
    ],
  )
  expect(await usage()).toEqual({
    all: {
      used: { apps: 2, pods: 4, cpu: '2', memory: '512Mi', storage: '0' },
      limits: { apps: 10, pods: 0, cpu: '4', memory: '', storage: '' },
    },
    peers: [
      {
        peer: 'b',
        used: { apps: 1, pods: 3, cpu: '1500m', memory: '384Mi', storage: '0' },
        limits: { apps: 0, pods: 0, cpu: '', memory: '1Gi', storage: '' },
      },
      {
        peer: 'c',
        used: { apps: 1, pods: 1, cpu: '500m', memory: '128Mi', storage: '0' },
        limits: { apps: 0, pods: 0, cpu: '', memory: '', storage: '' },
      },
    ],
  })
})

const hosted: readonly HostedApp[] = [
  { peer: 'b', name: 'good', spec: { ...small, image: 'ghcr.io/me/app' } },
  { peer: 'b', name: 'bad', spec: { ...small, image: 'evil/app', replicas: 9 } },
]

test('a preview tells which rules change and which apps they would refuse, each with all reasons', async () => {
  const { preview } = await aHost({ images: { block: ['ghcr.io/**'] } }, hosted)
  const { changes, violations, noLonger } = await preview({
    images: { block: ['evil/**'] },
    resources: { maxReplicasPerApp: 5 },
  })
  expect(changes).toEqual(['images.block', 'resources.maxReplicasPerApp'])
  expect(
    violations.map(({ app, objections }) => [app, objections.map((one) => one.reason)]),
  ).toEqual([['bad', ['ImageBlocked', 'TooManyReplicas']]])
  expect(noLonger.map(({ app }) => app)).toEqual(['good'])
})

test('a preview of the rules in force changes nothing, and lists what breaks them now', async () => {
  const document = { images: { block: ['evil/**'] } }
  const { preview, dashboard, get } = await aHost(document, hosted)
  const { changes, violations, noLonger } = await preview({ ...document, approval: {} })
  expect([changes, violations.map(({ app }) => app), noLonger]).toEqual([[], ['bad'], []])
  expect(dashboard.audited).toEqual([])
  expect((await get('/api/peer/b/rules')).json()).toMatchObject({ accepted: true })
})

test('an invalid document is refused with every wrong field', async () => {
  const { ask } = await aHost({})
  const answer = await ask({ inbound: { enabled: 'yes' }, nope: 1 })
  expect(answer.statusCode).toBe(422)
  expect(answer.json()).toMatchObject({
    errors: expect.arrayContaining([
      expect.objectContaining({ path: expect.stringContaining('inbound.enabled') as string }),
      expect.objectContaining({ path: expect.stringContaining('nope') as string }),
    ]) as unknown,
  })
})

test('a preview over a thousand apps takes at most 50 ms of CPU', async () => {
  const apps = Array.from({ length: 1_000 }, (_, i) => ({
    peer: i % 2 === 0 ? 'b' : 'c',
    name: `app-${i}`,
    spec: { ...small, image: `ghcr.io/me/app-${i % 40}:1`, replicas: 2 },
  }))
  const { handlers } = await aHost(
    { images: { allow: ['ghcr.io/me/**'], block: ['docker.io/evil/**'] }, totals: { cpu: '5000' } },
    apps,
  )
  const body = {
    images: { allow: ['ghcr.io/me/**'], block: ['docker.io/evil/**', 'ghcr.io/me/app-7'] },
    totals: { cpu: '900' },
  }
  const askOnce = async (): Promise<number> => {
    const before = process.cpuUsage()
    const answer = await handlers.previewSettings!({ body } as never) // all it reads
    const { user, system } = process.cpuUsage(before)
    expect(answer.violations.length).toBeGreaterThan(50)
    return (user + system) / 1_000
  }
  // The best of some: the first go through code that is not compiled yet.
  const times: number[] = []
  for (let i = 0; i < 6; i++) times.push(await askOnce())
  expect(Math.min(...times)).toBeLessThan(50)
})
