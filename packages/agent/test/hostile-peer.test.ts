/**
 * A peer that speaks the protocol correctly and then lies, against a whole agent. Each test is one attack: it must not
 * get through, the audit trail must tell of it, and another peer must notice nothing.
 */
import { randomUUID } from 'node:crypto'
import type { Approval } from '@porpulsion/contract'
import {
  ConfigMap,
  Deployment,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  Secret,
  Service,
  type ResourceKind,
} from '@porpulsion/kube'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ExecutingAppKind, RemoteAppKind } from '../src/workloads/kube-app-kinds.ts'
import {
  aPlayedPeer,
  aSubmission,
  aVictim,
  verdictOf,
  type Answer,
  type Claims,
  type PlayedPeer,
  type Victim,
} from './support/hostile-peer.ts'

const waiting = { timeout: 15_000, interval: 20 }
const hello = 'porpulsion/hello'
/** Costs the machine nothing. */
const stopped = { image: hello, replicas: 0 }
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

let victim: Victim
/** Another peer of the victim, with an app that runs there and one of the victim's that it runs. */
let honest: PlayedPeer
const honestApp = randomUUID()
let oursAtHonest: string
let before: unknown
let played = 0

beforeAll(async () => {
  victim = await aVictim()
  honest = await aPlayedPeer(victim, 'honest')
  const files = [{ name: 'keys', mountPath: '/keys', data: { key: 'honest-secret' } }]
  const spec = { image: hello, ports: [{ port: 8080 }], secrets: files }
  await honest.submit(spec, { uid: honestApp })
  const ours = { metadata: { name: 'ours' }, spec: { targetPeer: 'honest', image: hello } }
  const { body } = await victim.api('POST', '/api/remoteapps', ours)
  oursAtHonest = (body as { metadata: { uid: string } }).metadata.uid
  await vi.waitFor(async () => {
    ;(await honest.tunnel(honestApp, 8080)).destroy()
    expect(honest.asked).toContain(`PUT /v1/apps/${oursAtHonest}`)
  }, waiting)
  await vi.waitFor(async () => {
    const seen = JSON.stringify(await honestState())
    before = await honestState()
    expect(JSON.stringify(before)).toBe(seen)
  }, waiting)
})

afterAll(async () => {
  await honest.stop()
  await victim.stop()
})

afterEach(async () => {
  expect(await honestState()).toEqual(before)
  ;(await honest.tunnel(honestApp, 8080)).destroy()
})

/** Everything the victim has of the honest peer, but what ticks. */
async function honestState(): Promise<unknown> {
  const ours = await victim.client.get(RemoteAppKind, { namespace: 'porpulsion', name: 'ours' })
  return [
    await contentOf(honest),
    ours.metadata.generation,
    ours.status?.conditions.map(({ type, status, reason }) => [type, status, reason]),
  ]
}

const kinds: readonly ResourceKind[] = [
  ExecutingAppKind,
  Deployment,
  Pod,
  Service,
  Secret,
  ConfigMap,
  PersistentVolumeClaim,
]

/** What stands in the namespace of a peer: name, uid and content of every object. */
async function contentOf({ namespace }: PlayedPeer): Promise<unknown[]> {
  const lists = await Promise.all(kinds.map((kind) => victim.client.list(kind, { namespace })))
  return lists.flatMap(({ items }) =>
    items.map(({ metadata: { name, uid }, ...object }) => {
      const { spec, data } = object as { spec?: unknown; data?: unknown }
      return { name, uid, spec, data }
    }),
  )
}

async function aHostilePeer(): Promise<PlayedPeer> {
  const peer = await aPlayedPeer(victim, `mallory-${++played}`)
  onTestFinished(() => peer.stop())
  return peer
}

const noTotals = async (): Promise<void> => {
  await victim.api('PATCH', '/api/settings', { totals: null })
}

const recordsOf = async ({ namespace }: PlayedPeer) =>
  (await victim.client.list(ExecutingAppKind, { namespace })).items
const deploymentsOf = async ({ namespace }: PlayedPeer) =>
  (await victim.client.list(Deployment, { namespace })).items

/** Resolves with the Deployments once there are as many. */
async function untilDeployments(peer: PlayedPeer, count: number) {
  return await vi.waitFor(async () => {
    const found = await deploymentsOf(peer)
    expect(found).toHaveLength(count)
    return found
  }, waiting)
}

/** The trail tells of it: who, what, how it ended. */
async function expectAudited(
  peer: PlayedPeer,
  action: string,
  reason: string | undefined,
): Promise<void> {
  const found = (await victim.audit(peer))
    .filter((entry) => entry.actor === `peer/${peer.name}` && entry.action === action)
    .map((entry) => [entry.outcome, entry.reason])
  expect(found).toContainEqual([reason === undefined ? 'done' : 'refused', reason])
}

const accepted = (answers: readonly Answer[]): number =>
  answers.filter((answer) => verdictOf(answer).verdict === 'Accepted').length

async function theOneWaiting(peer: PlayedPeer): Promise<Approval> {
  return await vi.waitFor(async () => {
    const [approval, ...others] = await victim.waiting(peer)
    if (approval === undefined || others.length > 0) throw new Error('Not one waits')
    return approval
  }, waiting)
}

