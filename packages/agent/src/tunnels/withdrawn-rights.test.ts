/** What is open to an app ends with the right in whose name it was opened, however it came and whatever took the right. */
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { aTunnel, web, webHost, type TestTunnel } from '../../test/support/tunnel.ts'
import { RIGHTS_RECHECK_MS } from './limits.ts'

/** Greets over a WebSocket, and answers everything else with a body that has no end. */
async function anApp(): Promise<{ port: number; sockets: WebSocketServer }> {
  const server = createServer((_request, response) => void response.write('a beginning'))
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.send('hello'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    sockets.close()
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets } // listening on TCP
}

async function theTunnel(): Promise<TestTunnel & { sockets: WebSocketServer }> {
  const { port, sockets } = await anApp()
  return { ...(await aTunnel({ origin: port })), sockets }
}

type Headers = Record<string, string>

/** A WebSocket the app has greeted. */
async function connected(
  { port }: TestTunnel,
  { path = '/', ...headers }: Headers,
): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
  socket.on('error', () => undefined)
  onTestFinished(() => socket.terminate())
  await once(socket, 'message')
  return socket
}

/** An operator with a session and a token of their own. */
async function bob({ access }: TestTunnel) {
  await access.users.create({ name: 'bob', role: 'operator' })
  const { url } = await access.createLoginLinkFor('bob')
  const { id } = await access.login(new URL(url).searchParams.get('code') ?? '', {})
  const cookie = `${access.sessionCookieName(false)}=${id}`
  const session = access.authenticate({ cookie })?.caller
  if (session?.user === undefined) throw new Error('The session opens nothing')
  const { token } = await access.tokens.create({ name: 'bobs', role: 'operator' }, session.user)
  const ticketOf = (purpose: 'url' | 'cookie'): string =>
    access.tickets.issue({ app: web.uid, port: 8080 }, purpose, access.holderOf(session)).text
  return { cookie, token, ticketOf }
}

type Bob = Awaited<ReturnType<typeof bob>>
const belowPath = { path: `/api/remoteapp/${web.uid}/proxy/8080/`, host: 'localhost' }

const ways: readonly (readonly [string, (tunnel: TestTunnel, bob: Bob) => Headers])[] = [
  ['a ticket', (_, { ticketOf }) => ({ host: webHost, 'x-porpulsion-ticket': ticketOf('url') })],
  [
    'the cookie of the app',
    ({ access }, { ticketOf }) => ({
      host: webHost,
      origin: `http://${webHost}`,
      cookie: `${access.ticketCookieName}=${ticketOf('cookie')}`,
    }),
  ],
  ['a token', (_, { token }) => ({ ...belowPath, authorization: `Bearer ${token}` })],
]

const losses: readonly (readonly [string, (tunnel: TestTunnel, bob: Bob) => Promise<unknown>])[] = [
  ['is deleted', ({ access }) => access.deleteUser('bob')],
  ['is disabled', ({ access }) => access.users.update('bob', { disabled: true })],
  ['is a viewer from now on', ({ access }) => access.users.update('bob', { role: 'viewer' })],
]

for (const [by, headersOf] of ways)
  test.each(losses)(`a WebSocket opened by ${by} of somebody who %s is cut`, async (_, lose) => {
    const tunnel = await theTunnel()
    const him = await bob(tunnel)
    const socket = await connected(tunnel, headersOf(tunnel, him))
    const [there] = tunnel.sockets.clients
    const ends = [once(socket, 'close'), once(there ?? socket, 'close')]
    await tunnel.clock.advance(RIGHTS_RECHECK_MS)
    expect(socket.readyState).toBe(socket.OPEN)
    await lose(tunnel, him)
    await tunnel.clock.advance(RIGHTS_RECHECK_MS)
    expect((await Promise.all(ends)).map(([code]) => code as number)).toEqual([1_006, 1_006])
  })

test('a WebSocket opened by a ticket ends with the session that asked for it, as the ticket does', async () => {
  const tunnel = await theTunnel()
  const { cookie, ticketOf } = await bob(tunnel)
  const headers = { host: webHost, 'x-porpulsion-ticket': ticketOf('url') }
  const socket = await connected(tunnel, headers)
  await tunnel.access.logout({ cookie })
  const closed = once(socket, 'close')
  await tunnel.clock.advance(RIGHTS_RECHECK_MS)
  await closed
  const { port } = tunnel
  const refused = new WebSocket(`ws://127.0.0.1:${port}/`, { headers })
  refused.on('error', () => undefined)
  const [, response] = (await once(refused, 'unexpected-response')) as [unknown, IncomingMessage]
  expect(response.statusCode).toBe(401)
})

test('an answer without end ends with the token that asked for it', async () => {
  const tunnel = await theTunnel()
  const { token } = await bob(tunnel)
  const { path, host } = belowPath
  const headers = { host, authorization: `Bearer ${token}` }
  const request = httpRequest({ host: '127.0.0.1', port: tunnel.port, path, headers })
  request.on('error', () => undefined).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  await once(response, 'data')
  await tunnel.access.tokens.revoke('bobs')
  const aborted = once(response, 'error')
  await tunnel.clock.advance(RIGHTS_RECHECK_MS)
  expect((await aborted)[0]).toMatchObject({ code: 'ECONNRESET' })
})
