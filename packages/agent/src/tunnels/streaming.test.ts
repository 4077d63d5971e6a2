import { EventEmitter, once } from 'node:events'
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { PorpulsionError } from '@porpulsion/contract'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { duplexPair } from '../../test/support/duplex-pair.ts'
import { exchange, parseAnswer } from '../../test/support/raw-http.ts'
import { aTunnel, webHost, type TestTunnel } from '../../test/support/tunnel.ts'
import { STOP_GRACE_MS } from '../http/limits.ts'
import { retireEvent } from '../links/index.ts'
import { CONNECT_TIMEOUT_MS, IDLE_CONNECTION_MS, MAX_CONNECTIONS_PER_PORT } from './limits.ts'

async function anApp(listener?: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, port: (server.address() as AddressInfo).port }
}

interface Asked {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
}

function open(
  { port, ticket }: TestTunnel,
  { method = 'GET', path = '/', headers = {} }: Asked = {},
) {
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    headers: { host: webHost, 'x-porpulsion-ticket': ticket(), ...headers },
  })
  request.on('error', () => undefined)
  onTestFinished(() => void request.destroy())
  return request
}

async function get(
  tunnel: TestTunnel,
  asked: Asked = {},
): Promise<{ status: number; body: string }> {
  const request = open(tunnel, asked)
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, body: await textOf(response) }
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of stream as AsyncIterable<Buffer>) text += chunk.toString()
  return text
}

test('events arrive as they are sent, the head before the first of them', async () => {
  const { server, port } = await anApp((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    server.once('go', () => response.write('data: one\n\n'))
  })
  const request = open(await aTunnel({ origin: port }))
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  server.emit('go')
  const [event] = (await once(response, 'data')) as [Buffer]
  expect(event.toString()).toBe('data: one\n\n')
})

test('an app may answer before the body has ended, and read it to its end', async () => {
  const { port } = await anApp((request, response) => {
    response.write('reading ')
    request.pipe(response)
  })
  const request = open(await aTunnel({ origin: port }), { method: 'POST' })
  request.write('one ')
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  await once(response, 'data')
  request.end('two')
  expect(await textOf(response)).toMatch(/two$/)
})

test('an app that does not read stops the sender, and nothing is gathered in between', async () => {
  let stalled: IncomingMessage | undefined
  const { port } = await anApp((request) => (stalled = request))
  const request = open(await aTunnel({ origin: port }), { method: 'POST' })
  const chunk = Buffer.alloc(64 * 1024)
  let sent = 0
  const fill = async (): Promise<void> => {
    while (sent < 64 * 1024 * 1024) {
      sent += chunk.length
      if (!request.write(chunk)) {
        const drained = await Promise.race([once(request, 'drain'), quiet()])
        if (drained === undefined) return
      }
    }
  }
  await fill()
  // What sockets and streams hold on the way is a few megabytes; the rest has not left.
  expect(sent).toBeLessThan(32 * 1024 * 1024)
  let received = 0
  stalled?.on('data', (piece: Buffer) => (received += piece.length))
  const drained = once(request, 'drain')
  await drained
  request.end()
  await once(stalled!, 'end')
  expect(received).toBe(sent)
})

/** Resolves once nothing more can be on its way inside this process. */
async function quiet(): Promise<undefined> {
  for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve))
  return undefined
}

test('a client that does not read stops the app', async () => {
  let written = 0
  const { port } = await anApp((_request, response) => {
    const chunk = Buffer.alloc(64 * 1024)
    const fill = (): void => {
      do written += chunk.length
      while (response.write(chunk) && written < 256 * 1024 * 1024)
    }
    response.on('drain', fill)
    fill()
  })
  const request = open(await aTunnel({ origin: port }))
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.pause()
  let before = -1
  while (before !== written) {
    before = written
    await quiet()
  }
  expect(written).toBeLessThan(64 * 1024 * 1024)
})

