import { createHash, randomBytes } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Kinds } from '../src/registry/kinds.ts'
import { findProcesses } from '../src/runtime/processes.ts'
import { aPod, inDefault } from './support/builders.ts'
import { ExecClient, type ExecClientOptions, stdinChannel } from './support/exec-client.ts'
import { robotWith } from './support/robot.ts'
import { until, untilGone } from './support/watching.ts'
import { aCluster, type TestApi } from './test-cluster.ts'

interface Pod {
  readonly api: TestApi
  readonly exec: (command: string, options?: ExecClientOptions) => Promise<ExecClient>
}

/** A pod that runs, in a cluster that allows host processes unless it is said not to. */
async function aRunningPod({ allowHostProcesses = true } = {}): Promise<Pod> {
  const api = await aCluster({ workloads: true, runtime: { allowHostProcesses } })
  const { registry } = api.cluster
  const pod = aPod('web', { env: [{ name: 'GREETING', value: 'hello' }] })
  await registry.create(Kinds.Pod, pod)
  await until(registry, Kinds.Pod, inDefault('web'), ({ status }) => status?.phase === 'Running')
  const exec: Pod['exec'] = async (command, options) => {
    const client = await ExecClient.open(api, 'web', ['sh', '-c', command], options)
    onTestFinished(() => client.socket.terminate())
    return client
  }
  return { api, exec }
}

const processesWith = (marker: string): number =>
  findProcesses(({ env }) => env['MARKER'] === marker).length

test.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])(
  'a command over %s runs beside the pod, and its streams and exit code come back',
  async (protocol) => {
    const { exec } = await aRunningPod()
    const client = await exec('echo $GREETING from $POD_NAME; echo oops >&2; exit 3', { protocol })
    expect(client.socket.protocol).toBe(protocol)
    expect(await client.status()).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: exit status 3',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
    expect(client.stdout.toString()).toBe('hello from web\n')
    expect(client.stderr.toString()).toBe('oops\n')
  },
)

test('bytes go in and come out as they are, until the input ends', async () => {
  const { exec } = await aRunningPod()
  const bytes = randomBytes(3_000_000)
  const client = await exec('cat', { stdin: true })
  for (let at = 0; at < bytes.length; at += 30_000) {
    client.send(stdinChannel, bytes.subarray(at, at + 30_000))
  }
  client.endStdin()
  expect(await client.status()).toEqual({ metadata: {}, status: 'Success' })
  expect(sha256(client.stdout)).toBe(sha256(bytes))
})

test('a command that stops reading its input still ends, and says so', async () => {
  const { exec } = await aRunningPod()
  const client = await exec('head -c 1; exit 5', { stdin: true })
  for (let count = 0; count < 100; count += 1) client.send(stdinChannel, randomBytes(30_000))
  expect(await client.status()).toMatchObject({ details: { causes: [{ message: '5' }] } })
})

test('a terminal is one, has the size of the client, and carries control characters', async () => {
  const { exec } = await aRunningPod()
  // A shell may look for a signal only when the command it waits for has ended, and that may be a new one.
  const asleep = 'while :; do sleep 0.1; done'
  const script = `trap 'exit 7' INT; stty size; read line; stty size; ${asleep}`
  const client = await exec(script, { stdin: true, tty: true })
  client.resize(100, 40)
  await client.says('\n')
  client.resize(132, 50)
  client.send(stdinChannel, 'go on\r')
  await client.says('50 132')
  client.send(stdinChannel, '\u0003')
  expect(await client.status()).toMatchObject({ details: { causes: [{ message: '7' }] } })
})

test('a command that leaves its terminal before it exits tells its own exit code', async () => {
  const { exec } = await aRunningPod()
  const client = await exec('exec <&- >&- 2>&-; sleep 0.2; exit 3', { tty: true })
  expect(await client.status()).toMatchObject({ details: { causes: [{ message: '3' }] } })
})

test('the last of a terminal is not lost on a reader that was slow', async () => {
  const { exec } = await aRunningPod()
  const client = await exec('seq 1 200000; echo the end', { tty: true })
  client.socket.pause()
  setTimeout(() => client.socket.resume(), 500)
  expect(await client.status()).toMatchObject({ status: 'Success' })
  expect(client.stdout.toString().slice(-60)).toMatch(/\r\n200000\r\nthe end\r\n$/)
})