/** As the owner: what waits of this peer runs from now on. */
async function approve(peer: PlayedPeer): Promise<void> {
  const { id } = await theOneWaiting(peer)
  const { status } = await victim.api('POST', `/api/approval/${id}/approve`, {})
  expect(status).toBe(200)
  await vi.waitFor(async () => expect(await victim.waiting(peer)).toEqual([]), waiting)
}

describe('apps of another peer', () => {
  test('are not read, reached or deleted by whoever knows their uid', async () => {
    const mallory = await aHostilePeer()
    await expect(mallory.request('GET', `/v1/apps/${honestApp}/logs`)).resolves.toMatchObject({
      code: 'AppNotFound',
    })
    await expect(mallory.request('GET', `/v1/apps/${honestApp}/metrics`)).resolves.toMatchObject({
      code: 'AppNotFound',
    })
    await expect(mallory.request('DELETE', `/v1/apps/${honestApp}`)).resolves.toMatchObject({
      body: { state: 'Gone' },
    })
    await expect(mallory.tunnel(honestApp, 8080)).rejects.toMatchObject({ code: 'AppNotFound' })
    for (const action of ['streamAppLogs', 'getAppMetrics', 'deleteApp', 'openTunnel'])
      await expectAudited(mallory, action, 'AppNotFound')
  })

  test('are not replaced, nor their storage taken over, by an app of the same uid and name', async () => {
    const mallory = await aHostilePeer()
    for (const peer of [mallory, honest]) await victim.rules(peer, { storage: { enabled: true } })
    const pvcs = [{ name: 'data', mountPath: '/data', storage: '1Gi', retain: true }]
    await mallory.submit({ ...stopped, pvcs }, { uid: honestApp })
    await expectAudited(mallory, 'submitApp', undefined)
    const [deployment] = await untilDeployments(mallory, 1)
    const [theirs] = await deploymentsOf(honest)
    expect(deployment?.metadata.name).not.toBe(theirs?.metadata.name)
    const claims = (await victim.client.list(PersistentVolumeClaim, {})).items
    expect(claims.map(({ metadata }) => metadata.namespace)).toEqual([mallory.namespace])
  })

  test('of the victim at another host are not reported on, claimed or counted by who does not run them', async () => {
    const mallory = await aHostilePeer()
    const gone = {
      bootId: 'x',
      sequence: 1_000_000,
      specHash: '0'.repeat(64),
      generation: 1,
      statusHash: '0'.repeat(64),
      policyRevision: 'x',
      gone: true,
      status: { conditions: [], replicas: 0, readyReplicas: 0, updatedReplicas: 0 },
    }
    await mallory.request('PUT', `/v1/statuses/${oursAtHonest}`, gone)
    const claim = await mallory.request('GET', `/v1/apps/${oursAtHonest}`)
    expect(claim.code).toBe('AppGone')
    const apps = [{ uid: oursAtHonest, generation: 1, specHash: '0'.repeat(64) }]
    const inventory = { bootId: 'x', policyRevision: 'x', apps }
    await expect(mallory.request('POST', '/v1/inventory', inventory)).resolves.toMatchObject({
      body: { wanted: [], unknown: [oursAtHonest] },
    })
    for (const action of ['putStatus', 'getAppClaim', 'postInventory'])
      await expectAudited(mallory, action, 'AppGone')
  })

  test('are not found out about by trying: a dry run says nothing of what others run', async () => {
    const mallory = await aHostilePeer()
    await victim.api('PATCH', '/api/settings', { totals: { apps: 1, pods: 1, cpu: '1' } })
    onTestFinished(noTotals)
    const resources = { limits: { cpu: '10m' } }
    const { body } = await mallory.request('POST', '/v1/checks', {
      name: 'web',
      uid: honestApp,
      spec: { image: hello, resources },
    })
    const { objections } = body as { objections: { message: string }[] }
    expect(objections.map(({ message }) => message)).toEqual([
      'There is no room left for it in the 1 apps that all peers share (totals.apps); it asks for 1',
    ])
    await expectAudited(mallory, 'checkApp', 'TotalExceeded')
    expect(await recordsOf(mallory)).toEqual([])
  })
})

