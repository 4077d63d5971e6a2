/** What people do with workloads, done with the real kubectl. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEmbeddedCluster, type EmbeddedCluster } from '../src/index.ts'
import { kubectl, kubectlPath, type KubectlResult } from './support/kubectl.ts'

let cluster: EmbeddedCluster
let dir: string
let kubeconfig: string

async function run(...args: string[]): Promise<KubectlResult> {
  return kubectl(kubeconfig, args)
}

/** The output of a command that has to succeed. */
async function ok(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args)
  expect(code, `kubectl ${args.join(' ')}: ${stderr}`).toBe(0)
  return stdout
}

/** The same for a command that fails until something has started, as `logs` does. */
async function untilOk(...args: string[]): Promise<string> {
  for (let attempts = 1; attempts < 50; attempts++) {
    const { code, stdout } = await run(...args)
    if (code === 0) return stdout
  }
  return ok(...args)
}

describe.skipIf(kubectlPath === undefined)('kubectl', () => {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'porpulsion-kubectl-'))
    kubeconfig = join(dir, 'kubeconfig')
    cluster = await startEmbeddedCluster({
      runtime: { restartBackoff: { baseMs: 50, maxMs: 200 }, podsAtStop: 'kill' },
    })
    await writeFile(kubeconfig, cluster.kubeconfig())
  })
  afterAll(async () => {
    await cluster.stop()
    await rm(dir, { recursive: true, force: true })
  })

  test('rolls out, restarts, updates and undoes a deployment', async () => {
    await ok(
      'create',
      'deployment',
      'web',
      '--image=porpulsion/hello:1',
      '--replicas=2',
      '--port=8080',
    )
    expect(await ok('rollout', 'status', 'deployment/web')).toContain('successfully rolled out')
    const before = await ok('get', 'pods', '-l', 'app=web', '-o', 'name')
    await ok('rollout', 'restart', 'deployment/web')
    await ok('rollout', 'status', 'deployment/web')
    await ok('set', 'image', 'deployment/web', 'hello=porpulsion/hello:2')
    await ok('rollout', 'status', 'deployment/web')
    await ok('rollout', 'undo', 'deployment/web')
    await ok('rollout', 'status', 'deployment/web')
    expect(
      await ok(
        'get',
        'deployment',
        'web',
        '-o',
        'jsonpath={.spec.template.spec.containers[0].image}',
      ),
    ).toBe('porpulsion/hello:1')
    expect(await ok('rollout', 'history', 'deployment/web')).toMatch(/\n4\s/)
    expect(await ok('get', 'pods', '-l', 'app=web', '-o', 'name')).not.toBe(before)
  })

  test('is told when a rollout misses its deadline', async () => {
    await ok('create', 'deployment', 'stuck', '--image=nginx')
    await ok('patch', 'deployment', 'stuck', '-p', '{"spec":{"progressDeadlineSeconds":1}}')
    const { code, stderr } = await run('rollout', 'status', 'deployment/stuck')
    expect(code).toBe(1)
    expect(stderr).toContain('exceeded its progress deadline')
    expect(await ok('describe', 'pods', '-l', 'app=stuck')).toMatch(
      /Failed to pull image "nginx".*porpulsion\/hello/,
    )
  })

  test('scales, and waits for conditions and for values', async () => {
    await ok('create', 'deployment', 'scaled', '--image=porpulsion/hello')
    await ok('scale', 'deployment/scaled', '--replicas=3')
    await ok('wait', 'deployment/scaled', '--for=condition=Available', '--timeout=20s')
    await ok(
      'wait',
      'deployment/scaled',
      '--for=jsonpath={.status.readyReplicas}=3',
      '--timeout=20s',
    )
    await ok('expose', 'deployment', 'scaled', '--port=80', '--target-port=8080')
    await ok(
      'wait',
      'endpointslice',
      '-l',
      'kubernetes.io/service-name=scaled',
      '--for=jsonpath={.endpoints[2].conditions.ready}=true',
      '--timeout=20s',
    )
    await ok('scale', 'deployment/scaled', '--replicas=0')
    await ok('wait', 'pods', '-l', 'app=scaled', '--for=delete', '--timeout=20s')
  })

  test('describes a deployment and its pods with their events', async () => {
    await ok('create', 'deployment', 'told', '--image=porpulsion/hello')
    await ok('rollout', 'status', 'deployment/told')
    expect(await ok('describe', 'deployment', 'told')).toMatch(
      /1 available[^]*ScalingReplicaSet[^]*Scaled up replica set/,
    )
    const pod = await ok('describe', 'pods', '-l', 'app=told')
    for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started'])
      expect(pod).toContain(reason)
  })

  test('reads logs: all, a tail, since a time, to the end, and of the run before', async () => {
    await ok(
      'run',
      'ticks',
      '--image=porpulsion/ticker',
      '--restart=Never',
      '--',
      '--interval-ms=5',
      '--count=20',
    )
    const followed = await untilOk('logs', '-f', 'ticks')
    expect(
      followed
        .trim()
        .split('\n')
        .map((line) => Number(line.split(' ')[0])),
    ).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect(await ok('logs', 'ticks')).toBe(followed)
    expect((await ok('logs', 'ticks', '--tail=3')).trim().split('\n')).toHaveLength(3)
    const stamped = (await ok('logs', 'ticks', '--timestamps')).trim().split('\n')
    const first = stamped[0]?.split(' ')[0] ?? ''
    expect(first).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
    expect(await ok('logs', 'ticks', `--since-time=${first}`)).toBe(followed)
    const later = new Date(Date.parse(first) + 60_000).toISOString()
    expect(await ok('logs', 'ticks', `--since-time=${later}`)).toBe('')

    await ok('run', 'crashes', '--image=porpulsion/ticker', '--', '--nope')
    await ok(
      'wait',
      'pod/crashes',
      '--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff',
      '--timeout=20s',
    )
    expect(await ok('logs', 'crashes', '--previous')).toContain("Unknown option '--nope'")
  })

  test.each([
    ['background', 'background'],
    ['foreground', 'foreground'],
  ])('deletes a deployment with all it owns, in the %s', async (name, cascade) => {
    await ok('create', 'deployment', name, '--image=porpulsion/hello')
    await ok('rollout', 'status', `deployment/${name}`)
    await ok('delete', 'deployment', name, `--cascade=${cascade}`)
    await ok('wait', 'pods', '-l', `app=${name}`, '--for=delete', '--timeout=20s')
    expect(await ok('get', 'replicasets', '-l', `app=${name}`, '-o', 'name')).toBe('')
  })

  test('deletes a deployment and leaves its pods, when asked to', async () => {
    await ok('create', 'deployment', 'parent', '--image=porpulsion/hello')
    await ok('rollout', 'status', 'deployment/parent')
    await ok('delete', 'deployment', 'parent', '--cascade=orphan')
    expect(await ok('get', 'replicasets,pods', '-l', 'app=parent', '-o', 'name')).toMatch(
      /replicaset[^]*pod/,
    )
  })

  test('deletes a namespace with all that is in it', async () => {
    await ok('create', 'namespace', 'shop')
    await ok(
      '-n',
      'shop',
      'create',
      'deployment',
      'web',
      '--image=porpulsion/hello',
      '--replicas=2',
    )
    await ok('-n', 'shop', 'rollout', 'status', 'deployment/web')
    await ok('delete', 'namespace', 'shop', '--timeout=20s')
    expect((await run('get', 'namespace', 'shop')).stderr).toContain('NotFound')
  })
})
