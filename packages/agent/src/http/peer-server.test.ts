import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { FakeClock } from '@porpulsion/kube/testing'
import { PorpulsionError } from '@porpulsion/contract'
import { expect, onTestFinished, test, vi } from 'vitest'
import { silent } from '../../test/support/dashboard.ts'
import { createLogger, type Logger } from '../observability/index.ts'
import * as limits from './limits.ts'
import { createPeerServer, type PeerServerUsers } from './peer-server.ts'

interface Choices {
  readonly redeem?: PeerServerUsers['redeem']
  readonly trustedProxies?: readonly string[]
  readonly isStarting?: boolean
  readonly logger?: Logger
}

async function aPeerServer({
  trustedProxies = [],
  isStarting,
  logger = silent,
  ...given
}: Choices = {}) {
  const clock = new FakeClock()
  const redeem = vi.fn(given.redeem ?? (() => Promise.resolve({ welcome: true })))
  const accepted: Duplex[] = []
  const server = createPeerServer(
    { waitingFor: () => 'the identity', clock, logger },
    { host: '127.0.0.1', port: 0, trustedProxies },
  )
  await server.listen()
  const users: PeerServerUsers = {
    redeem,
    acceptWebSocket: (_request, socket) => {
      accepted.push(socket)
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      )
    },
  }
  if (isStarting !== true) server.serve(users)
  onTestFinished(async () => {
    for (const socket of accepted) socket.destroy()
    await server.stop()
  })
  return { server, clock, redeem, accepted }
}

interface Answer {
  readonly status: number
  readonly body: string
}

function ask(
  port: number,
  method: string,
  path: string,
  body?: string,
  headers = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false })
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    request.end(body)
  })
}

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  return socket
}

test('an invite is redeemed with what was sent and where it came from', async () => {
  const { server, redeem } = await aPeerServer()
  const { status, body } = await ask(server.port(), 'POST', '/peer', '{"name":"b"}')
  expect([status, JSON.parse(body)]).toEqual([200, { welcome: true }])
  expect(redeem).toHaveBeenCalledWith({ name: 'b' }, '127.0.0.1')
})

test('a refusal is a problem document', async () => {
  const { server } = await aPeerServer({
    redeem: () => Promise.reject(new PorpulsionError('Forbidden', 'InviteInvalid', 'No')),
  })
  const { status, body } = await ask(server.port(), 'POST', '/peer', '{}')
  expect([status, JSON.parse(body)]).toMatchObject([403, { code: 'InviteInvalid', detail: 'No' }])
})

test('a defect tells a stranger nothing', async () => {
  const { server } = await aPeerServer({
    redeem: () => Promise.reject(new Error('the cause of it')),
  })
  const { status, body } = await ask(server.port(), 'POST', '/peer', '{}')
  expect(status).toBe(500)
  expect(body).not.toContain('the cause of it')
})

test.each([
  ['GET', '/healthz', 200],
  ['GET', '/', 404],
  ['GET', '/peer', 404],
  ['GET', '/api/status', 404],
  ['POST', '/ws', 404],
  ['GET', '/ws', 404],
  ['GET', '/metrics', 404],
])('%s %s is answered with %i', async (method, path, status) => {
  const { server } = await aPeerServer()
  expect((await ask(server.port(), method, path)).status).toBe(status)
})

test('what is not JSON, or too large, never reaches the redeeming', async () => {
  const { server, redeem } = await aPeerServer()
  expect((await ask(server.port(), 'POST', '/peer', 'hello')).status).toBe(400)
  const large = 'x'.repeat(limits.MAX_PEER_BODY_BYTES + 1)
  expect((await ask(server.port(), 'POST', '/peer', large)).status).toBe(413)
  expect(redeem).not.toHaveBeenCalled()
})