describe('approval', () => {
  const asking = { approval: { required: true } }
  const uid = randomUUID()
  const secrets = (key: string) => [{ name: 'keys', mountPath: '/keys', data: { key } }]
  const harmless = { ...stopped, secrets: secrets('one') }

  test.each<readonly [string, object, Claims, string]>([
    ['another image', { ...harmless, image: 'porpulsion/ticker' }, {}, 'ApprovalPending'],
    [
      'another image in the same generation',
      { ...harmless, image: 'porpulsion/ticker' },
      { generation: 1 },
      'ApprovalPending',
    ],
    [
      'another image beside another number of replicas',
      { ...harmless, image: 'porpulsion/ticker', replicas: 1 },
      {},
      'ApprovalPending',
    ],
    [
      'another image beside a restart',
      { ...harmless, image: 'porpulsion/ticker' },
      { restartedAt: 'now' },
      'ApprovalPending',
    ],
    [
      'another image in a new epoch',
      { ...harmless, image: 'porpulsion/ticker' },
      { epoch: 'f', generation: 0 },
      'ApprovalPending',
    ],
    ['another value of a secret', { ...harmless, secrets: secrets('two') }, {}, 'ApprovalPending'],
  ])('of one thing does not let %s run', async (_what, spec, claims, reason) => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, asking)
    await mallory.submit(harmless, { uid })
    await approve(mallory)
    const [approved] = await untilDeployments(mallory, 1)
    const answer = await mallory.submit(spec, { uid, generation: 2, ...claims })
    expect(verdictOf(answer).reason).toBe(reason)
    await theOneWaiting(mallory)
    await expectAudited(mallory, 'submitApp', undefined)
    expect((await deploymentsOf(mallory)).map((one) => one.spec)).toEqual([approved?.spec])
  })

  test('is not moved: not by the hash of what was approved, nor by sending another while it is read', async () => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, asking)
    await mallory.submit(harmless, { uid })
    const shown = await theOneWaiting(mallory)
    const evil = { ...harmless, image: 'porpulsion/ticker' }
    const { specHash } = aSubmission(harmless) as { specHash: string }
    // Nothing a peer knows is in it, and it is too long to look for two specs that have the same.
    expect(shown.id).toMatch(/^[0-9a-f]{32}$/)
    expect(shown.id).not.toContain(specHash.slice(0, 12))
    const forged = await mallory.submit(evil, { uid, generation: 2, specHash })
    expect(forged.code).toBe('InvalidRequest')
    await expectAudited(mallory, 'putApp', 'InvalidRequest')

    await mallory.submit(evil, { uid, generation: 2 })
    await vi.waitFor(async () => expect((await theOneWaiting(mallory)).id).not.toBe(shown.id))
    const late = await victim.api('POST', `/api/approval/${shown.id}/approve`, {})
    expect(late.code).toBe('ApprovalNotFound')
    expect(await deploymentsOf(mallory)).toEqual([])
  })

  test('does not survive deletion: not of what waits, nor for a submission that is played again', async () => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, asking)
    await mallory.submit(harmless, { uid })
    await approve(mallory)
    await untilDeployments(mallory, 1)
    const gone = async () => {
      await vi.waitFor(async () => {
        const { body } = await mallory.request('DELETE', `/v1/apps/${uid}`)
        expect(body).toMatchObject({ state: 'Gone' })
      }, waiting)
    }
    await gone()
    await expectAudited(mallory, 'deleteApp', undefined)
    expect(verdictOf(await mallory.submit(harmless, { uid })).reason).toBe('ApprovalPending')
    const { id } = await theOneWaiting(mallory)
    await gone()
    expect((await victim.api('POST', `/api/approval/${id}/approve`, {})).code).toBe(
      'ApprovalNotFound',
    )
    expect(await contentOf(mallory)).not.toContainEqual(
      expect.objectContaining({ name: expect.stringMatching(/^web-/) as string }),
    )
  })

  test('is not buried: of a flood at once as many wait as somebody reads, and no more', async () => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, asking)
    const answers = await Promise.all(
      many(130, (index) => mallory.submit(stopped, { name: `flood-${index}` })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100)
    expect(await recordsOf(mallory)).toHaveLength(100)
    await expectAudited(mallory, 'putApp', 'TooManyApprovals')
  })
})

