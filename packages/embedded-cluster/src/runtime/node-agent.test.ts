import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@porpulsion/kube'
import type { Pod } from 'kubernetes-types/core/v1.js'
import { expect, onTestFinished, test, vi } from 'vitest'
import { quiet } from '../../test/test-registry.ts'
import { aPod, inDefault, namespace } from '../../test/support/builders.ts'
import { tempDir } from '../../test/support/temp-dir.ts'
import { until, untilAll, untilGone } from '../../test/support/watching.ts'
import { Kinds } from '../registry/kinds.ts'
import { createMemoryRegistry } from '../registry/memory-registry.ts'
import type { NodeRuntime, PodLogOptions } from '../registry/ports.ts'
import type { Registry, Stored } from '../registry/registry.ts'
import { VolumeStore } from '../storage/volume-store.ts'
import { startRuntime, type RuntimeOptions } from './index.ts'
import { findProcesses } from './processes.ts'

const deps = { clock: systemClock, logger: quiet }

interface Node {
  readonly registry: Registry
  readonly dir: string
  runtime: NodeRuntime
  /** As if the cluster process had been killed: nothing is told to anybody, the pods run on. */
  restart(options?: Partial<RuntimeOptions>): Promise<void>
}

async function aNode(options: Partial<RuntimeOptions> = {}): Promise<Node> {
  const registry = createMemoryRegistry(deps)
  await registry.create(Kinds.Namespace, { metadata: { name: namespace } })
  const dir = tempDir()
  const start = (over: Partial<RuntimeOptions> = {}): Promise<NodeRuntime> =>
    startRuntime(
      { ...deps, registry, volumes: new VolumeStore(join(dir, 'volumes')) },
      {
        clusterName: 'test',
        nodeName: 'node',
        dir,
        restartBackoff: { baseMs: 20, maxMs: 200 },
        podsAtStop: 'leave',
        ...options,
        ...over,
      },
    )
  const node: Node = {
    registry,
    dir,
    runtime: await start(),
    async restart(over) {
      await node.runtime.stop()
      node.runtime = await start(over)
    },
  }
  onTestFinished(async () => {
    await node.runtime.stop()
    for (const { pid } of processesOf(node)) process.kill(pid, 'SIGKILL')
  })
  return node
}

function processesOf({ dir }: Node) {
  return findProcesses(({ env }) => env['POD_ROOT']?.startsWith(dir) === true)
}

const isReady = ({ status }: Stored<Pod>): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true

async function run({ registry }: Node, pod: Pod, isSo = isReady): Promise<Stored<Pod>> {
  await registry.create(Kinds.Pod, pod)
  return until(registry, Kinds.Pod, inDefault(pod.metadata?.name ?? ''), isSo)
}

const state = ({ status }: Stored<Pod>) => status?.containerStatuses?.[0]?.state
const waitingFor = (reason: string) => (pod: Stored<Pod>) => state(pod)?.waiting?.reason === reason
const url = (pod: Stored<Pod>, path: string) => `http://${pod.status?.podIP ?? ''}:8080${path}`

async function json(pod: Stored<Pod>, path: string): Promise<Record<string, unknown>> {
  return (await (await fetch(url(pod, path))).json()) as Record<string, unknown>
}

async function logs(
  { runtime }: Node,
  pod: Stored<Pod>,
  options: Partial<PodLogOptions> = {},
): Promise<string> {
  const all = { follow: false, previous: false, timestamps: false, ...options }
  const parts: Uint8Array[] = []
  for await (const part of await runtime.openLogs(pod, all, new AbortController().signal))
    parts.push(part)
  return Buffer.concat(parts).toString()
}

const reasons = ({ registry }: Node, name: string): (string | undefined)[] =>
  registry
    .list(Kinds.Event, { namespace })
    .items.filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason }) => reason)