test('one address may try often, but not for ever; others are not held up', async () => {
  const { server, clock } = await aPeerServer({ trustedProxies: ['127.0.0.1'] })
  const from = async (address: string) =>
    (await ask(server.port(), 'POST', '/peer', '{}', { 'x-forwarded-for': address })).status
  const statuses = new Set<number>()
  for (let i = 0; i < 31; i++) statuses.add(await from('203.0.113.1'))
  expect([...statuses]).toEqual([200, 429])
  expect(await from('203.0.113.2')).toBe(200)
  await clock.advance(2_000)
  expect(await from('203.0.113.1')).toBe(200)
})

test('strangers do not fill the log: what is left out is counted', async () => {
  const lines: unknown[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line))
  const logger = createLogger({ level: 'info', agent: 'a' }, { write })
  const { server, clock } = await aPeerServer({ logger })
  for (let i = 0; i < 100; i++) await ask(server.port(), 'POST', '/peer', 'hello')
  expect(lines).toHaveLength(30)
  await clock.advance(2_000)
  await ask(server.port(), 'POST', '/peer', 'hello')
  expect(lines[30]).toMatchObject({ msg: 'Refused a request', leftOut: 70 })
})

test('a stranger who sends a second request ahead is cut, and it is not begun', async () => {
  const never = (): Promise<unknown> => new Promise(() => undefined)
  const { server, redeem } = await aPeerServer({ redeem: never })
  const socket = open(server.port())
  const ended = new Promise((resolve) => socket.once('close', resolve))
  socket.write('POST /peer HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\n{}'.repeat(2))
  await ended
  expect(redeem.mock.calls.length).toBeLessThan(2)
})

test('an upgrade on /ws is handed over, and may be silent as long as it likes', async () => {
  const { server, clock, accepted } = await aPeerServer()
  const socket = open(server.port())
  socket.write('GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
  await once(socket, 'data')
  await clock.advance(10 * limits.PEER_REQUEST_TIMEOUT_MS)
  expect(accepted[0]?.destroyed).toBe(false)
})

test('an upgrade anywhere else is refused and ended', async () => {
  const { server, accepted } = await aPeerServer()
  const socket = open(server.port())
  socket.write(
    'GET /other HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  )
  const [head] = (await once(socket, 'data')) as [Buffer]
  expect(head.toString()).toMatch(/^HTTP\/1\.1 404 /)
  await once(socket, 'close')
  expect(accepted).toEqual([])
})

test.each([
  ['says nothing', ''],
  ['never ends its head', 'GET /healthz HTTP/1.1\r\nhost: x\r\n'],
  ['never ends its body', 'POST /peer HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{'],
])('a stranger who %s is sent away after a while', async (_name, text) => {
  const { server, clock } = await aPeerServer()
  const socket = open(server.port())
  const closed = once(socket, 'close')
  socket.resume()
  socket.write(text)
  await clock.whenWaiting(limits.PEER_REQUEST_TIMEOUT_MS)
  await clock.advance(limits.PEER_REQUEST_TIMEOUT_MS)
  await closed
})

test('idle sockets never keep the health probe out: the longest waiting makes room', async () => {
  const { server } = await aPeerServer()
  const first = open(server.port())
  await once(first, 'connect')
  const closed = once(first, 'close')
  first.resume()
  const others = Array.from({ length: limits.MAX_UNPROVEN_CONNECTIONS }, () => open(server.port()))
  await Promise.all(others.map((socket) => once(socket, 'connect')))
  await closed
  expect((await ask(server.port(), 'GET', '/healthz')).status).toBe(200)
})

test('until the agent can answer, only the health check does; the rest is told what is waited for', async () => {
  const { server, redeem } = await aPeerServer({ isStarting: true })
  expect((await ask(server.port(), 'GET', '/healthz')).status).toBe(200)
  const { status, body } = await ask(server.port(), 'POST', '/peer', '{}')
  expect([status, JSON.parse(body)]).toMatchObject([
    503,
    { code: 'AgentStarting', detail: 'The agent is starting: the identity' },
  ])
  expect(redeem).not.toHaveBeenCalled()
  const upgrade = { connection: 'upgrade', upgrade: 'websocket' }
  expect((await ask(server.port(), 'GET', '/ws', undefined, upgrade)).status).toBe(503)
})