describe('totals', () => {
  const limited = (cpu: string, replicas: number) => ({
    image: hello,
    replicas,
    resources: { limits: { cpu, memory: '1Mi' } },
  })
  /** Pods of hello would cost the machine; what is never pulled starts nothing. */
  const nowhere = 'registry.invalid/none:1'

  test.each([
    ['apps', 50, 10, { apps: 10 }, stopped],
    ['pods', 20, 6, { pods: 20 }, { image: nowhere, replicas: 3 }],
    ['cpu', 20, 6, { cpu: '2' }, { ...limited('300m', 1), image: nowhere }],
  ])('of %s: of %i apps at once exactly %i run', async (_what, asked, most, totals, spec) => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, { totals })
    const answers = await Promise.all(
      many(asked, (index) => mallory.submit(spec, { name: `app-${index}` })),
    )
    expect(accepted(answers)).toBe(most)
    expect(await recordsOf(mallory)).toHaveLength(most)
    await expectAudited(mallory, 'submitApp', 'TotalExceeded')
  })

  test('are not overtaken by ten apps that grow at once', async () => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, { totals: { pods: 20 } })
    const uids = many(10, () => randomUUID())
    const scale = async (replicas: number, generation: number) =>
      await Promise.all(
        uids.map((uid) => mallory.submit({ image: nowhere, replicas }, { uid, generation })),
      )
    expect(accepted(await scale(1, 1))).toBe(10)
    expect(accepted(await scale(5, 2))).toBe(2)
    const replicas = (await recordsOf(mallory)).map(({ spec }) => spec.app.replicas ?? 1)
    expect(replicas.reduce((sum, one) => sum + one, 0)).toBe(18)
    await expectAudited(mallory, 'submitApp', 'TotalExceeded')
  })

  test('count an app once for every name it is given under one uid', async () => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, { totals: { apps: 1 } })
    const uid = randomUUID()
    const answers = await Promise.all(
      many(5, (index) => mallory.submit(stopped, { uid, name: `name-${index}` })),
    )
    expect(accepted(answers)).toBe(1)
    expect(await recordsOf(mallory)).toHaveLength(1)
    await expectAudited(mallory, 'putApp', 'ClusterRefused')
  })

  test('do not let an app move to another namespace of its peer, and get its storage once more', async () => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, { storage: { enabled: true }, totals: { storage: '1Gi' } })
    const uid = randomUUID()
    const pvcs = [{ name: 'data', mountPath: '/data', storage: '1Gi', retain: true }]
    await mallory.submit({ ...stopped, pvcs }, { uid })
    await untilDeployments(mallory, 1)
    for (const namespace of ['one', 'two']) {
      const { code } = await mallory.submit({ ...stopped, pvcs }, { uid, namespace })
      expect(code).toBe('ClusterRefused')
    }
    const [record, ...others] = await recordsOf(mallory)
    expect([record?.spec.submitter.namespace, others]).toEqual(['default', []])
    await expectAudited(mallory, 'putApp', 'ClusterRefused')
  })

  test('count what is written, not what was said of the same app last', async () => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, { totals: { pods: 5 } })
    for (const round of many(3, String)) {
      const uid = randomUUID()
      await Promise.all([
        mallory.submit({ image: nowhere, replicas: 5 }, { uid, generation: 2, name: `a-${round}` }),
        mallory.submit({ image: nowhere, replicas: 0 }, { uid, generation: 1, name: `a-${round}` }),
        mallory.submit({ image: nowhere, replicas: 5 }, { name: `b-${round}` }),
      ])
    }
    const replicas = (await recordsOf(mallory)).map(({ spec }) => spec.app.replicas ?? 1)
    expect(replicas.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(5)
    await expectAudited(mallory, 'submitApp', 'TotalExceeded')
  })

  test('of storage hold for claims that stay when their app goes', async () => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, { storage: { enabled: true }, totals: { storage: '9Gi' } })
    await victim.api('PATCH', '/api/settings', { totals: { storage: '5Gi' } })
    onTestFinished(noTotals)
    const claim = (storage: string) => ({
      ...stopped,
      pvcs: [{ name: 'data', mountPath: '/data', storage, retain: true }],
    })
    expect(verdictOf(await mallory.submit(claim('6Gi'))).reason).toBe('TotalExceeded')
    // Others have 2Gi.
    const uid = randomUUID()
    await mallory.submit(claim('2Gi'), { uid })
    await vi.waitFor(async () => {
      const quota = { namespace: mallory.namespace, name: 'porpulsion' }
      const { spec } = await victim.client.get(ResourceQuota, quota)
      expect(spec?.hard?.['requests.storage']).toBe('5Gi')
      const { namespace } = mallory
      const { items } = await victim.client.list(PersistentVolumeClaim, { namespace })
      expect(items).toHaveLength(1)
    }, waiting)
    await vi.waitFor(async () => {
      const { body } = await mallory.request('DELETE', `/v1/apps/${uid}`)
      expect(body).toMatchObject({ state: 'Gone' })
    }, waiting)
    const again = await mallory.submit(claim('2Gi'), { name: 'another' })
    expect(verdictOf(again).reason).toBe('TotalExceeded')
    await expectAudited(mallory, 'submitApp', 'TotalExceeded')
  })
})

describe('amounts', () => {
  test('are read as Kubernetes reads them, whatever they look like', async () => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, {
      totals: { memory: '1Gi', cpu: '100m' },
      resources: { maxPerPod: { memory: '512Mi' } },
    })
    const memory = (limit: string | undefined, replicas = 1) => ({
      image: hello,
      replicas,
      resources: { limits: { cpu: '1m', ...(limit !== undefined && { memory: limit }) } },
    })
    const small = { limits: { cpu: '1m', memory: '1Mi' } }
    const refused: readonly (readonly [object, string])[] = [
      ...['500000M', '10T', '1e30', '1E', '1e999', '0.6Gi', '0', '0Ki', undefined].map(
        (limit) => [memory(limit), 'PodTooLarge'] as const,
      ),
      [memory('512Mi', 3), 'TotalExceeded'],
      // 1n is rounded up to a thousandth of a CPU, a thousand times.
      [
        { image: hello, replicas: 1_000, resources: { limits: { cpu: '1n', memory: '1' } } },
        'TotalExceeded',
      ],
      [
        { image: hello, resources: small, initContainers: [{ name: 'init', image: hello }] },
        'PodTooLarge',
      ],
      [
        {
          image: hello,
          resources: small,
          initContainers: [
            { name: 'init', image: hello, resources: { limits: { cpu: '1m', memory: '1T' } } },
          ],
        },
        'PodTooLarge',
      ],
      [
        { image: hello, resources: { limits: { ...small.limits, 'hugepages-2Mi': '1Gi' } } },
        'InvalidSpec',
      ],
      [{ image: hello, resources: { ...small, requests: { memory: '1E' } } }, 'InvalidSpec'],
    ]
    for (const [spec, reason] of refused)
      expect([spec, verdictOf(await mallory.submit(spec)).reason]).toEqual([spec, reason])
    for (const limit of [
      '-1',
      '+1',
      '1e1000',
      '1 ',
      '１',
      '1KB',
      '0x1',
      'Infinity',
      '',
      '1'.repeat(65),
    ])
      expect([limit, (await mallory.submit(memory(limit))).code]).toEqual([limit, 'InvalidRequest'])
    expect(await contentOf(mallory)).toEqual([])
    await expectAudited(mallory, 'submitApp', 'PodTooLarge')
    await expectAudited(mallory, 'putApp', 'InvalidRequest')
  })
})

