import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { Deployment, isNotFound, isUnavailable, Pod, ReplicaSet } from '@porpulsion/kube'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startClusterProcess, type ClusterProcess } from './support/cluster-process.ts'
import { eventually } from './support/eventually.ts'

const namespace = 'default'
const KILLS = 10

let cluster: ClusterProcess
beforeEach(async () => {
  cluster = await startClusterProcess()
})
afterEach(() => cluster.remove())

interface App {
  readonly replicas: number
  readonly image: string
  readonly args?: string[]
}

async function apply(name: string, { replicas, image, args }: App): Promise<void> {
  const labels = { app: name }
  const container = { name: 'app', image, ports: [{ containerPort: 8080 }], ...(args && { args }) }
  await cluster.client.apply(Deployment, {
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [container], terminationGracePeriodSeconds: 2 },
      },
    },
  })
}

async function readyPods(name: string, count: number): Promise<Pod[]> {
  return eventually(`${count} pods of ${name} are ready`, 20_000, async () => {
    const { items } = await cluster.client.list(Pod, { namespace, labelSelector: { app: name } })
    const ready = items.filter(({ status }) =>
      status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    )
    expect(ready).toHaveLength(count)
    expect(items).toHaveLength(count)
    return ready
  })
}

async function logLines(pod: Pod): Promise<string[]> {
  const log = await cluster.client.logs({ namespace, name: pod.metadata?.name ?? '' })
  const chunks = (await log.toArray()) as Buffer[]
  return Buffer.concat(chunks).toString().trim().split('\n')
}

test('after SIGKILL the pods run on, are adopted, and their logs have no gap', async () => {
  await apply('tick', { replicas: 2, image: 'porpulsion/ticker', args: ['--interval-ms', '10'] })
  const before = await readyPods('tick', 2)
  const processes = cluster.podProcesses()
  await cluster.kill()
  expect(cluster.podProcesses()).toEqual(processes)
  await cluster.start()

  const after = await readyPods('tick', 2)
  expect(cluster.podProcesses()).toEqual(processes)
  expect(after.map(({ status }) => status?.containerStatuses)).toEqual(
    before.map(({ status }) => status?.containerStatuses),
  )
  const numbers = (await logLines(after[0]!)).map((line) => Number(line.split(' ')[0]))
  expect(numbers.length).toBeGreaterThan(10)
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
})

test('a pod that dies while the cluster is dead is started again', async () => {
  await apply('web', { replicas: 1, image: 'porpulsion/hello' })
  const [pod] = await readyPods('web', 1)
  await cluster.kill()
  for (const pid of cluster.podProcesses()) process.kill(pid, 'SIGKILL')
  await cluster.start()
  await eventually('the pod was restarted', 20_000, async () => {
    const [again] = await readyPods('web', 1)
    expect(again?.metadata?.uid).toBe(pod?.metadata?.uid)
    expect(again?.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 137 } },
    })
  })
  expect(cluster.podProcesses()).toHaveLength(1)
})

test(`killed ${KILLS} times in the middle of changes, the cluster ends up with what was asked for`, async () => {
  const numbers = fc.sample(fc.nat(1_000), { seed: 7, numRuns: KILLS * 4 })
  const next = (): number => numbers.pop() ?? 0
  const wanted = new Map<string, App>()

  for (let round = 0; round < KILLS; round++) {
    const name = `app-${next() % 3}`
    const app = { replicas: next() % 4, image: `porpulsion/hello:${1 + (next() % 2)}` }
    const isDeletion = wanted.has(name) && app.replicas === 3
    const change = isDeletion ? remove(name) : apply(name, app)
    const outcome = change.then(
      () => 'acknowledged',
      (error: unknown) => {
        expect(isUnavailable(error), String(error)).toBe(true)
        return 'lost'
      },
    )
    await wait(next() % 250)
    await cluster.kill()
    await outcome
    await cluster.start()
    // Whether a change that was cut off got through is open, so it is made once more. What was acknowledged is there.
    if ((await outcome) === 'acknowledged') await expectKept(name, isDeletion ? undefined : app)
    if (isDeletion) await remove(name)
    else await apply(name, app)
    if (isDeletion) wanted.delete(name)
    else wanted.set(name, app)
  }

  for (const [name, { replicas, image }] of wanted) {
    const pods = await readyPods(name, replicas)
    for (const pod of pods) expect(pod.spec?.containers[0]?.image).toBe(image)
  }
  const total = [...wanted.values()].reduce((sum, { replicas }) => sum + replicas, 0)
  await eventually('nothing else is left', 20_000, async () => {
    expect((await cluster.client.list(Pod, { namespace })).items).toHaveLength(total)
    expect(cluster.podProcesses()).toHaveLength(total)
    const owners = (await cluster.client.list(ReplicaSet, { namespace })).items.map(
      ({ metadata }) => metadata.ownerReferences?.[0]?.name ?? '',
    )
    expect([...new Set(owners)].sort()).toEqual([...wanted.keys()].sort())
  })
})

async function remove(name: string): Promise<void> {
  await cluster.client.delete(Deployment, { namespace, name }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error
  })
}

async function expectKept(name: string, app: App | undefined): Promise<void> {
  const found = await cluster.client.find(Deployment, { namespace, name })
  if (app === undefined) expect(found).toBeUndefined()
  else expect(found?.spec?.replicas).toBe(app.replicas)
}

test('told to end, the cluster takes its pods with it, and brings them back at the next start', async () => {
  await apply('web', { replicas: 2, image: 'porpulsion/hello' })
  const before = await readyPods('web', 2)
  await cluster.stop()
  expect(cluster.podProcesses()).toEqual([])
  await cluster.start()
  await eventually('the same pods run again', 20_000, async () => {
    const after = await readyPods('web', 2)
    expect(after.map(({ metadata }) => metadata?.uid)).toEqual(
      before.map(({ metadata }) => metadata?.uid),
    )
    expect(cluster.podProcesses()).toHaveLength(2)
  })
})