test('a client that goes away is gone for the app at once', async () => {
  const { server, port } = await anApp((_request, response) => {
    response.write('waiting')
    response.once('close', () => server.emit('left'))
  })
  const request = open(await aTunnel({ origin: port }))
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  await once(response, 'data')
  const left = once(server, 'left')
  request.destroy()
  await left
})

test('a client that goes away in the middle of its body is gone for the app at once', async () => {
  const { server, port } = await anApp((incoming) => {
    incoming.once('close', () => server.emit('left', incoming.complete))
    incoming.resume()
    server.emit('came')
  })
  const came = once(server, 'came')
  const request = open(await aTunnel({ origin: port }), { method: 'PUT' })
  request.write('a part')
  await came
  const left = once(server, 'left')
  request.destroy()
  expect(await left).toEqual([false])
})

test('a client that goes away before the connection stands ends the attempt', async () => {
  const attempts = new EventEmitter()
  const tunnel = await aTunnel({
    origin: (signal) =>
      new Promise((_resolve, reject) => {
        attempts.emit('made')
        signal.addEventListener('abort', () => {
          attempts.emit('ended')
          reject(new Error('aborted'))
        })
      }),
  })
  const made = once(attempts, 'made')
  const request = open(tunnel)
  request.end()
  await made
  const ended = once(attempts, 'ended')
  request.destroy()
  await ended
})

test('an app that dies in the middle of an answer ends it, and not as if it were whole', async () => {
  const { port } = await anApp((request, response) => {
    response.write('a part', () => request.socket.destroy())
  })
  const request = open(await aTunnel({ origin: port }))
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  await expect(textOf(response)).rejects.toThrow(/aborted/)
})

test('connections are kept for the next request, and let go when nothing comes', async () => {
  const { port } = await anApp((_request, response) => void response.end('x'))
  const tunnel = await aTunnel({ origin: port })
  for (let i = 0; i < 5; i++) expect((await get(tunnel)).status).toBe(200)
  expect(tunnel.opened).toHaveLength(1)
  await tunnel.clock.whenWaiting(IDLE_CONNECTION_MS)
  const closed = once(tunnel.opened[0]!, 'close')
  await tunnel.clock.advance(IDLE_CONNECTION_MS)
  await closed
  expect((await get(tunnel)).status).toBe(200)
  expect(tunnel.opened).toHaveLength(2)
})

test('a connection whose session gives way ends once it is idle, and the next request has another', async () => {
  const { port } = await anApp((_request, response) => void response.end('x'))
  const tunnel = await aTunnel({ origin: port })
  await get(tunnel)
  const [idle] = tunnel.opened
  const closed = once(idle!, 'close')
  idle!.emit(retireEvent)
  await closed
  await get(tunnel)
  expect(tunnel.opened).toHaveLength(2)
})

test('a request under way on a session that gives way is not cut, and is the last on its connection', async () => {
  const { port } = await anApp((_request, response) => {
    tunnel.opened[0]!.emit(retireEvent)
    response.end('whole')
  })
  const tunnel: TestTunnel = await aTunnel({ origin: port })
  expect((await get(tunnel)).body).toBe('whole')
  await expect.poll(() => tunnel.opened[0]!.destroyed).toBe(true)
})

test('no listener is left behind on a connection, however often it is used', async () => {
  const { port } = await anApp((_request, response) => void response.end('x'))
  const tunnel = await aTunnel({ origin: port })
  const counts: number[] = []
  for (let i = 0; i < 20; i++) {
    await get(tunnel)
    await tunnel.clock.whenWaiting(IDLE_CONNECTION_MS)
    const [stream] = tunnel.opened
    counts.push(stream!.eventNames().reduce((sum, name) => sum + stream!.listenerCount(name), 0))
  }
  expect(new Set(counts.slice(1)).size).toBe(1)
})