test('a pod is scheduled, started and ready, and serves at its own address', async () => {
  const node = await aNode()
  const pod = await run(node, aPod('web'))
  expect(pod.spec?.nodeName).toBe('node')
  expect(pod.status).toMatchObject({
    phase: 'Running',
    hostIP: '127.0.0.1',
    podIP: expect.stringMatching(/^127\./) as string,
    containerStatuses: [{ name: 'app', ready: true, started: true, restartCount: 0 }],
  })
  expect(await (await fetch(url(pod, '/'))).text()).toContain('web')
  expect(await json(pod, '/env')).toMatchObject({
    POD_IP: pod.status?.podIP,
    PORT: '8080',
    POD_NAME: 'web',
  })
  await untilAll(node.registry, Kinds.Event, namespace, () =>
    reasons(node, 'web').includes('Started'),
  )
  expect(reasons(node, 'web')).toEqual(['Scheduled', 'Pulled', 'Created', 'Started'])
})

test('pods listen on the same port without getting in each other’s way', async () => {
  const node = await aNode()
  const [a, b] = await Promise.all([run(node, aPod('a')), run(node, aPod('b'))])
  expect(a.status?.podIP).not.toBe(b.status?.podIP)
  expect((await json(a, '/env'))['POD_NAME']).toBe('a')
  expect((await json(b, '/env'))['POD_NAME']).toBe('b')
})

test('nothing of the environment of the cluster reaches a pod', async () => {
  process.env['CLUSTER_SECRET'] = 'do not tell'
  onTestFinished(() => {
    delete process.env['CLUSTER_SECRET']
  })
  const node = await aNode()
  expect(await json(await run(node, aPod('web')), '/env')).not.toHaveProperty('CLUSTER_SECRET')
})

test('no variable of a pod reaches the machine through the program that runs it', async () => {
  const node = await aNode()
  const trap = join(node.dir, 'trap')
  const code = encodeURIComponent(
    `import{writeFileSync}from'node:fs';writeFileSync(${JSON.stringify(trap)},'')`,
  )
  const env = [
    { name: 'NODE_OPTIONS', value: `--import=data:text/javascript,${code}` },
    { name: 'POD_ROOT', value: '/' },
  ]
  const pod = await run(node, aPod('web', { env }))
  expect(existsSync(trap)).toBe(false)
  expect((await fetch(url(pod, '/files/etc/passwd'))).status).toBe(404)
  expect(await json(pod, '/env')).toMatchObject({ NODE_OPTIONS: env[0]?.value })
})

test('a deleted pod gets its grace, and is gone with process and files', async () => {
  const node = await aNode()
  const pod = await run(node, aPod('web'))
  await node.registry.delete(Kinds.Pod, inDefault('web'))
  await untilGone(node.registry, Kinds.Pod, inDefault('web'))
  expect(processesOf(node)).toEqual([])
  expect(existsSync(join(node.dir, 'pods', pod.metadata.uid))).toBe(false)
  await untilAll(node.registry, Kinds.Event, namespace, () =>
    reasons(node, 'web').includes('Killing'),
  )
})

test('a pod removed by force leaves nothing running', async () => {
  const node = await aNode()
  const pod = await run(node, aPod('web'))
  await node.registry.delete(Kinds.Pod, inDefault('web'), { gracePeriodSeconds: 0 })
  // The next pod of this name waits for nobody.
  const next = await run(node, aPod('web'))
  expect(next.metadata.uid).not.toBe(pod.metadata.uid)
  await expect(fetch(url(pod, '/'))).rejects.toThrow()
})

test('what ignores SIGTERM is killed when the grace is over', async () => {
  const node = await aNode({ allowHostProcesses: true })
  const command = ['sh', '-c', "trap '' TERM; echo ready; while :; do sleep 1; done"]
  const stubborn = aPod(
    'web',
    { image: 'porpulsion/command', command },
    { terminationGracePeriodSeconds: 1 },
  )
  await run(node, stubborn)
  await node.registry.delete(Kinds.Pod, inDefault('web'))
  await untilGone(node.registry, Kinds.Pod, inDefault('web'))
  expect(processesOf(node)).toEqual([])
})

