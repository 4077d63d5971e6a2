import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Peer, RemoteApp } from '@porpulsion/contract'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { clusterOf, hosted } from './support/cluster.ts'
import { demoIn, type Demo } from './support/demo.ts'
import { eventually } from './support/eventually.ts'
import { Kubectl } from './support/kubectl.ts'
import { launcher } from './support/launcher.ts'
import { locateTool } from './support/locate-tool.ts'

const root = join(import.meta.dirname, '..')
const example = join(root, 'examples/remoteapp.yaml')
const kubectl = locateTool('kubectl')
const skipped = kubectl.kind === 'missing' ? ` (skipped: ${kubectl.reason})` : ''

const temporaryDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), 'porpulsion-e2e-'))

/** Processes that carry the directory among their arguments or, as pods do, in their environment. */
async function processesOf(dir: string): Promise<number[]> {
  const ids = (await readdir('/proc')).map(Number).filter(Number.isInteger)
  const found = await Promise.all(
    ids.map(async (pid) => {
      const texts = ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8'))
      const [cmdline, environ] = await Promise.all(texts).catch(() => ['', ''])
      const isOurs =
        cmdline?.includes(dir) === true || environ?.includes(`POD_ROOT=${dir}`) === true
      return isOurs ? [pid] : []
    }),
  )
  return found.flat()
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** As curl does it: `*.localhost` is this machine, whatever the resolver says. */
function fetchPage(address: string): Promise<Answer> {
  const url = new URL(address)
  const options = {
    host: '127.0.0.1',
    port: url.port,
    path: url.pathname + url.search,
    headers: { host: url.host, accept: '*/*' },
  }
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asked.once('error', reject).end()
  })
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const since = performance.now()
  await work()
  return (performance.now() - since) / 1_000
}

