import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { bearerToken, type ExecInput, type ExecOutput, KubeError } from '../src/index.ts'
import { scriptedServer, status, type ScriptedServer } from './scripted-server.ts'
import { aClient } from './support.ts'

const web = { namespace: 'default', name: 'web' }
const message = (channel: number, text: string | Buffer): Buffer =>
  Buffer.concat([Buffer.of(channel), Buffer.from(text)])
const success = message(3, '{"metadata":{},"status":"Success"}')
const exited = (code: number): Buffer =>
  message(
    3,
    JSON.stringify({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      message: `command terminated with non-zero exit code: ${code}`,
      details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    }),
  )

interface Seen {
  url?: string
  authorization?: string | undefined
}

/** An API server whose commands are played by `play`. */
async function anExecServer(
  play: (container: WebSocket) => void,
  { speaks = 'v5.channel.k8s.io', seen = {} }: { speaks?: string; seen?: Seen } = {},
): Promise<ScriptedServer> {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(speaks) ? speaks : false),
  })
  const server = await scriptedServer()
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
  })
  return server.onUpgrade((request, socket, head) => {
    Object.assign(seen, { url: request.url, authorization: request.headers.authorization })
    sockets.handleUpgrade(request, socket, head, (container) => play(container))
  })
}

const outputsOf = async (stream: Duplex): Promise<ExecOutput[]> =>
  (await stream.toArray()) as ExecOutput[]

const give = (stream: Duplex, input: ExecInput): boolean => stream.write(input)

describe('a command', () => {
  test('asks for its words, one by one, and for no stderr in a terminal', async () => {
    const seen: Seen = {}
    const server = await anExecServer((container) => container.send(success), { seen })
    const client = aClient({ ...server.connection, credentials: bearerToken('t') })
    const options = { command: ['sh', '-c', 'a b&c'], container: 'app', tty: true, stdin: true }
    await outputsOf(await client.exec(web, options))
    expect(seen).toEqual({
      url: '/api/v1/namespaces/default/pods/web/exec?command=sh&command=-c&command=a+b%26c&container=app&stdin=true&stdout=true&stderr=false&tty=true',
      authorization: 'Bearer t',
    })
  })

  test('is told what it wrote and how it ended', async () => {
    const server = await anExecServer((container) => {
      container.send(message(1, ''))
      container.send(message(1, 'out'))
      container.send(message(2, 'err'))
      container.send(exited(7))
      container.close()
    })
    const stream = await aClient(server.connection).exec(web, { command: ['x'] })
    expect(await outputsOf(stream)).toEqual([
      { kind: 'stdout', bytes: Buffer.from('out') },
      { kind: 'stderr', bytes: Buffer.from('err') },
      { kind: 'exited', exitCode: 7 },
    ])
  })

  test('gets its input, its size and its end of file', async () => {
    const received: Buffer[] = []
    const server = await anExecServer((container) => {
      container.on('message', (sent: Buffer) => {
        received.push(sent)
        if (sent[0] === 255) container.send(success)
      })
    })
    const stream = await aClient(server.connection).exec(web, { command: ['cat'], stdin: true })
    give(stream, { kind: 'resize', width: 120, height: 40 })
    give(stream, { kind: 'stdin', bytes: Buffer.alloc(100_000, 1) })
    give(stream, { kind: 'stdinEnd' })
    expect(await outputsOf(stream)).toEqual([{ kind: 'exited', exitCode: 0 }])
    expect(received[0]?.toString()).toBe('\x04{"Width":120,"Height":40}')
    const input = received.filter(([channel]) => channel === 0)
    expect(input.map(({ length }) => length - 1)).toEqual([65_536, 34_464])
    expect([...(received.at(-1) ?? [])]).toEqual([255, 0])
  })

  test('through a server of the older protocol works, but for the end of stdin, which says so', async () => {
    const server = await anExecServer((container) => container.send(message(1, 'hi')), {
      speaks: 'v4.channel.k8s.io',
    })
    const stream = await aClient(server.connection).exec(web, { command: ['cat'], stdin: true })
    give(stream, { kind: 'stdinEnd' })
    const outputs = await outputsOf(stream)
    expect(outputs.at(-1)).toMatchObject({
      kind: 'failed',
      error: { reason: 'StdinEndUnsupported' },
    })
  })

  test('that cannot be started fails with the words of the server', async () => {
    const failure = {
      status: 'Failure',
      reason: 'InternalError',
      message: 'no such file',
      code: 500,
    }
    const server = await anExecServer((container) => {
      container.send(message(3, JSON.stringify(failure)))
    })
    const stream = await aClient(server.connection).exec(web, { command: ['x'] })
    const [failed] = await outputsOf(stream)
    expect(failed).toMatchObject({
      kind: 'failed',
      error: { status: 500, reason: 'InternalError', message: 'Exec failed: no such file' },
    })
  })

  test.each([
    ['breaks off', (container: WebSocket) => container.terminate()],
    ['closes in good order', (container: WebSocket) => container.close()],
  ])('whose server %s before the status is no success', async (_how, end) => {
    const server = await anExecServer((container) => {
      container.send(message(1, 'half'), () => end(container))
    })
    const stream = await aClient(server.connection).exec(web, { command: ['x'] })
    const outputs = await outputsOf(stream)
    expect(outputs.at(-1)).toMatchObject({ kind: 'failed', error: { reason: 'Unreachable' } })
  })

  test('nobody listens to waits, and our memory does not grow', async () => {
    let container: WebSocket | undefined
    const server = await anExecServer((made) => {
      container = made
      for (let chunks = 0; chunks < 1_024; chunks++) made.send(message(1, Buffer.alloc(64 * 1024)))
    })
    const stream = await aClient(server.connection).exec(web, { command: ['yes'] })
    await once(stream, 'readable')
    let before = -1
    while (container?.bufferedAmount !== before) {
      before = container?.bufferedAmount ?? 0
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(before).toBeGreaterThan(16 * 1024 * 1024)
    expect(stream.readableLength).toBeLessThan(32)
    stream.destroy()
  })

  test('ends when its signal fires, for the server too', async () => {
    let closed: Promise<unknown> | undefined
    const server = await anExecServer((container) => {
      closed = once(container, 'close')
    })
    const abort = new AbortController()
    const options = { command: ['sleep'], signal: abort.signal }
    const stream = await aClient(server.connection).exec(web, options)
    const failure = once(stream, 'error')
    abort.abort(new Error('enough'))
    expect(await failure).toEqual([new Error('enough')])
    await closed
  })

  test('that is refused fails with the Status of the answer', async () => {
    const server = await scriptedServer()
    server.otherwise(status(403, 'Forbidden'))
    const refused = aClient(server.connection).exec(web, { command: ['x'] })
    await expect(refused).rejects.toMatchObject({ status: 403, reason: 'Forbidden' })
    await expect(refused).rejects.toBeInstanceOf(KubeError)
  })
})
