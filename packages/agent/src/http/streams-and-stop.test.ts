import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { exchange } from '../../test/support/raw-http.ts'
import { aDashboard, type TestDashboard } from '../../test/support/dashboard.ts'
import { RIGHTS_RECHECK_MS } from './limits.ts'

interface Line {
  readonly pod: string
  readonly time: string
  readonly line: string
}
const line = (text: string): Line => ({ pod: 'p', time: 't', line: text })

type Source = (signal: AbortSignal) => AsyncIterable<Line>

async function logsOf(
  source: Source,
): Promise<TestDashboard & { open: () => Promise<IncomingMessage> }> {
  const dashboard = await aDashboard({
    listen: true,
    handlers: { streamRemoteAppLogs: ({ signal }) => Promise.resolve(source(signal)) },
  })
  const authorization = `Bearer ${await dashboard.tokenOf('viewer')}`
  const open = async (): Promise<IncomingMessage> => {
    const request = httpRequest({
      host: '127.0.0.1',
      port: dashboard.server.port(),
      path: '/api/remoteapp/web/logs?follow',
      agent: false,
      headers: { host: 'localhost', authorization },
    })
    request.on('error', () => undefined)
    onTestFinished(() => void request.destroy())
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.on('error', () => undefined)
    return response
  }
  return { ...dashboard, open }
}

const whenAborted = (signal: AbortSignal): Promise<unknown> =>
  signal.aborted
    ? Promise.resolve()
    : once(signal as unknown as EventTarget & NodeJS.EventEmitter, 'abort')

test('a log that is silent begins all the same, and ends when its reader goes', async () => {
  let isOver = false
  const { open } = await logsOf(async function* (signal) {
    await whenAborted(signal)
    isOver = true
    yield line('too late')
  })
  const response = await open()
  expect(response.headers['content-type']).toBe('application/x-ndjson')
  response.destroy()
  await expect.poll(() => isOver).toBe(true)
})

test('a log ends with the right of who reads it, and not as if it were over', async () => {
  const { open, access, clock } = await logsOf(async function* (signal) {
    yield line('one')
    await whenAborted(signal)
  })
  const response = await open()
  await once(response, 'data')
  await clock.advance(RIGHTS_RECHECK_MS)
  expect(response.destroyed).toBe(false)
  const cut = once(response, 'error')
  await access.tokens.revoke('viewer-1')
  await clock.advance(RIGHTS_RECHECK_MS)
  expect((await cut)[0]).toMatchObject({ code: 'ECONNRESET' })
})

test('a source that hears no signal is still let go of', async () => {
  let returned = false
  const { open } = await logsOf(() => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => undefined),
      return: () => {
        returned = true
        return Promise.resolve({ done: true, value: undefined })
      },
    }),
  }))
  const response = await open()
  response.destroy()
  await expect.poll(() => returned).toBe(true)
})

test('stopping ends streams that would go on for ever', async () => {
  const { server, open } = await logsOf(async function* (signal) {
    yield line('one')
    await whenAborted(signal)
  })
  const response = await open()
  await once(response, 'data')
  const over = new Promise((resolve) => response.once('close', resolve))
  response.resume()
  await server.stop()
  await over
})

test('a refusal before the first line is a problem document', async () => {
  const { server, tokenOf } = await aDashboard({
    handlers: { streamRemoteAppLogs: () => Promise.reject(new Error('inside')) },
  })
  const headers = { host: 'localhost', authorization: `Bearer ${await tokenOf('viewer')}` }
  const reply = await server.app.inject({ url: '/api/remoteapp/web/logs', headers })
  expect([reply.statusCode, reply.json()]).toMatchObject([500, { code: 'InternalError' }])
})

test('an upgrade nobody claims is refused and ended, and does not hold up the stop', async () => {
  const { server } = await aDashboard({ listen: true })
  for (const path of ['/', '/ws', '/api/events']) {
    const answer = await exchange(
      server.port(),
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    )
    expect(answer.status).toBe('404 Not Found')
  }
  await server.stop()
})

test('a connection on which nothing happens does not hold up the stop', async () => {
  const { server, clock } = await aDashboard({ listen: true })
  const socket = connect(server.port(), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.resume()
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  const stopped = server.stop()
  await clock.advance(60_000)
  await Promise.all([stopped, closed])
})

test('a request that asks before it sends its body is told to go on', async () => {
  const { server, tokenOf } = await aDashboard({ listen: true })
  const body = '{"name":"ci"}'
  const answer = await exchange(
    server.port(),
    `POST /api/tokens HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${await tokenOf('admin')}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
    body,
  )
  expect([answer.informational[0]?.status, answer.status]).toEqual(['100 Continue', '201 Created'])
})