describe('a demo, as a new user meets it', () => {
  let demo: Demo
  const app = async (name: string): Promise<RemoteApp> =>
    (await demo.json('app', 'get', name)) as RemoteApp
  const url = async (name: string): Promise<string> =>
    (await demo.cli('app', 'url', name)).stdout.trim()

  beforeAll(async () => {
    demo = demoIn(await temporaryDirectory())
    await demo.up()
  })
  afterAll(() => demo.remove())

  test('its four processes are named, and two contexts point at its agents', async () => {
    const pids = await demo.pids()
    expect(Object.keys(pids).sort()).toEqual(['agentA', 'agentB', 'clusterA', 'clusterB'])
    for (const pid of Object.values(pids)) expect(() => process.kill(pid, 0)).not.toThrow()
    const contexts = (await demo.json('context', 'list')) as { items: unknown[] }
    expect(contexts.items).toMatchObject([
      { name: 'a', current: true },
      { name: 'b', current: false },
    ])
  })

  test('the peers are connected, and hello runs', async () => {
    for (const context of ['a', 'b']) {
      const { items } = (await demo.json('--context', context, 'peer', 'list')) as { items: Peer[] }
      expect(items.map(({ status }) => status?.link)).toEqual(['Connected'])
    }
    expect((await app('hello')).status?.phase).toBe('Ready')
  })

  test('an app is deployed, ready, followed, opened, changed and deleted', async () => {
    const flags = [
      '--peer',
      'b',
      '--image',
      'porpulsion/hello',
      '--port',
      '8080',
      '--replicas',
      '2',
    ]
    const took = await seconds(async () => {
      expect(await demo.cli('app', 'deploy', 'web', ...flags, '--wait')).toMatchObject({ code: 0 })
    })
    expect(took).toBeLessThan(5)
    expect((await app('web')).status).toMatchObject({ phase: 'Ready', readyReplicas: 2 })

    const logs = demo.start('app', 'logs', 'web', '-f')
    onTestFinished(() => {
      logs.kill('SIGKILL')
    })
    let text = ''
    logs.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const address = await url('web')
    const page = await fetchPage(address)
    expect(page).toMatchObject({ status: 200 })
    expect(page.body).toContain('<html')
    expect(await fetchPage(address.replace(/\?.*/, ''))).toMatchObject({ status: 401 })
    await eventually('the request is in the log', 10_000, () => {
      expect(text).toMatch(/^\[web-\S+\] GET \//m)
      return Promise.resolve()
    })
    logs.kill('SIGINT')
    expect(await once(logs, 'exit')).toEqual([130, null])

    await demo.cli('app', 'scale', 'web', '--replicas', '3', '--wait')
    expect((await app('web')).status).toMatchObject({ readyReplicas: 3 })
    await demo.cli('app', 'update', 'web', '--env', 'MESSAGE=Changed', '--wait')
    expect((await fetchPage(await url('web'))).body).toContain('Changed')

    expect(await demo.cli('app', 'delete', 'web', '--wait')).toMatchObject({ code: 0 })
    expect(await demo.cli('app', 'get', 'web')).toMatchObject({ code: 4 })
    const left = Object.values(await hosted(await clusterOf(demo.kubeconfig('b')))).flat()
    expect(left.filter((name) => name.startsWith('web'))).toEqual([])
  })

  test.skipIf(kubectl.kind === 'missing')(`kubectl does the same${skipped}`, async () => {
    const cluster = new Kubectl(kubectl.kind === 'found' ? kubectl.path : '', demo.kubeconfig('a'))
    await cluster.out(['apply', '-f', example])
    await cluster.out('-n porpulsion wait --for=condition=Ready remoteapp/greeter')
    expect((await app('greeter')).status).toMatchObject({ phase: 'Ready', readyReplicas: 2 })
    expect((await fetchPage(await url('greeter'))).body).toContain('Hello from the other cluster')
    await cluster.out(['delete', '-f', example])
    const { apps, pods } = await hosted(await clusterOf(demo.kubeconfig('b')))
    expect([...apps, ...pods].filter((name) => name.startsWith('greeter'))).toEqual([])
  })

  test('a refusal is told with its rule, and is no wait until a time limit', async () => {
    await demo.cli('--context', 'b', 'settings', 'set', 'images.block=["docker.io/evil/**"]')
    const flags = ['--peer', 'b', '--image', 'evil/x', '--wait']
    const result = await demo.cli('app', 'deploy', 'bad', ...flags)
    expect(result.code).toBe(3)
    expect(result.stderr).toContain('[ImageBlocked]')
    await demo.cli('app', 'delete', 'bad', '--wait')
  })

  test('a process that is killed comes back, under a new id, and the link with it', async () => {
    const before = await demo.pids()
    process.kill(before.agentA, 'SIGKILL')
    await eventually('agent a is another process, and connected', 20_000, async () => {
      expect((await demo.pids()).agentA).not.toBe(before.agentA)
      const { items } = (await demo.json('peer', 'list')) as { items: Peer[] }
      expect(items.map(({ status }) => status?.link)).toEqual(['Connected'])
    })
    const { agentA: _, ...others } = await demo.pids()
    expect(before).toMatchObject(others)
  })

  test('stop leaves no process, and the next start goes on within seconds', async () => {
    await demo.stop()
    expect(await processesOf(demo.dir)).toEqual([])
    expect(await demo.cli('demo', 'status', '--dir', demo.dir, '-o', 'json')).toMatchObject({
      code: 0,
    })
    expect(await seconds(() => demo.up())).toBeLessThan(8)
    expect((await app('hello')).status?.phase).toBe('Ready')
    expect((await fetchPage(await url('hello'))).status).toBe(200)
  })

  test('starting it twice joins the one that runs', async () => {
    const before = await demo.pids()
    await demo.up()
    expect(await demo.pids()).toEqual(before)
  })
})

test('Ctrl-C ends a demo in the foreground and leaves nothing behind', async () => {
  const dir = await temporaryDirectory()
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const demo = spawn(process.execPath, [launcher, 'demo', '--dir', dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    demo.kill('SIGKILL')
  })
  let text = ''
  demo.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await eventually('the demo is ready', 60_000, () => {
    expect(text).toContain('Ctrl-C ends it')
    return Promise.resolve()
  })
  // Four processes, their supervisor, and a pod.
  expect((await processesOf(dir)).length).toBeGreaterThanOrEqual(6)
  expect(text.match(/\/login\?code=/g)).toHaveLength(2)
  demo.kill('SIGINT')
  expect(await once(demo, 'exit')).toEqual([0, null])
  expect(await processesOf(dir)).toEqual([])
})

test('clean forgets a demo, and touches no directory that is none', async () => {
  const dir = await temporaryDirectory()
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const demo = demoIn(dir)
  await demo.up()
  await demo.cli('demo', 'clean', '--dir', dir)
  await expect(access(dir)).rejects.toThrow('ENOENT')
  expect(await processesOf(dir)).toEqual([])

  const stranger = await temporaryDirectory()
  onTestFinished(() => rm(stranger, { recursive: true, force: true }))
  await writeFile(join(stranger, 'thesis.txt'), 'years of work')
  expect(await demo.cli('demo', 'clean', '--dir', stranger)).toMatchObject({ code: 4 })
  await access(join(stranger, 'thesis.txt'))
})
