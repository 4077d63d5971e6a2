/** What pods use, as the metrics API of a cluster says it, to the host's own page and to the submitter alone. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseQuantity, PorpulsionError } from '@porpulsion/contract'
import { anonymous, KubeClient, type Pod, type Stored } from '@porpulsion/kube'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test } from 'vitest'
import type { StoredExecutingApp } from '../../src/workloads/kube-app-kinds.ts'
import { readAppMetrics } from '../../src/workloads/kube-app-metrics.ts'
import type { PeerLinks } from '../../src/workloads/neighbours.ts'
import { readRemoteMetrics } from '../../src/workloads/remote-metrics.ts'
import { isReady, twoClusters } from './two-clusters.ts'

const signal = AbortSignal.timeout(60_000)
const record = {
  metadata: { namespace: 'porpulsion-peer-abc', name: 'web' },
  spec: { submitter: { uid: 'uid-1', name: 'web' } },
} as StoredExecutingApp

const pod = (name: string, ...limits: (Record<string, string> | undefined)[]): Stored<Pod> =>
  ({
    metadata: { name },
    spec: {
      containers: limits.map((each, at) => ({ name: `c${at}`, resources: { limits: each } })),
    },
  }) as unknown as Stored<Pod>

const measured = (name: string, ...usage: [cpu: string, memory: string][]) => ({
  metadata: { name },
  timestamp: '2026-01-01T00:00:10Z',
  window: '1m15.5s',
  containers: usage.map(([cpu, memory], at) => ({ name: `c${at}`, usage: { cpu, memory } })),
})

/** An API server that knows nothing but metrics. */
async function read(answer: { status?: number; items?: object[] }, pods: Stored<Pod>[]) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(decodeURIComponent(request.url ?? ''))
    response
      .writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ metadata: {}, items: answer.items ?? [] }))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const client = new KubeClient(
    { server: `http://127.0.0.1:${port}`, credentials: anonymous },
    { fieldManager: 'test' },
  )
  onTestFinished(async () => {
    await client.close()
    server.close()
  })
  const deps = { client, store: { podsOf: () => pods }, clock: new FakeClock() }
  return { asked, metrics: readAppMetrics(deps, record, signal) }
}

test('a pod uses what its containers use together, and its limit is what they may', async () => {
  const { asked, metrics } = await read(
    {
      items: [
        measured('web-2', ['1500u', '1Mi']),
        measured('web-1', ['1m', '3Ki'], ['500001n', '1Ki']),
      ],
    },
    [pod('web-1', { cpu: '1', memory: '64Mi' }, { cpu: '500m' }), pod('web-2')],
  )
  expect(await metrics).toEqual({
    time: '2026-01-01T00:00:10.000Z',
    windowSeconds: 75.5,
    pods: [
      {
        name: 'web-1',
        cpu: '1500001n',
        memory: '4Ki',
        containers: [
          { name: 'c0', cpu: '1m', memory: '3Ki' },
          { name: 'c1', cpu: '500001n', memory: '1Ki' },
        ],
      },
      {
        name: 'web-2',
        cpu: '1500000n',
        memory: '1Mi',
        containers: [{ name: 'c0', cpu: '1500000n', memory: '1Mi' }],
      },
    ],
    // One container may use any amount of memory, so the pod may.
    limits: { cpu: '1500m' },
  })
  expect(asked).toEqual([
    expect.stringMatching(
      /^\/apis\/metrics\.k8s\.io\/v1beta1\/namespaces\/porpulsion-peer-abc\/pods\?.*labelSelector=porpulsion\.io\/app=uid-1/,
    ),
  ])
})

test('a pod that carries the label and is not the app’s is left out', async () => {
  const { metrics } = await read({ items: [measured('stranger', ['1', '1Gi'])] }, [pod('web-1')])
  expect((await metrics).pods).toEqual([])
})

test('before anything is measured there is nothing, and no failure', async () => {
  const { metrics } = await read({}, [pod('web-1', { memory: '64Mi' })])
  expect(await metrics).toMatchObject({ windowSeconds: 0, pods: [], limits: { memory: '64Mi' } })
})

test.each([
  [404, 'metrics-server'],
  [503, 'kubectl get apiservice'],
  [403, 'upgrade the chart'],
])(
  'a cluster that answers %i cannot say, and what its owner can do is said',
  async (status, mend) => {
    const { metrics } = await read({ status }, [])
    await expect(metrics).rejects.toMatchObject({
      kind: 'FailedPrecondition',
      code: 'MetricsUnavailable',
      message: expect.stringContaining(mend) as unknown,
    })
  },
)

test('a cluster that fails otherwise is not said to measure nothing', async () => {
  const { metrics } = await read({ status: 500 }, [])
  await expect(metrics).rejects.toMatchObject({ code: 'ClusterUnavailable' })
})

const source = { peerFingerprint: 'f', uid: 'uid-1' }
const refusing = (error: PorpulsionError): Pick<PeerLinks, 'call'> => ({
  call: () => Promise.reject(error),
})

test.each([
  ['RouteNotFound', 'MetricsUnavailable', 'too old'],
  ['AppNotFound', 'AppNotDeployed', 'does not run'],
  ['MetricsUnavailable', 'MetricsUnavailable', 'Peer "b" says'],
  ['PeerFailed', 'PeerFailed', 'Peer "b" says'],
])('a host that answers %s is told of as %s, its words quoted', async (theirs, ours, words) => {
  const said = new PorpulsionError('NotFound', theirs, 'Peer "b" says: "No"')
  const asked = readRemoteMetrics(refusing(said), source, signal)
  await expect(asked).rejects.toMatchObject({
    code: ours,
    message: expect.stringMatching(new RegExp(`${words}[\\s\\S]*`)) as unknown,
  })
  await expect(asked).rejects.toMatchObject({
    message: expect.stringContaining('Peer "b" says: "No"') as unknown,
  })
})

test('the submitter and the host are told the same of an app, each by its own name for it', async () => {
  const { a, b } = await twoClusters()
  await a.apply()
  await a.until(isReady)
  const request = {
    caller: { name: 'vera', role: 'viewer' as const },
    origin: 'http://localhost:8000',
    note: () => undefined,
    signal,
    query: {},
    params: { id: 'web' },
    body: undefined,
  }
  const atHost = () => b.workloads.apiHandlers.getExecutingAppMetrics!(request)
  await expect.poll(async () => (await atHost()).pods.length, { timeout: 20_000 }).toBe(1)
  const [pod] = (await a.workloads.apiHandlers.getAppMetrics!(request)).pods
  expect(pod).toMatchObject({ name: (await atHost()).pods[0]?.name, containers: [{ name: 'app' }] })
  expect(parseQuantity(pod?.memory ?? '')).toBeGreaterThan(0n)
})