test('a container that crashes is restarted at once, then with back-off, and says why', async () => {
  const node = await aNode()
  const pod = await run(
    node,
    aPod('web', { image: 'porpulsion/ticker', args: ['--interval-ms', 'x', '--nope'] }),
    (pod) =>
      waitingFor('CrashLoopBackOff')(pod) &&
      (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) >= 2,
  )
  expect(pod.status?.containerStatuses?.[0]).toMatchObject({
    ready: false,
    state: {
      waiting: {
        message: expect.stringContaining(
          'restarting failed container=app pod=web_default',
        ) as string,
      },
    },
    lastState: { terminated: { exitCode: 1, reason: 'Error' } },
  })
  expect(await logs(node, pod, { previous: true })).toContain("Unknown option '--nope'")
  expect(reasons(node, 'web')).toContain('BackOff')
})

test('a restart counts, keeps the log of the run before, and a follower of that run is told it has ended', async () => {
  const node = await aNode()
  const pod = await run(node, aPod('web'))
  const following = logs(node, pod, { follow: true })
  await fetch(url(pod, '/exit/7'))
  expect(await following).toContain('Exiting with 7 as asked')
  const again = await until(node.registry, Kinds.Pod, inDefault('web'), (pod) => {
    return isReady(pod) && pod.status?.containerStatuses?.[0]?.restartCount === 1
  })
  expect(again.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
    exitCode: 7,
    reason: 'Error',
  })
  expect(again.status?.podIP).toBe(pod.status?.podIP)
  expect(await logs(node, again, { previous: true })).toContain('Exiting with 7')
  expect(await logs(node, again)).not.toContain('Exiting with 7')
})

test('an unknown image says which images there are and what else to do', async () => {
  const node = await aNode()
  const pod = await run(node, aPod('web', { image: 'nginx' }), waitingFor('ImagePullBackOff'))
  expect(pod.status?.phase).toBe('Pending')
  expect(state(pod)?.waiting?.message).toMatch(/nginx.*porpulsion\/hello.*--kubeconfig/)
  await untilAll(node.registry, Kinds.Event, namespace, () =>
    reasons(node, 'web').includes('BackOff'),
  )
})

test('a pod whose image is corrected runs', async () => {
  const node = await aNode()
  await run(node, aPod('web', { image: 'porpulsion/helo' }), waitingFor('ImagePullBackOff'))
  const setImage = (image: string) =>
    node.registry.modify(Kinds.Pod, inDefault('web'), ({ spec }) =>
      Object.assign(spec!.containers[0]!, { image }),
    )
  await setImage('porpulsion/hello')
  await until(node.registry, Kinds.Pod, inDefault('web'), isReady)
  await setImage('porpulsion/hello:2')
  await until(node.registry, Kinds.Pod, inDefault('web'), (pod) => {
    const [status] = pod.status?.containerStatuses ?? []
    return isReady(pod) && status?.restartCount === 1 && status.imageID.endsWith('hello:2')
  })
})

test('what no process can be started with is an error of the container, tried again now and then', async () => {
  const node = await aNode()
  const pod = await run(node, aPod('web', { args: ['\0'] }), waitingFor('CreateContainerError'))
  expect(state(pod)?.waiting?.message).toContain('null bytes')
  expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0)
})

test('a command is refused unless host processes are allowed', async () => {
  const node = await aNode()
  const pod = await run(node, aPod('web', { command: ['id'] }), waitingFor('CreateContainerError'))
  expect(state(pod)?.waiting?.message).toContain('--allow-host-processes')
  expect(processesOf(node)).toEqual([])
})