describe('images', () => {
  const digest = `sha256:${'a'.repeat(64)}`

  test('that are blocked run under no spelling', async () => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, { images: { block: ['docker.io/evil/**', 'ghcr.io/evil'] } })
    const blocked = [
      'evil/x',
      'docker.io/evil/x:1',
      'index.docker.io/evil/x',
      'registry-1.docker.io/evil/x',
      'DOCKER.IO/evil/x',
      'docker.io:443/evil/x',
      'docker.io:0443/evil/x',
      `evil/x:harmless@${digest}`,
      `docker.io/evil/x@${digest}`,
      'GHCR.io/evil:1',
      'ghcr.io:443/evil/x/y',
      'ghcr.io:00443/evil/x',
    ]
    for (const image of blocked)
      expect([image, verdictOf(await mallory.submit({ ...stopped, image })).reason]).toEqual([
        image,
        'ImageBlocked',
      ])
    const init = { ...stopped, initContainers: [{ name: 'init', image: 'evil/x' }] }
    expect(verdictOf(await mallory.submit(init)).reason).toBe('ImageBlocked')
    const noImage = [
      'docker.io/еvil/x',
      'ghcr.io/EVIL',
      'docker.io%2fevil/x',
      'docker.io./evil/x',
      'ghcr.io/evil/',
      'evil/x ',
      ' evil/x',
      'evil/x\n',
      'evil/x:1\nlatest',
      'docker.io//evil/x',
      'docker.io/./evil/x',
      'https://docker.io/evil/x',
      'evil/x@sha256:short',
      'evil\u200b/x',
    ]
    for (const image of noImage)
      expect([image, verdictOf(await mallory.submit({ ...stopped, image })).reason]).toEqual([
        image,
        'InvalidSpec',
      ])
    expect(await contentOf(mallory)).toEqual([])
    await expectAudited(mallory, 'submitApp', 'ImageBlocked')
  })

  test('that are not allowed do not run under the name of one that is', async () => {
    const mallory = await aHostilePeer()
    await victim.rules(mallory, {
      images: { allow: ['ghcr.io/me', 'docker.io/library/nginx:1.29'] },
    })
    for (const image of [
      'ghcr.io/me-too/x',
      'ghcr.io/mex',
      'ghcr.io.evil.example/me/x',
      'evil.example/ghcr.io/me/x',
      'ghcr.io:8443/me/x',
      'nginx:1.290',
      `nginx:1.29@${digest}`,
      'nginx/nginx:1.29',
    ])
      expect([image, verdictOf(await mallory.submit({ ...stopped, image })).reason]).toEqual([
        image,
        'ImageNotAllowed',
      ])
    expect(await contentOf(mallory)).toEqual([])
    await expectAudited(mallory, 'submitApp', 'ImageNotAllowed')
  })
})

