import { createHash, randomBytes } from 'node:crypto'
import type { Container } from 'kubernetes-types/core/v1.js'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Kinds } from '../src/registry/kinds.ts'
import { findProcesses } from '../src/runtime/processes.ts'
import { aPod, inDefault } from './support/builders.ts'
import { ExecClient, type ExecClientOptions, stdinChannel } from './support/exec-client.ts'
import { robotWith } from './support/robot.ts'
import { tempDir } from './support/temp-dir.ts'
import { until, untilGone } from './support/watching.ts'
import { aCluster, type TestApi } from './test-cluster.ts'

const runtime = { allowHostProcesses: true } as const

/** Other processes may have the machine's cores. */
const patience = { timeout: 10_000 }

const aWorkingCluster = (): Promise<TestApi> => aCluster({ workloads: true, runtime })

/** The pod `app`, which runs a script once and has what `container` says of its input. */
async function running(
  { cluster: { registry } }: TestApi,
  script: string,
  container: Partial<Container> = {},
): Promise<void> {
  const command = ['sh', '-c', script]
  const program = { image: 'porpulsion/command', command, ...container }
  await registry.create(Kinds.Pod, aPod('app', program, { restartPolicy: 'Never' }))
  await until(registry, Kinds.Pod, inDefault('app'), ({ status }) => status?.phase === 'Running')
}

async function attached(api: TestApi, options?: ExecClientOptions): Promise<ExecClient> {
  const client = await ExecClient.attach(api, 'app', options)
  onTestFinished(() => client.socket.terminate())
  return client
}

/** What a program begins with that is to wait until the test says `go`. */
const waitForGo = 'until [ -e go ]; do sleep 0.05; done;'

async function go(api: TestApi): Promise<void> {
  await (await ExecClient.open(api, 'app', ['touch', 'go'])).status()
}

const phase = ({ cluster: { registry } }: TestApi): string | undefined =>
  registry.get(Kinds.Pod, inDefault('app'))?.status?.phase

const hasEnded = (api: TestApi) =>
  until(api.cluster.registry, Kinds.Pod, inDefault('app'), ({ status }) => {
    return /Succeeded|Failed/.test(status?.phase ?? '')
  })

test('what is typed reaches the program, and both its streams come back', async () => {
  const api = await aWorkingCluster()
  const script = 'while read -r line; do echo "out $line"; echo "err $line" >&2; done'
  await running(api, script, { stdin: true })
  const client = await attached(api, { stdin: true })
  client.send(stdinChannel, 'one\ntwo\n')
  await client.says('out two\n')
  await vi.waitFor(() => expect(client.stderr.toString()).toBe('err one\nerr two\n'), patience)
  expect(client.stdout.toString()).toBe('out one\nout two\n')
})

test('a prompt that ends no line is shown at once', async () => {
  const api = await aWorkingCluster()
  await running(api, 'read -r name; printf "and now? "; read -r name; echo', { stdin: true })
  const client = await attached(api, { stdin: true })
  client.send(stdinChannel, 'go on\n')
  await client.says('and now? ')
})

test('megabytes go in as they are, and end with the first client if the input is for one', async () => {
  const api = await aWorkingCluster()
  await running(api, 'sha256sum', { stdin: true, stdinOnce: true })
  const bytes = randomBytes(3_000_000)
  const client = await attached(api, { stdin: true })
  for (let at = 0; at < bytes.length; at += 30_000) {
    client.send(stdinChannel, bytes.subarray(at, at + 30_000))
  }
  client.endStdin()
  expect(await client.status()).toEqual({ metadata: {}, status: 'Success' })
  expect(client.stdout.toString()).toContain(createHash('sha256').update(bytes).digest('hex'))
  await hasEnded(api)
})

test('an input for one ends when its client goes without a word, and stays ended', async () => {
  const api = await aWorkingCluster()
  await running(api, 'cat; echo over; sleep 1000', { stdin: true, stdinOnce: true })
  const watching = await attached(api)
  const first = await attached(api, { stdin: true })
  first.send(stdinChannel, 'hello\n')
  await watching.says('hello\n')
  first.socket.terminate()
  await watching.says('over\n')
  const second = await attached(api, { stdin: true })
  second.send(stdinChannel, 'anybody?\n')
  second.endStdin()
  expect(phase(api)).toBe('Running')
})

test('an input that is not for one outlives its clients', async () => {
  const api = await aWorkingCluster()
  await running(api, 'cat', { stdin: true })
  for (const text of ['first\n', 'second\n']) {
    const client = await attached(api, { stdin: true })
    client.send(stdinChannel, text)
    await client.says(text)
    client.endStdin()
    client.socket.terminate()
  }
  expect(phase(api)).toBe('Running')
})

test('a program whose spec opens no input reads nothing, whatever is sent', async () => {
  const api = await aWorkingCluster()
  await running(api, `${waitForGo} if read -r line; then echo "got $line"; else echo nothing; fi`)
  const client = await attached(api, { stdin: true })
  for (let count = 0; count < 20; count += 1) client.send(stdinChannel, randomBytes(30_000))
  await go(api)
  expect(await client.status()).toMatchObject({ status: 'Success' })
  expect(client.stdout.toString()).toBe('nothing\n')
})

test('a terminal without an input shows none', async () => {
  const api = await aWorkingCluster()
  await running(api, `${waitForGo} timeout --foreground 1 head -n 1; echo end`, { tty: true })
  const client = await attached(api, { stdin: true, tty: true })
  client.send(stdinChannel, 'anybody?\r')
  await go(api)
  expect(await client.status()).toMatchObject({ status: 'Success' })
  expect(client.stdout.toString()).toBe('end\r\n')
})