test('a command runs where it is allowed, with its exit code and both streams in the log', async () => {
  const node = await aNode({ allowHostProcesses: true })
  const command = ['sh', '-c', 'echo out $GREETING; echo err >&2; exit 3']
  const pod = await run(
    node,
    aPod(
      'job',
      { image: 'porpulsion/command', command, env: [{ name: 'GREETING', value: 'hi' }] },
      { restartPolicy: 'Never' },
    ),
    ({ status }) => status?.phase === 'Failed',
  )
  expect(state(pod)?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' })
  expect((await logs(node, pod)).split('\n').sort()).toEqual(['', 'err', 'out hi'])
})

test('children that a command leaves behind end with it', async () => {
  const node = await aNode({ allowHostProcesses: true })
  const command = ['sh', '-c', 'sleep 300 & echo started']
  await run(
    node,
    aPod('job', { image: 'porpulsion/command', command }, { restartPolicy: 'Never' }),
    ({ status }) => {
      return status?.phase === 'Succeeded'
    },
  )
  // Killed is not gone: the kernel takes a moment to end a process.
  await vi.waitFor(() => expect(processesOf(node)).toEqual([]))
})

test('a pod that need not run for ever succeeds', async () => {
  const node = await aNode()
  const args = ['--interval-ms', '1', '--count', '3']
  const once = aPod('job', { image: 'porpulsion/ticker', args }, { restartPolicy: 'OnFailure' })
  const pod = await run(node, once, ({ status }) => status?.phase === 'Succeeded')
  expect(state(pod)?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' })
  expect((await logs(node, pod)).trim().split('\n')).toHaveLength(3)
})

test('what the spec names and is not there yet is waited for', async () => {
  const node = await aNode()
  const { registry } = node
  const env = [{ name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'config', key: 'color' } } }]
  const waiting = await run(node, aPod('web', { env }), waitingFor('CreateContainerConfigError'))
  expect(state(waiting)?.waiting?.message).toBe('configmap "config" not found')
  await registry.create(Kinds.ConfigMap, {
    metadata: { name: 'config', namespace },
    data: { color: 'red' },
  })
  const pod = await until(registry, Kinds.Pod, inDefault('web'), isReady)
  expect(await json(pod, '/env')).toMatchObject({ COLOR: 'red' })
})

test('mounted config appears below the root of the pod, and changes while the pod runs', async () => {
  const node = await aNode()
  const { registry } = node
  await registry.create(Kinds.ConfigMap, {
    metadata: { name: 'config', namespace },
    data: { color: 'red' },
  })
  const volumeMounts = [{ name: 'config', mountPath: '/etc/app' }]
  const volumes = [{ name: 'config', configMap: { name: 'config' } }]
  const pod = await run(node, aPod('web', { volumeMounts }, { volumes }))
  const color = async () => (await fetch(url(pod, '/files/etc/app/color'))).text()
  expect(await color()).toBe('red')
  await registry.modify(Kinds.ConfigMap, inDefault('config'), (draft) => {
    draft.data = { color: 'blue' }
  })
  await expect.poll(color).toBe('blue')
})

test('a missing volume source holds the container back with a reason', async () => {
  const node = await aNode()
  const volumes = [{ name: 'keys', secret: { secretName: 'keys' } }]
  const pod = await run(
    node,
    aPod('web', {}, { volumes }),
    waitingFor('CreateContainerConfigError'),
  )
  expect(state(pod)?.waiting?.message).toBe('secret "keys" not found')
  await untilAll(node.registry, Kinds.Event, namespace, () =>
    reasons(node, 'web').includes('FailedMount'),
  )
})

test('init containers run one after the other before the rest', async () => {
  const node = await aNode()
  const args = ['--interval-ms', '1', '--count', '1']
  const initContainers = ['first', 'second'].map((name) => ({
    name,
    image: 'porpulsion/ticker',
    args,
  }))
  const pod = await run(node, aPod('web', {}, { initContainers }))
  const [first, second] = pod.status?.initContainerStatuses ?? []
  expect(first?.state?.terminated?.exitCode).toBe(0)
  expect(second?.state?.terminated?.exitCode).toBe(0)
  expect(await logs(node, pod, { container: 'first' })).toContain('tick')
})