describe('rights of a pod', () => {
  test('are not asked for in fields an app does not have', async () => {
    const mallory = await aHostilePeer()
    const smuggled: readonly object[] = [
      { hostNetwork: true },
      { hostPID: true },
      { hostIPC: true },
      { serviceAccountName: 'porpulsion' },
      { automountServiceAccountToken: true },
      { nodeName: 'node' },
      { nodeSelector: { 'node-role.kubernetes.io/control-plane': '' } },
      { tolerations: [{ operator: 'Exists' }] },
      { priorityClassName: 'system-node-critical' },
      { runtimeClassName: 'none' },
      { volumes: [{ name: 'host', hostPath: { path: '/' } }] },
      { volumeMounts: [{ name: 'host', mountPath: '/host' }] },
      { containers: [{ name: 'other', image: hello }] },
      { envFrom: [{ secretRef: { name: 'porpulsion-identity' } }] },
      { lifecycle: { postStart: { exec: { command: ['id'] } } } },
      { template: { spec: { hostNetwork: true } } },
      { ports: [{ port: 8080, hostPort: 80 }] },
      { ports: [{ port: 8080, hostIP: '0.0.0.0' }] },
      { securityContext: { privileged: true } },
      { securityContext: { procMount: 'Unmasked' } },
      { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
      { securityContext: { seLinuxOptions: { type: 'spc_t' } } },
      { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } },
      { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'x' } } },
      { readinessProbe: { httpGet: { host: '169.254.169.254', port: 80 } } },
      { livenessProbe: { tcpSocket: { host: '10.0.0.1', port: 6443 } } },
      { emptyDirs: [{ name: 'tmp', mountPath: '/tmp', medium: 'Memory' }] },
      { configMaps: [{ name: 'c', mountPath: '/c', subPath: '../..' }] },
      { secrets: [{ name: 's', mountPath: '/s', fromSecret: 'porpulsion-identity' }] },
      { imagePullSecrets: ['porpulsion-identity'] },
      { pvcs: [{ name: 'p', mountPath: '/p', storage: '1Gi', claimName: 'theirs' }] },
      { resources: { claims: [{ name: 'gpu' }] } },
    ]
    for (const fields of smuggled) {
      const answer = await mallory.submit({ ...stopped, ...fields })
      expect([fields, answer.code]).toEqual([fields, 'InvalidRequest'])
    }
    expect(await contentOf(mallory)).toEqual([])
    await expectAudited(mallory, 'putApp', 'InvalidRequest')
  })

  test('are not asked for by labels and annotations that others decide by', async () => {
    const mallory = await aHostilePeer()
    const annotations = [
      'container.apparmor.security.beta.kubernetes.io/app',
      'container.seccomp.security.alpha.kubernetes.io/app',
      'seccomp.security.alpha.kubernetes.io/pod',
      'cluster-autoscaler.kubernetes.io/safe-to-evict',
      'porpulsion.io/spec-hash',
      'x.porpulsion.io/peer',
      'k8s.v1.cni.cncf.io/networks',
      'cni.projectcalico.org/ipAddrs',
      'sidecar.istio.io/inject',
      'iam.amazonaws.com/role',
      'vault.hashicorp.com/agent-inject',
      'kubernetes.io /x',
      '/x',
    ]
    for (const key of annotations) {
      const answer = await mallory.submit({ ...stopped, annotations: { [key]: 'x' } })
      expect([key, verdictOf(answer).reason]).toEqual([key, 'InvalidSpec'])
    }
    const [theirs] = (await victim.client.list(Service, { namespace: honest.namespace })).items
    for (const labels of [
      theirs?.spec?.selector ?? {},
      { 'app.kubernetes.io/managed-by': 'helm' },
      { 'pod-template-hash': 'x' },
      { 'azure.workload.identity/use': 'true' },
      { label: 'two\nlines' },
    ]) {
      const answer = await mallory.submit({ ...stopped, labels })
      expect([labels, verdictOf(answer).reason]).toEqual([labels, 'InvalidSpec'])
    }
    expect(await contentOf(mallory)).toEqual([])
    await expectAudited(mallory, 'submitApp', 'InvalidSpec')
  })

  test('are the same for every app: no token, no host, nothing of the cluster but its own objects', async () => {
    const mallory = await aHostilePeer()
    await mallory.submit({
      ...stopped,
      imagePullSecrets: [{ name: 'porpulsion-identity', dockerConfigJson: btoa('{"auths":{}}') }],
      secrets: [{ name: 'porpulsion-identity', mountPath: '/s', data: { own: 'x' } }],
      env: [
        { name: 'KEY', valueFrom: { secretKeyRef: { name: 'porpulsion-identity', key: 'own' } } },
      ],
    })
    const [deployment] = await untilDeployments(mallory, 1)
    const name = deployment?.metadata.name ?? ''
    const pod = deployment?.spec?.template.spec
    expect(pod).toMatchObject({
      serviceAccountName: 'porpulsion-app',
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: `${name}.pull.porpulsion-identity` }],
      volumes: [{ secret: { secretName: `${name}.secret.porpulsion-identity` } }],
    })
    expect(pod?.containers[0]?.env?.[0]?.valueFrom?.secretKeyRef?.name).toBe(
      `${name}.secret.porpulsion-identity`,
    )
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'nodeName'])
      expect(pod).not.toHaveProperty(field)
    await expectAudited(mallory, 'submitApp', undefined)
  })

  test('do not reach Secrets and ConfigMaps that are not the app’s own', async () => {
    const mallory = await aHostilePeer()
    const [theirs] = (await victim.client.list(Secret, { namespace: honest.namespace })).items
    const own = [{ name: 'own', mountPath: '/own', data: { key: 'x' } }]
    const reading = (kind: string, name: string, key = 'key') => ({
      ...stopped,
      configMaps: own,
      env: [{ name: 'STOLEN', valueFrom: { [kind]: { name, key } } }],
    })
    const verdicts = [
      reading('secretKeyRef', 'porpulsion-identity'),
      reading('secretKeyRef', 'own'),
      reading('configMapKeyRef', 'porpulsion-settings', 'settings.yaml'),
      reading('configMapKeyRef', 'own', '../key'),
    ]
    for (const spec of verdicts)
      expect([spec, verdictOf(await mallory.submit(spec)).reason]).toEqual([spec, 'InvalidSpec'])
    for (const name of [theirs?.metadata.name ?? '', '../own', 'porpulsion/own', 'own\n', ''])
      expect([name, (await mallory.submit(reading('secretKeyRef', name))).code]).toEqual([
        name,
        'InvalidRequest',
      ])
    const field = { valueFrom: { fieldRef: { fieldPath: 'spec.containers[0].env' } } }
    const answer = await mallory.submit({ ...stopped, env: [{ name: 'F', ...field }] })
    expect(verdictOf(answer).reason).toBe('InvalidSpec')
    expect(await contentOf(mallory)).toEqual([])
    await expectAudited(mallory, 'submitApp', 'InvalidSpec')
  })
})