test('a kept connection that is dead costs a request nothing', async () => {
  const { server, port } = await anApp((_request, response) => void response.end('x'))
  const tunnel = await aTunnel({ origin: port })
  await get(tunnel)
  // Dead, but nobody has said so: as when the close is still on its way over a link.
  tunnel.opened[0]!.once('newListener', () => undefined)
  const [kept] = tunnel.opened
  kept!.write = () => {
    kept!.destroy(new Error('reset'))
    return false
  }
  expect((await get(tunnel)).status).toBe(200)
  expect(tunnel.opened).toHaveLength(2)
  expect(server.listening).toBe(true)
})

test('a request that may not be sent twice is not', async () => {
  let arrived = 0
  const { port } = await anApp((request, response) => {
    arrived++
    if (request.method === 'POST') request.socket.destroy()
    else response.end('x')
  })
  const tunnel = await aTunnel({ origin: port })
  await get(tunnel)
  expect((await get(tunnel, { method: 'POST' })).status).toBe(502)
  expect(arrived).toBe(2)
})

test('two apps, and two ports of one, never share a connection', async () => {
  const { port } = await anApp((_request, response) => void response.end('x'))
  const tunnel = await aTunnel({ origin: port })
  await get(tunnel)
  const text = tunnel.ticket({ app: '11111111-2222-4333-8444-555555555555', port: 9090 })
  const host = '9090--web--porpulsion.localhost'
  expect((await get(tunnel, { headers: { host, 'x-porpulsion-ticket': text } })).status).toBe(200)
  expect(tunnel.opened).toHaveLength(2)
})

test.each([
  [new PorpulsionError('Unavailable', 'LinkDown', 'The link to b is down'), 503, 'LinkDown'],
  [
    new PorpulsionError('Unavailable', 'PortUnreachable', 'connection refused'),
    503,
    'PortUnreachable',
  ],
  [new PorpulsionError('Forbidden', 'TunnelsOff', 'b allows no tunnels'), 403, 'TunnelsOff'],
])('what keeps the connection from standing is said: %s', async (error, status, code) => {
  const answer = await get(await aTunnel({ origin: () => Promise.reject(error) }))
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
    status,
    { code, detail: error.message },
  ])
})

test('a peer that does not answer is not waited for for ever', async () => {
  const tunnel = await aTunnel({
    origin: (signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      ),
  })
  const answer = get(tunnel)
  await tunnel.clock.whenWaiting(CONNECT_TIMEOUT_MS)
  await tunnel.clock.advance(CONNECT_TIMEOUT_MS)
  expect((await answer).status).toBe(504)
})

test('more connections to one port than the bound are refused by name', async () => {
  const tunnel = await aTunnel({ origin: () => Promise.resolve(duplexPair()[0]) })
  for (let i = 0; i < MAX_CONNECTIONS_PER_PORT; i++) open(tunnel).end()
  await expect.poll(() => tunnel.opened.length, { timeout: 15_000 }).toBe(MAX_CONNECTIONS_PER_PORT)
  const answer = await get(tunnel)
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([429, { code: 'TooManyStreams' }])
})

async function aWebSocketApp(): Promise<{ port: number; sockets: WebSocketServer }> {
  const { server, port } = await anApp(
    (_request, response) => void response.writeHead(426).end('no'),
  )
  const sockets = new WebSocketServer({
    server,
    path: '/echo',
    handleProtocols: (protocols) => [...protocols].at(-1) ?? false,
  })
  sockets.on('connection', (socket, request) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    socket.send(JSON.stringify({ url: request.url, cookie: request.headers.cookie }))
  })
  onTestFinished(() => sockets.close())
  return { port, sockets }
}