test('a failing init container keeps the others from starting', async () => {
  const node = await aNode()
  const initContainers = [{ name: 'setup', image: 'porpulsion/ticker', args: ['--nope'] }]
  const pod = await run(node, aPod('web', {}, { initContainers }), ({ status }) => {
    return status?.initContainerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff'
  })
  expect(pod.status?.phase).toBe('Pending')
  expect(state(pod)?.waiting?.reason).toBe('PodInitializing')
})

test('a failing init container ends a pod that is never restarted', async () => {
  const node = await aNode()
  const initContainers = [{ name: 'setup', image: 'porpulsion/ticker', args: ['--nope'] }]
  const spec = { initContainers, restartPolicy: 'Never' }
  const pod = await run(node, aPod('web', {}, spec), ({ status }) => status?.phase === 'Failed')
  expect(pod.status?.initContainerStatuses?.[0]).toMatchObject({
    restartCount: 0,
    state: { terminated: { exitCode: 1, reason: 'Error' } },
  })
  expect(state(pod)?.waiting?.reason).toBe('PodInitializing')
})

test('an init container prepares a volume for the rest, and is not run again when the cluster is', async () => {
  const node = await aNode()
  const data = { name: 'data', mountPath: '/data' }
  const initContainers = [
    {
      name: 'setup',
      image: 'porpulsion/hello',
      args: ['--append', '/data/log=prepared'],
      volumeMounts: [data],
    },
  ]
  const spec = { initContainers, volumes: [{ name: 'data', emptyDir: {} }] }
  const pod = await run(node, aPod('web', { volumeMounts: [data] }, spec))
  const log = async () => (await fetch(url(pod, '/files/data/log'))).text()
  expect(await log()).toBe('prepared\n')
  await node.restart()
  const { status } = await until(node.registry, Kinds.Pod, inDefault('web'), isReady)
  expect(status?.initContainerStatuses?.[0]?.restartCount).toBe(0)
  expect(await log()).toBe('prepared\n')
})

test('until the startup probe has succeeded, the others do not ask', async () => {
  const node = await aNode()
  const get = (path: string) => ({ httpGet: { path, port: 8080 }, periodSeconds: 1 })
  const pod = await run(
    node,
    aPod('web', {
      startupProbe: { ...get('/status/503'), failureThreshold: 1_000 },
      readinessProbe: get('/'),
      livenessProbe: { ...get('/status/500'), failureThreshold: 1 },
    }),
    ({ status }) => status?.containerStatuses?.[0]?.state?.running !== undefined,
  )
  await untilAll(node.registry, Kinds.Event, namespace, (events) =>
    events.some(({ message }) => message?.startsWith('Startup probe failed') === true),
  )
  const status = node.registry.get(Kinds.Pod, inDefault('web'))?.status?.containerStatuses?.[0]
  expect(status).toMatchObject({ started: false, ready: false, restartCount: 0 })
  expect(await logs(node, pod)).not.toMatch(/GET \/(status\/500)? /)
})

test('what says nothing about how a process runs is kept and in nobody’s way', async () => {
  const node = await aNode()
  const pod = await run(
    node,
    aPod(
      'web',
      { securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } } },
      { imagePullSecrets: [{ name: 'not-there' }], securityContext: { runAsUser: 1000 } },
    ),
  )
  expect(pod.spec).toMatchObject({
    imagePullSecrets: [{ name: 'not-there' }],
    securityContext: { runAsUser: 1000 },
    containers: [{ securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } } }],
  })
})

test('readiness follows its probe, down and up again', async () => {
  const node = await aNode()
  const readinessProbe = {
    httpGet: { path: '/healthz', port: 8080 },
    periodSeconds: 1,
    failureThreshold: 1,
  }
  const pod = await run(node, aPod('web', { readinessProbe }))
  await fetch(url(pod, '/health/off'), { method: 'POST' })
  await until(node.registry, Kinds.Pod, inDefault('web'), (pod) => !isReady(pod))
  await fetch(url(pod, '/health/on'), { method: 'POST' })
  await until(node.registry, Kinds.Pod, inDefault('web'), isReady)
  expect(reasons(node, 'web')).toContain('Unhealthy')
})