describe('what is too much, or no name', () => {
  test('a flood in one request is refused before it costs anything', async () => {
    const mallory = await aHostilePeer()
    const path = `/v1/apps/${randomUUID()}`
    const huge = await mallory.request('PUT', path, `{"name":"${'x'.repeat(10 * 1024 * 1024)}"}`)
    expect(huge.code).toBe('RequestTooLarge')
    await expectAudited(mallory, 'putApp', 'RequestTooLarge')
    const deep = '['.repeat(1_000_000)
    for (const body of [deep, `{"spec":${deep}${']'.repeat(1_000_000)}}`, '{"__proto__":{"x":1}}'])
      expect(['MalformedRequest', 'InvalidRequest']).toContain(
        (await mallory.request('PUT', path, body)).code,
      )
    const mounts = (count: number) =>
      many(count, (index) => ({ name: `m-${index}`, mountPath: `/m/${index}`, data: { a: 'x' } }))
    for (const fields of [
      { env: many(1_000, (index) => ({ name: `E${index}`, value: 'x' })) },
      { configMaps: mounts(21) },
      { secrets: mounts(1_000) },
      { ports: many(51, (index) => ({ port: index + 1 })) },
      { replicas: 1_001 },
      { replicas: 1e21 },
      { labels: Object.fromEntries(many(51, (index) => [`l${index}`, 'x'])) },
      { configMaps: [{ name: 'c', mountPath: '/c', data: { a: 'x'.repeat(256 * 1024 + 1) } }] },
    ])
      expect((await mallory.submit({ ...stopped, ...fields })).code).toBe('InvalidRequest')
    const files = { a: 'x'.repeat(200_000), b: 'x'.repeat(200_000) }
    const large = many(3, (index) => ({
      name: `c-${index}`,
      mountPath: `/c/${index}`,
      data: files,
    }))
    const answer = await mallory.submit({ ...stopped, configMaps: large })
    expect(verdictOf(answer).reason).toBe('InvalidSpec')
    expect(await contentOf(mallory)).toEqual([])
  })

  test('a uid that is a path, a label or nothing names no app', async () => {
    const mallory = await aHostilePeer()
    const body = aSubmission(stopped)
    const uids = [
      '..%2f..%2fsecrets',
      '%2e%2e',
      'x'.repeat(64),
      '-x',
      'a%20b',
      'a%0Ab',
      '%C3%BC',
      'a%00',
      'a.b',
    ]
    for (const uid of uids)
      for (const [method, sent] of [
        ['PUT', body],
        ['DELETE', undefined],
      ] as const)
        expect([uid, (await mallory.request(method, `/v1/apps/${uid}`, sent)).status]).toEqual([
          uid,
          422,
        ])
    await expectAudited(mallory, 'putApp', 'InvalidRequest')
    await expectAudited(mallory, 'deleteApp', 'InvalidRequest')
    for (const path of [
      '/v1/apps/',
      '/v1/apps/a/b',
      '/v1/apps/../../api/settings',
      '/api/settings',
      '/metrics',
    ])
      expect([path, (await mallory.request('GET', path)).status >= 400]).toEqual([path, true])
    await expectAudited(mallory, 'unknownRequest', 'RouteNotFound')
    expect(await contentOf(mallory)).toEqual([])
  })

  test('apps of the same name, or of names alike where they are cut off, do not share objects', async () => {
    const mallory = await aHostilePeer()
    const long = 'x'.repeat(51)
    const ports = [{ port: 8080 }]
    for (const claims of [
      { name: `${long}a` },
      { name: `${long}b` },
      { name: 'same', namespace: 'one' },
      { name: 'same', namespace: 'two' },
    ])
      expect(verdictOf(await mallory.submit({ ...stopped, ports }, claims)).verdict).toBe(
        'Accepted',
      )
    const deployments = await untilDeployments(mallory, 4)
    const selectors = deployments.map(({ spec }) => JSON.stringify(spec?.selector.matchLabels))
    expect(new Set(selectors).size).toBe(4)
    await vi.waitFor(async () => {
      const { items } = await victim.client.list(Service, { namespace: mallory.namespace })
      expect(new Set(items.map(({ spec }) => JSON.stringify(spec?.selector))).size).toBe(4)
    }, waiting)
    for (const name of ['x'.repeat(53), 'UPPER', 'a.b', 'a/b', 'a\n', '-a', ''])
      expect([name, (await mallory.submit(stopped, { name })).code]).toEqual([
        name,
        'InvalidRequest',
      ])
    await expectAudited(mallory, 'putApp', 'InvalidRequest')
  })

  test('words with line ends and terminal escapes stay one plain line of the audit trail', async () => {
    const mallory = await aHostilePeer()
    const forged = 'web\n{"actor":"admin","action":"forged"}\u001b[2J\u202e\u2028'
    await mallory.request('POST', '/v1/checks', { name: forged, spec: stopped })
    await mallory.request('POST', '/v1/checks', { name: 'x'.repeat(1_000_000), spec: stopped })
    await expectAudited(mallory, 'checkApp', 'InvalidRequest')
    const entries = await victim.audit(mallory)
    const about = entries.map((entry) => entry.about ?? '')
    expect(about.some((text) => text.includes('\\u{1b}[2J'))).toBe(true)
    for (const text of about) {
      expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
      expect(text.length).toBeLessThanOrEqual(256)
    }
  })

  test('a host that reports megabytes of words leaves a status of bounded size', async () => {
    const mallory = await aHostilePeer()
    const app = { metadata: { name: 'theirs' }, spec: { targetPeer: mallory.name, image: hello } }
    const { body } = await victim.api('POST', '/api/remoteapps', app)
    const { uid } = (body as { metadata: { uid: string } }).metadata
    await vi.waitFor(() => expect(mallory.asked).toContain(`PUT /v1/apps/${uid}`), waiting)
    const words = `\u001b[2J<script>${'x'.repeat(300_000)}`
    const time = new Date(0).toISOString()
    const { specHash } = aSubmission({ image: hello }, { name: 'theirs' }) as { specHash: string }
    const pod = { name: words, phase: words, ready: true, restarts: 0, message: words }
    const report = {
      bootId: 'x',
      sequence: 1,
      specHash,
      generation: 1,
      statusHash: '0'.repeat(64),
      policyRevision: 'x',
      status: {
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: words,
            message: words,
            lastTransitionTime: time,
          },
        ],
        pods: many(3, () => pod),
        replicas: 1,
        readyReplicas: 0,
        updatedReplicas: 1,
      },
    }
    expect((await mallory.request('PUT', `/v1/statuses/${uid}`, report)).status).toBe(204)
    const ref = { namespace: 'porpulsion', name: 'theirs' }
    await vi.waitFor(async () => {
      const { status } = await victim.client.get(RemoteAppKind, ref)
      expect(status?.pods).toHaveLength(3)
      expect(JSON.stringify(status).length).toBeLessThan(20_000)
    }, waiting)
  })
})

