/** Local ports for ports of apps, against an agent that the test plays. */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { Duplex, PassThrough, Readable } from 'node:stream'
import { connectionSubprotocol, PorpulsionError, toProblem } from '@porpulsion/contract'
import { serveConnected, sessionOver, WebSocketDuplex } from '@porpulsion/streams'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { runCli } from '../src/index.ts'
import { fakeToken } from './fake-agent.ts'
import { anApp } from './objects.ts'
import { run, temporaryDirectory } from './run.ts'

interface PlayedAgent {
  readonly url: string
  /** What the next WebSockets get; a refusal is told before the upgrade. */
  upgrade: ((socket: WebSocket, request: IncomingMessage) => void) | PorpulsionError
  /** What the next connections lead to. */
  connect: Connect
}

type Connect = (signal: AbortSignal) => Promise<Duplex>

const app = anApp('web', {
  spec: { ports: [{ port: 8080, name: 'http' }, { port: 9090 }, { port: 53, protocol: 'UDP' }] },
})

async function anAgent(connectTo: Connect = echo): Promise<PlayedAgent> {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: () => connectionSubprotocol,
  })
  const server = createServer((_request, response: ServerResponse) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(app))
  })
  server.on('upgrade', (request, connection, head) => {
    const { upgrade } = agent
    if (upgrade instanceof PorpulsionError) {
      const body = JSON.stringify(toProblem(upgrade))
      connection.end(
        `HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      )
    } else
      sockets.handleUpgrade(request, connection, head, (socket) => {
        upgrade(socket, request)
        serveSession(socket, (signal) => agent.connect(signal))
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // listening on TCP
  const agent: PlayedAgent = {
    url: `http://127.0.0.1:${port}`,
    upgrade: () => undefined,
    connect: connectTo,
  }
  return agent
}

function serveSession(socket: WebSocket, connectTo: Connect): void {
  sessionOver(new WebSocketDuplex(socket), {
    role: 'acceptor',
    hello: { bootId: '0'.repeat(32), confirmed: true, agentVersion: 'test' },
    onStream: (stream) => void serveConnected(stream, connectTo),
    onEvent: () => undefined,
  })
}

/** An app that says back what it hears, and ends when its client does. */
const echo: Connect = () => Promise.resolve(new PassThrough())

const refused = (code: string, message: string) => (): Promise<Duplex> =>
  Promise.reject(new PorpulsionError('Forbidden', code, message))

/** An app whose connections break with this, once somebody listens. */
const breaking = (code: string) => (): Promise<Duplex> => {
  const stream = new PassThrough()
  setImmediate(() => stream.destroy(new PorpulsionError('Unavailable', code, 'broken')))
  return Promise.resolve(stream)
}

interface Forwarding {
  /** Where it listens, in the order printed. */
  readonly ports: readonly number[]
  readonly printed: () => string
  readonly noted: () => string
  /** Ctrl-C; resolves with the exit code. */
  readonly interrupt: () => Promise<number>
}

async function forwarding(agent: PlayedAgent, ...args: string[]): Promise<Forwarding> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  let [printed, noted] = ['', '']
  stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  stderr.on('data', (chunk: Buffer) => (noted += chunk.toString()))
  const config = `${await temporaryDirectory()}/config.yaml`
  const context = { name: 'test', url: agent.url, token: fakeToken }
  await writeFile(config, JSON.stringify({ currentContext: 'test', contexts: [context] }))
  const abort = new AbortController()
  onTestFinished(() => abort.abort())
  let exit: Promise<number> | undefined
  const ready = new Promise<void>((resolve) => {
    exit = runCli(['app', 'port-forward', 'web', ...args], {
      stdin: new PassThrough(),
      stdout,
      stderr,
      env: { PORPULSION_CONFIG: config },
      cwd: '/',
      signal: abort.signal,
      self: { command: process.execPath, args: [] },
      announceReady: resolve,
      now: () => 0,
    })
  })
  await ready
  await vi.waitFor(() => expect(printed).toContain('Forwarding'))
  return {
    ports: [...printed.matchAll(/:(\d+) ->/g)].map(([, port]) => Number(port)),
    printed: () => printed,
    noted: () => noted,
    interrupt: async () => {
      abort.abort()
      return (await exit) ?? -1
    },
  }
}

async function dial(port = 0, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true })
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