test('a program that is not there was never started', async () => {
  const { api } = await aRunningPod()
  const client = await ExecClient.open(api, 'web', ['no-such-program'])
  expect(await client.status()).toMatchObject({
    status: 'Failure',
    reason: 'InternalError',
    message: 'exec: "no-such-program": executable file not found in $PATH',
  })
})

test.each([{ tty: false }, { tty: true }])(
  'when the client goes, so does all that it started ($tty)',
  async ({ tty }) => {
    const { exec } = await aRunningPod()
    const marker = randomBytes(8).toString('hex')
    const command = `MARKER=${marker} sleep 1000 & MARKER=${marker} setsid sleep 1000 & echo up; wait`
    const client = await exec(command, { tty })
    await client.says('up')
    await vi.waitFor(() => expect(processesWith(marker)).toBe(2))
    client.socket.terminate()
    await vi.waitFor(() => expect(processesWith(marker)).toBe(0))
  },
)

test('when the pod goes, so do the commands beside it', async () => {
  const { api, exec } = await aRunningPod()
  const client = await exec('echo up; sleep 1000')
  await client.says('up')
  const { registry } = api.cluster
  await registry.delete(Kinds.Pod, inDefault('web'))
  await untilGone(registry, Kinds.Pod, inDefault('web'))
  expect(await client.status()).toMatchObject({ details: { causes: [{ message: '137' }] } })
})

test('a reader that stalls holds the command up, and not its output in memory', async () => {
  const { exec } = await aRunningPod()
  const blocks = 150
  const writer = await exec(
    `i=0; while [ $i -lt ${blocks} ]; do head -c 1048576 /dev/zero; i=$((i+1)); echo $i > progress; done`,
  )
  writer.socket.pause()
  const progress = async (): Promise<number> => {
    const reader = await exec('cat progress')
    await reader.status()
    return Number(reader.stdout.toString())
  }
  // What is on its way fills the buffers of the machine's sockets: a few MiB, of the 150 there are to come.
  let before = -1
  await vi.waitFor(
    async () => {
      const now = await progress()
      const isHeldUp = now > 0 && now === before
      before = now
      expect(isHeldUp).toBe(true)
    },
    { timeout: 20_000, interval: 300 },
  )
  expect(before).toBeLessThan(32)
  writer.socket.resume()
  await expect(writer.status()).resolves.toMatchObject({ status: 'Success' })
  expect(writer.stdout).toHaveLength(blocks * 1_048_576)
})

test('no command runs where host processes are not allowed, and the refusal says what to do', async () => {
  const { exec } = await aRunningPod({ allowHostProcesses: false })
  await expect(exec('id')).rejects.toThrow(
    /pods \\"web\\" is forbidden: .* start the cluster with --allow-host-processes","reason":"Forbidden"/,
  )
})

test('who may only read pods/exec runs nothing, not even by the GET of a WebSocket', async () => {
  const { api, exec } = await aRunningPod()
  const token = await robotWith(api, 'pods/exec', ['get'])
  await expect(exec('id', { token })).rejects.toThrow(/cannot create resource \\"pods\/exec\\"/)
  const allowed = await robotWith(api, 'pods/exec', ['get', 'create'])
  await expect((await exec('true', { token: allowed })).status()).resolves.toMatchObject({
    status: 'Success',
  })
})

test.each([
  ['no upgrade', '?command=id&stdout=true', 'Upgrade request required'],
  ['no command', '?stdout=true', 'you must specify at least 1 command for the container'],
  ['no stream', '?command=id', 'you must specify at least one of stdin, stdout, stderr'],
  ['another container', '?command=id&stdout=1&container=b', 'container b is not valid for pod web'],
])('%s is refused before anything runs', async (_name, query, message) => {
  const { api } = await aRunningPod()
  const answer = await api.call('POST', `/api/v1/namespaces/default/pods/web/exec${query}`)
  expect(answer).toMatchObject({ status: 400, body: { reason: 'BadRequest', message } })
})

test('subprotocols and paths that cannot be upgraded are refused with a Status', async () => {
  const { api, exec } = await aRunningPod()
  await expect(exec('id', { protocol: 'v1.channel' })).rejects.toThrow(
    /none of the WebSocket subprotocols \[v1.channel\] is served here/,
  )
  const answer = await api.call('GET', '/api/v1/namespaces/default/pods/none/exec?command=id')
  expect(answer).toMatchObject({ status: 404, body: { message: 'pods "none" not found' } })
})

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