describe('tunnels', () => {
  const web = { image: hello, ports: [{ port: 8080 }, { port: 53, protocol: 'UDP' }] }

  test('lead to listed TCP ports alone, and end with the right to them', async () => {
    const mallory = await aHostilePeer()
    const uid = randomUUID()
    await mallory.submit(web, { uid })
    await vi.waitFor(async () => (await mallory.tunnel(uid, 8080)).destroy(), waiting)
    for (const port of [22, 53, 8081, 10_250])
      await expect(mallory.tunnel(uid, port)).rejects.toMatchObject({ code: 'PortNotFound' })
    for (const port of [0, 65_536, -1, 8080.5])
      await expect(mallory.tunnel(uid, port)).rejects.toThrow('no stream of this kind')
    await expect(mallory.tunnel('../web', 8080)).rejects.toThrow('no stream of this kind')
    await expectAudited(mallory, 'openTunnel', 'PortNotFound')
    await expectAudited(mallory, 'openStream', 'StreamKindUnknown')

    const open = await mallory.tunnel(uid, 8080)
    open.on('error', () => undefined)
    const closed = new Promise((resolve) => open.once('close', resolve))
    await victim.rules(mallory, { tunnels: { mode: 'off' } })
    await closed
    await expect(mallory.tunnel(uid, 8080)).rejects.toMatchObject({ code: 'TunnelsOff' })
    await victim.rules(mallory, { tunnels: { mode: 'allow' } })
    ;(await mallory.tunnel(uid, 8080)).destroy()
    await victim.rules(mallory, { tunnels: { mode: 'off' } })
    const flood = await Promise.allSettled(many(20, () => mallory.tunnel(uid, 8080)))
    expect(flood.every(({ status }) => status === 'rejected')).toBe(true)
    await expectAudited(mallory, 'openTunnel', 'TunnelsOff')
  })

  test('that have to be approved are asked for twenty at a time', async () => {
    const mallory = await aHostilePeer()
    const uid = randomUUID()
    const ports = many(40, (index) => ({ port: 9_000 + index }))
    await mallory.submit({ ...stopped, ports }, { uid })
    await vi.waitFor(async () => expect(await recordsOf(mallory)).toHaveLength(1), waiting)
    await victim.rules(mallory, { tunnels: { mode: 'approval' } })
    const asked = await Promise.allSettled(ports.map(({ port }) => mallory.tunnel(uid, port)))
    expect(asked.every(({ status }) => status === 'rejected')).toBe(true)
    await vi.waitFor(async () => expect(await victim.waiting(mallory)).toHaveLength(20), waiting)
    await expectAudited(mallory, 'openTunnel', 'ApprovalPending')
  })
})