function connectTo(
  tunnel: TestTunnel,
  path: string,
  headers: Record<string, string> = {},
): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${tunnel.port}${path}`, ['one', 'two'], {
    headers: { host: webHost, 'x-porpulsion-ticket': tunnel.ticket(), ...headers },
  })
  socket.on('error', () => undefined)
  onTestFinished(() => socket.terminate())
  return socket
}

test('a WebSocket works both ways, with its protocol, its compression and its end', async () => {
  const { port, sockets } = await aWebSocketApp()
  const tunnel = await aTunnel({ origin: port })
  const socket = connectTo(tunnel, '/echo?a=%2F', { cookie: 'theirs=1; porpulsion-abcdef01=ours' })
  const [hello] = (await once(socket, 'message')) as [Buffer]
  expect(JSON.parse(hello.toString())).toEqual({ url: '/echo?a=%2F', cookie: 'theirs=1' })
  expect(socket.protocol).toBe('two')
  const large = Buffer.alloc(1024 * 1024, 7)
  socket.send(large)
  const [echo, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
  expect([isBinary, large.equals(echo)]).toEqual([true, true])
  const [there] = sockets.clients
  there!.close(4_001, 'enough')
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  expect([code, reason.toString()]).toEqual([4_001, 'enough'])
})

test('a WebSocket client that vanishes is gone for the app', async () => {
  const { port, sockets } = await aWebSocketApp()
  const socket = connectTo(await aTunnel({ origin: port }), '/echo')
  await once(socket, 'message')
  const [there] = sockets.clients
  const closed = once(there!, 'close')
  socket.terminate()
  expect((await closed)[0]).toBe(1_006)
})

test('an upgrade an app refuses is answered with its own words', async () => {
  const { port } = await aWebSocketApp()
  const socket = connectTo(await aTunnel({ origin: port }), '/elsewhere')
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  expect(response.statusCode).toBe(400)
})

test('an upgrade an app does not know is a request like any other', async () => {
  const { port } = await anApp((_request, response) => void response.end('hello'))
  const { port: tunnel, ticket } = await aTunnel({ origin: port })
  const answer = await exchange(
    tunnel,
    `GET / HTTP/1.1\r\nHost: ${webHost}\r\nX-Porpulsion-Ticket: ${ticket()}\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n`,
  )
  expect([answer.status, answer.body.toString()]).toEqual(['200 OK', 'hello'])
})

test('an upgrade an app answers at length is answered to the end, as fast as the client reads', async () => {
  const body = 'x'.repeat(6 * 1024 * 1024)
  const { server, port } = await anApp()
  server.on('upgrade', (_request, socket) => {
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  })
  const socket = connectTo(await aTunnel({ origin: port }), '/elsewhere')
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  expect((await textOf(response)).length).toBe(body.length)
})

test('an upgrade without a ticket is refused with a problem, and so is one whose app is away', async () => {
  const away = new PorpulsionError('Unavailable', 'AppNotReady', 'No pod is ready')
  const { port, ticket } = await aTunnel({ origin: () => Promise.reject(away) })
  const upgrade = (headers: string) =>
    exchange(
      port,
      `GET / HTTP/1.1\r\nHost: ${webHost}\r\n${headers}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    )
  expect((await upgrade('')).status).toBe('401 Unauthorized')
  const answer = await upgrade(`X-Porpulsion-Ticket: ${ticket()}\r\n`)
  expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([
    '503 Service Unavailable',
    { code: 'AppNotReady' },
  ])
})

test('bytes that come right behind the heads of an upgrade are not lost', async () => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly too, ')
      socket.once('data', (chunk: Buffer) => socket.end(chunk))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port, ticket } = await aTunnel({ origin: (server.address() as AddressInfo).port })
  const socket: Socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${webHost}\r\nX-Porpulsion-Ticket: ${ticket()}\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly`,
  )
  const { status, body } = parseAnswer(Buffer.from(await textOf(socket)))
  expect([status, body.toString()]).toEqual(['101 Go', 'early too, early'])
})

test('stopping cuts what is open', async () => {
  const { port } = await aWebSocketApp()
  const tunnel = await aTunnel({ origin: port })
  const socket = connectTo(tunnel, '/echo')
  await once(socket, 'message')
  const closed = once(socket, 'close')
  const stopped = tunnel.server.stop()
  await tunnel.clock.advance(STOP_GRACE_MS)
  await stopped
  await closed
})