const closed = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => {
    socket.resume().once('close', resolve)
  })

async function all(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

test('a local port leads to the app, each direction ends on its own, and Ctrl-C ends it all', async () => {
  const forward = await forwarding(await anAgent(), ':8080', '-n', 'porpulsion')
  expect(forward.printed()).toContain(`Forwarding from 127.0.0.1:${forward.ports[0]} -> 8080\n`)
  const socket = await dial(forward.ports[0])
  const text = 'é'.repeat(200_000)
  socket.end(Buffer.from(text))
  expect(Buffer.from(await all(socket), 'latin1').toString()).toBe(text)
  expect(await forward.interrupt()).toBe(0)
  await expect(dial(forward.ports[0])).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('several ports at once, each with one WebSocket for all its connections, by number or name', async () => {
  const asked: string[] = []
  const agent = await anAgent()
  agent.upgrade = (_socket, request) =>
    asked.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`)
  const { ports } = await forwarding(agent, ':http', ':9090', '--address', '127.0.0.1')
  expect(ports).toHaveLength(2)
  for (const port of [...ports, ...ports]) {
    const socket = await dial(port)
    socket.end('x')
    expect(await all(socket)).toBe('x')
  }
  expect(asked).toEqual(
    ['8080', '9090'].map(
      (port) => `/api/remoteapp/web/connect?port=${port}&namespace=porpulsion Bearer ${fakeToken}`,
    ),
  )
})

test('what is given to --address is listened on, and nothing else', async () => {
  const addresses = ['127.0.0.2', '127.0.0.3']
  const { ports, printed } = await forwarding(
    await anAgent(),
    ':8080',
    '--address',
    addresses.join(','),
  )
  for (const address of addresses) {
    expect(printed()).toContain(`Forwarding from ${address}:`)
    const socket = await dial(ports[0], address)
    socket.end('x')
    expect(await all(socket)).toBe('x')
  }
  await expect(dial(ports[0])).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a reset of the app is a reset here, and of ours there', async () => {
  const agent = await anAgent(breaking('PortUnreachable'))
  const { ports, noted } = await forwarding(agent, ':8080')
  const socket = await dial(ports[0])
  const [error] = (await once(socket.resume(), 'error')) as [unknown]
  expect(error).toMatchObject({ code: 'ECONNRESET' })
  // It is between the app and who uses it.
  expect(noted()).toBe('')
  const stream = new PassThrough()
  const broken = once(stream, 'error')
  agent.connect = () => Promise.resolve(stream)
  const second = await dial(ports[0])
  second.resetAndDestroy()
  expect(await broken).toMatchObject([{ code: 'RequestAborted' }])
})

test('a refusal is told once, with its reason; the port stays, and is told to work again', async () => {
  const agent = await anAgent(refused('TunnelsOff', 'No tunnels here'))
  const { ports, noted } = await forwarding(agent, ':8080')
  for (let i = 0; i < 3; i++) {
    const socket = await dial(ports[0])
    await closed(socket)
  }
  expect(noted()).toBe('Cannot reach port 8080 of "web": No tunnels here [TunnelsOff]\n')
  agent.connect = echo
  const socket = await dial(ports[0])
  socket.end('x')
  expect(await all(socket)).toBe('x')
  expect(noted()).toContain('Connections to port 8080 of "web" work again\n')
})

test('a refusal of the WebSocket is told as well, and the next connection dials anew', async () => {
  const agent = await anAgent()
  agent.upgrade = new PorpulsionError('Forbidden', 'RoleTooLow', 'Not for viewers')
  const { ports, noted } = await forwarding(agent, ':8080')
  await closed(await dial(ports[0]))
  expect(noted()).toBe('Cannot reach port 8080 of "web": Not for viewers [RoleTooLow]\n')
  agent.upgrade = () => undefined
  const socket = await dial(ports[0])
  socket.end('x')
  expect(await all(socket)).toBe('x')
})

test('a link that drops resets what is open, says so, and what comes later works', async () => {
  const agent = await anAgent(breaking('LinkDown'))
  const { ports, noted } = await forwarding(agent, ':8080')
  await Promise.all([1, 2, 3].map(async () => closed(await dial(ports[0]))))
  await vi.waitFor(() => expect(noted()).toContain('[LinkDown]'))
  agent.connect = echo
  const socket = await dial(ports[0])
  socket.end('x')
  expect(await all(socket)).toBe('x')
  expect(noted()).toContain('work again')
})

test('an agent that ends the WebSocket resets what is open, in its words, and the next dials anew', async () => {
  const agent = await anAgent()
  const made: WebSocket[] = []
  agent.upgrade = (socket) => made.push(socket)
  const { ports, noted } = await forwarding(agent, ':8080')
  const open = await Promise.all([dial(ports[0]), dial(ports[0])])
  for (const socket of open) {
    socket.write('x')
    await once(socket, 'data')
  }
  const gone = Promise.all(open.map(closed))
  made[0]?.close(1008, 'TokenInvalid')
  await gone
  expect(noted()).toMatch(/^Cannot reach port 8080 of "web": .*\[TokenInvalid\]\n$/)
  const socket = await dial(ports[0])
  socket.end('x')
  expect(await all(socket)).toBe('x')
  expect(made).toHaveLength(2)
})

test('one that dials anew all day warns of nothing', async () => {
  const agent = await anAgent()
  const made: WebSocket[] = []
  agent.upgrade = (socket) => made.push(socket)
  const { ports } = await forwarding(agent, ':8080')
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  for (let i = 0; i < 15; i++) {
    const socket = await dial(ports[0])
    socket.write('x')
    await once(socket, 'data')
    const gone = closed(socket)
    made.at(-1)?.terminate()
    await gone
  }
  expect(made).toHaveLength(15)
  expect(warnings).toEqual([])
})

test('a local reader that stalls stops the app, not our memory, nor other connections', async () => {
  let sent = 0
  const endless = new Readable({
    read() {
      sent += 60_000
      this.push(Buffer.alloc(60_000))
    },
  })
  const agent = await anAgent(() =>
    Promise.resolve(Duplex.from({ readable: endless, writable: new PassThrough().resume() })),
  )
  const { ports } = await forwarding(agent, ':8080')
  const socket = await dial(ports[0])
  socket.pause()
  await vi.waitFor(() => expect(sent).toBeGreaterThan(0))
  for (let quiet = 0, before = 0; quiet < 300; quiet++) {
    if (sent > before) quiet = 0
    before = sent
    await new Promise((resolve) => setImmediate(resolve))
  }
  // A stream's window and the buffers of two kernel sockets.
  expect(sent).toBeLessThan(24 * 1024 * 1024)
  expect(socket.destroyed).toBe(false)
  agent.connect = echo
  const other = await dial(ports[0])
  other.end('x')
  expect(await all(other)).toBe('x')
})

test('a port that is taken is named before anything is forwarded', async () => {
  const taken = createTcpServer()
  taken.listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo // listening on TCP
  const argv = ['app', 'port-forward', 'web', ':9090', `${port}:8080`]
  const { code, stdout, stderr } = await run(argv, { agent: await anAgent() })
  expect(code).toBe(4)
  expect(stdout).toBe('')
  expect(stderr).toContain(`Cannot listen on 127.0.0.1:${port}: something else`)
  expect(stderr).toContain('[LocalPortUnavailable]')
})

test.each([
  ['22', 'App "web" has no TCP port 22: it has http (8080), 9090'],
  ['8053:53', 'no TCP port 53'],
  [':admin', 'no TCP port admin'],
])('%s is refused with the ports the app has, before anything listens', async (wanted, words) => {
  const argv = ['app', 'port-forward', 'web', wanted]
  const { code, stdout, stderr } = await run(argv, { agent: await anAgent() })
  expect([code, stdout]).toEqual([4, ''])
  expect(stderr).toContain(words)
})

test.each([[['web']], [['web', '80:']], [['web', '80', '--address', 'example.com']]])(
  'what is no port or address is a mistake in the command: %j',
  async (words) => {
    const { code } = await run(['app', 'port-forward', ...words])
    expect(code).toBe(2)
  },
)
