import { once } from 'node:events'
import { Agent, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { noAppTraffic } from './app-traffic.ts'
import { createSharedServer, type SharedServer } from './shared-server.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

async function aServer(handleOwn: Answer): Promise<SharedServer> {
  const server = createSharedServer(
    { waitingFor: () => 'nothing' },
    { host: '127.0.0.1', port: 0, allowedHosts: [] },
  )
  await server.listen()
  server.serve({ appTraffic: noAppTraffic, handleOwn, claimsUpgrade: () => false })
  onTestFinished(() => server.closeAll())
  return server
}

async function get(port: number, agent: Agent): Promise<IncomingMessage> {
  const call = request({ host: '127.0.0.1', port, agent })
  call.end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  return response
}

const oneConnection = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 })

test('an answer that was given and is not yet read is not cut by the end', async () => {
  const bytes = 16 * 1024 * 1024
  const server = await aServer((_request, response) => response.end(Buffer.alloc(bytes)))
  const response = await get(server.port(), oneConnection())
  const closed = server.close()
  expect((await text(response)).length).toBe(bytes)
  await closed
})

test('what was asked before is answered, and its connection ends with it', async () => {
  const waiting: ServerResponse[] = []
  const server = await aServer((_request, response) => waiting.push(response))
  const answer = get(server.port(), oneConnection())
  await expect.poll(() => waiting.length).toBe(1)
  const closed = server.close()
  waiting[0]?.end('done')
  expect(await text(await answer)).toBe('done')
  await closed
})

test('what comes behind it on its connection is refused, with when to return', async () => {
  const waiting: ServerResponse[] = []
  const server = await aServer((_request, response) => waiting.push(response))
  const socket = connect(server.port(), '127.0.0.1')
  const ask = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
  socket.write(ask)
  await expect.poll(() => waiting.length).toBe(1)
  const closed = server.close()
  const behind = once(server.server, 'request')
  socket.write(ask)
  await behind
  waiting[0]?.end('done')
  const said = await text(socket)
  expect(said).toMatch(/^HTTP\/1\.1 200 OK/)
  expect(said).toMatch(/HTTP\/1\.1 503 [^]*retry-after: 2\r\n[^]*AgentStopping/)
  await closed
})

test('who sends more ahead than may wait is cut, and what was sent is not begun', async () => {
  const waiting: ServerResponse[] = []
  const server = await aServer((_request, response) => waiting.push(response))
  const socket = connect(server.port(), '127.0.0.1')
  const ask = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
  socket.write(ask.repeat(65))
  await expect.poll(() => waiting.length).toBe(65)
  socket.on('error', () => undefined)
  const ended = new Promise((resolve) => socket.once('close', resolve))
  socket.write(ask.repeat(10_000))
  await ended
  expect(waiting).toHaveLength(65)
})

test('offers of another protocol wait for their answer: one that is sent ahead ends the connection', async () => {
  let begun = 0
  const server = await aServer((_request, response) => {
    begun += 1
    setImmediate(() => response.end('in HTTP/1.1'))
  })
  const offer = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'
  const patient = connect(server.port(), '127.0.0.1')
  for (const expected of [1, 2]) {
    patient.write(offer)
    const [answer] = (await once(patient, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK[^]*in HTTP\/1\.1/)
    expect(begun).toBe(expected)
  }
  const hasty = connect(server.port(), '127.0.0.1')
  hasty.on('error', () => undefined)
  const ended = new Promise((resolve) => hasty.once('close', resolve))
  hasty.write(offer.repeat(1_000))
  await ended
  expect(begun).toBe(3)
})