test('a program that does not read holds back its client alone', async () => {
  const api = await aWorkingCluster()
  await running(api, 'while :; do echo tick; sleep 0.1; done', { stdin: true })
  const writer = await attached(api, { stdin: true })
  const message = Buffer.concat([Buffer.of(stdinChannel), randomBytes(30_000)])
  let sent = 0
  const sendOn = (): void => {
    writer.socket.send(message, (error) => {
      sent += 1
      if (!error) sendOn()
    })
  }
  sendOn()
  const reader = await attached(api)
  await reader.says('tick\ntick\n')
  let before = 0
  await vi.waitFor(
    () => {
      const isHeldUp = sent > 0 && sent === before
      before = sent
      expect(isHeldUp).toBe(true)
    },
    { ...patience, interval: 500 },
  )
})

test('a terminal is one, has the size of the client, and carries control characters', async () => {
  const api = await aWorkingCluster()
  // A shell may look for a signal only when the command it waits for has ended, and that may be a new one.
  const asleep = 'while :; do sleep 0.1; done'
  const script = `trap 'exit 7' INT; tty; read -r line; stty size; read -r line; stty size; ${asleep}`
  await running(api, script, { stdin: true, tty: true })
  const client = await attached(api, { stdin: true, tty: true })
  client.resize(100, 40)
  client.send(stdinChannel, 'a\r')
  await client.says('40 100\r\n')
  client.resize(132, 50)
  client.send(stdinChannel, 'b\r')
  await client.says('50 132\r\n')
  client.send(stdinChannel, '\u0003')
  await client.status()
  const { status } = await hasEnded(api)
  expect(status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(7)
})

test('what ignores the end of its terminal goes with the pod all the same', async () => {
  const api = await aWorkingCluster()
  const marker = randomBytes(8).toString('hex')
  const left = (): number => findProcesses(({ env }) => env['MARKER'] === marker).length
  const deaf = `trap "" HUP TERM; export MARKER=${marker}; setsid sleep 1000 & sleep 1001`
  await running(api, deaf, { tty: true })
  await vi.waitFor(() => expect(left()).toBeGreaterThanOrEqual(2), patience)
  const { registry } = api.cluster
  await registry.delete(Kinds.Pod, inDefault('app'), { gracePeriodSeconds: 0 })
  await untilGone(registry, Kinds.Pod, inDefault('app'))
  await vi.waitFor(() => expect(left()).toBe(0), patience)
})

test.each([{ tty: false }, { tty: true }])(
  'the input of a program outlives the cluster, as the program does (terminal: $tty)',
  async ({ tty }) => {
    const dir = tempDir()
    const start = (podsAtStop: 'leave' | 'kill'): Promise<TestApi> =>
      aCluster({ dir, workloads: true, runtime: { ...runtime, podsAtStop } })
    const before = await start('leave')
    await running(before, 'cat', { stdin: true, tty })
    const early = await attached(before, { stdin: true, tty })
    early.send(stdinChannel, 'before\n')
    await early.says('before')
    await before.cluster.stop()
    const after = await start('kill')
    const late = await attached(after, { stdin: true, tty })
    late.send(stdinChannel, 'after\n')
    await late.says('after')
    expect(late.stdout.toString()).not.toContain('before')
  },
)

test('a sample image reads nothing, and shows what it writes until it ends', async () => {
  const api = await aWorkingCluster()
  const { registry } = api.cluster
  const input = { stdin: true, stdinOnce: true, tty: true }
  const ticker = { image: 'porpulsion/ticker', args: ['--interval-ms', '20'], ...input }
  await registry.create(Kinds.Pod, aPod('app', ticker))
  await until(registry, Kinds.Pod, inDefault('app'), ({ status }) => status?.phase === 'Running')
  const client = await attached(api, { stdin: true })
  client.send(stdinChannel, 'hello\n')
  client.endStdin()
  await client.says(' tick from app\n')
  await registry.delete(Kinds.Pod, inDefault('app'))
  expect(await client.status()).toMatchObject({ status: 'Success' })
})

test('what does not run cannot be attached to, and the refusal says so', async () => {
  const api = await aWorkingCluster()
  await running(api, 'read -r line', { stdin: true, stdinOnce: true })
  const client = await attached(api, { stdin: true })
  client.endStdin()
  await hasEnded(api)
  await expect(attached(api, { stdin: true })).rejects.toThrow(
    /container \\"app\\" in pod \\"app\\" is not running/,
  )
})

test('who may only read pods/attach writes nothing, not even by the GET of a WebSocket', async () => {
  const api = await aWorkingCluster()
  await running(api, 'cat', { stdin: true })
  const token = await robotWith(api, 'pods/attach', ['get'])
  await expect(attached(api, { stdin: true, token })).rejects.toThrow(
    /cannot create resource \\"pods\/attach\\"/,
  )
  const allowed = await robotWith(api, 'pods/attach', ['get', 'create'])
  const client = await attached(api, { stdin: true, token: allowed })
  client.send(stdinChannel, 'hello\n')
  await client.says('hello')
})

test('where there is no mkfifo, a container with an input says so', async () => {
  const api = await aWorkingCluster()
  vi.stubEnv('PATH', '/nowhere')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { registry } = api.cluster
  const program = { image: 'porpulsion/command', command: ['cat'], stdin: true }
  await registry.create(Kinds.Pod, aPod('app', program))
  const pod = await until(registry, Kinds.Pod, inDefault('app'), ({ status }) => {
    return status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerError'
  })
  expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe(
    'a container with stdin or tty needs the program mkfifo on this machine',
  )
})