test('a container whose liveness probe fails is restarted', async () => {
  const node = await aNode()
  const livenessProbe = {
    httpGet: { path: '/healthz', port: 'http' },
    periodSeconds: 1,
    failureThreshold: 1,
  }
  const pod = await run(
    node,
    aPod('web', { livenessProbe, ports: [{ name: 'http', containerPort: 8080 }] }),
  )
  await fetch(url(pod, '/health/off'), { method: 'POST' })
  await until(node.registry, Kinds.Pod, inDefault('web'), (pod) => {
    return isReady(pod) && pod.status?.containerStatuses?.[0]?.restartCount === 1
  })
  expect(reasons(node, 'web')).toEqual(expect.arrayContaining(['Unhealthy', 'Killing']))
})

test('an exec probe runs in the directory of the pod, where that is allowed', async () => {
  const node = await aNode({ allowHostProcesses: true })
  const readinessProbe = {
    exec: { command: ['sh', '-c', 'test -f $POD_ROOT/data/ready -a $POD_NAME = web'] },
    periodSeconds: 1,
  }
  const volumes = [{ name: 'data', emptyDir: {} }]
  const volumeMounts = [{ name: 'data', mountPath: '/data' }]
  await node.registry.create(Kinds.Pod, aPod('web', { readinessProbe, volumeMounts }, { volumes }))
  const { metadata } = await until(
    node.registry,
    Kinds.Pod,
    inDefault('web'),
    (pod) => state(pod)?.running !== undefined,
  )
  writeFileSync(join(node.dir, 'pods', metadata.uid, 'volumes/data/ready'), '')
  await until(node.registry, Kinds.Pod, inDefault('web'), isReady)
})

test('until the startup probe has succeeded nothing is ready', async () => {
  const node = await aNode()
  const startupProbe = { tcpSocket: { port: 8080 }, periodSeconds: 1 }
  const pod = await run(node, aPod('web', { startupProbe }))
  expect(pod.status?.containerStatuses?.[0]).toMatchObject({ started: true, ready: true })
})

test('pods outlive the cluster process and are adopted by the next, logs and all', async () => {
  const node = await aNode()
  const pod = await run(
    node,
    aPod('web', { image: 'porpulsion/ticker', args: ['--interval-ms', '5'] }),
  )
  const before = processesOf(node)
  await node.restart()
  expect(processesOf(node).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid))
  const adopted = node.registry.get(Kinds.Pod, inDefault('web'))!
  expect(adopted.status?.containerStatuses).toEqual(pod.status?.containerStatuses)
  // Deleting still works on what was not our child.
  const following = logs(node, adopted, { follow: true })
  await node.registry.delete(Kinds.Pod, inDefault('web'))
  await untilGone(node.registry, Kinds.Pod, inDefault('web'))
  const numbers = (await following)
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[0]))
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
})

test('a pod that died while the cluster was away is restarted by the next, with its exit code', async () => {
  const node = await aNode()
  const pod = await run(node, aPod('web'))
  await node.runtime.stop()
  await fetch(url(pod, '/exit/9'))
  await expect.poll(() => processesOf(node)).toEqual([])
  await node.restart()
  const again = await until(node.registry, Kinds.Pod, inDefault('web'), (pod) => {
    return isReady(pod) && pod.status?.containerStatuses?.[0]?.restartCount === 1
  })
  expect(again.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(9)
})

test('what belongs to no pod any more is ended at the next start', async () => {
  const node = await aNode()
  await run(node, aPod('web'))
  await node.runtime.stop()
  await node.registry.delete(Kinds.Pod, inDefault('web'), { gracePeriodSeconds: 0 })
  await node.restart()
  await expect.poll(() => processesOf(node)).toEqual([])
  expect(readdirSync(join(node.dir, 'pods'))).toEqual([])
})

test('a recycled process id is never taken for a pod', async () => {
  const node = await aNode()
  const pod = await run(node, aPod('web'))
  await node.runtime.stop()
  const [found] = processesOf(node)
  process.kill(found!.pid, 'SIGKILL')
  await expect.poll(() => processesOf(node)).toEqual([])
  // Whatever has that id now does not carry the arguments of the run.
  await node.restart()
  const again = await until(node.registry, Kinds.Pod, inDefault('web'), (pod) => {
    return isReady(pod) && pod.status?.containerStatuses?.[0]?.restartCount === 1
  })
  expect(again.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(137)
  expect(again.status?.podIP).toBe(pod.status?.podIP)
})

test('a cluster told to take its pods with it leaves no process', async () => {
  const node = await aNode({ podsAtStop: 'kill' })
  await run(node, aPod('web'))
  await node.runtime.stop()
  expect(processesOf(node)).toEqual([])
})

test('stopping and starting the cluster again and again is no crash loop, and does not end one', async () => {
  const slow = {
    restartBackoff: { baseMs: 3_600_000, maxMs: 3_600_000 },
    podsAtStop: 'kill',
  } as const
  const node = await aNode(slow)
  await run(node, aPod('web'))
  await run(
    node,
    aPod('broken', { image: 'porpulsion/ticker', args: ['--nope'] }),
    waitingFor('CrashLoopBackOff'),
  )
  for (let restarts = 1; restarts <= 3; restarts++) {
    await node.restart()
    await until(node.registry, Kinds.Pod, inDefault('web'), (pod) => {
      return isReady(pod) && pod.status?.containerStatuses?.[0]?.restartCount === restarts
    })
  }
  const broken = node.registry.get(Kinds.Pod, inDefault('broken'))
  expect(broken?.status?.containerStatuses?.[0]).toMatchObject({
    restartCount: 1,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
  })
})

test('a pod that asks for more than the machine has waits, and says so', async () => {
  const node = await aNode()
  const pod = await run(
    node,
    aPod('big', { resources: { requests: { cpu: '10000' } } }),
    ({ status }) => {
      return status?.conditions?.some(({ reason }) => reason === 'Unschedulable') === true
    },
  )
  expect(pod.status?.conditions?.[0]?.message).toBe('0/1 nodes are available: 1 Insufficient cpu.')
})

test('log refusals are those of a kubelet', async () => {
  const node = await aNode()
  const pod = await run(node, aPod('web', { image: 'nginx' }), waitingFor('ImagePullBackOff'))
  const refusal = async (options: Partial<PodLogOptions>) =>
    logs(node, pod, options).catch((error: unknown) => String(error))
  expect(await refusal({})).toContain(
    'container "app" in pod "web" is waiting to start: ImagePullBackOff',
  )
  expect(await refusal({ container: 'x' })).toContain('container x is not valid for pod web')
  expect(await refusal({ previous: true })).toContain(
    'previous terminated container "app" in pod "web" not found',
  )
})

test('the last words of a container show in its status', async () => {
  const node = await aNode({ allowHostProcesses: true })
  const word = aPod(
    'job',
    {
      image: 'porpulsion/command',
      command: ['sh', '-c', 'mkdir -p dev; echo disk full > dev/termination-log; exit 1'],
    },
    { restartPolicy: 'Never' },
  )
  const pod = await run(node, word, ({ status }) => status?.phase === 'Failed')
  expect(state(pod)?.terminated?.message).toBe('disk full\n')
  const log = aPod(
    'log',
    {
      image: 'porpulsion/ticker',
      args: ['--nope'],
      terminationMessagePolicy: 'FallbackToLogsOnError',
    },
    { restartPolicy: 'Never' },
  )
  const second = await run(node, log, ({ status }) => status?.phase === 'Failed')
  expect(state(second)?.terminated?.message).toContain("Unknown option '--nope'")
})
