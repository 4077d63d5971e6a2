import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test } from 'vitest'
import { aDashboard, type TestDashboard } from '../../test/support/dashboard.ts'
import { createEventFeed } from './event-feed.ts'
import { createEventStreams } from './event-stream.ts'
import { EVENT_KEEP_ALIVE_MS, MAX_EVENT_STREAMS, RIGHTS_RECHECK_MS } from './limits.ts'

interface Reader {
  readonly response: IncomingMessage
  /** Blocks read so far, comments included. */
  readonly blocks: string[]
  readonly next: () => Promise<string>
}

type SignedIn = TestDashboard & { readonly authorization: string }

async function openEvents(
  { server, authorization }: SignedIn,
  given: Record<string, string> = {},
): Promise<Reader> {
  const request = httpRequest({
    host: '127.0.0.1',
    port: server.port(),
    path: '/api/events',
    agent: false,
    headers: { host: 'localhost', ...('cookie' in given ? {} : { authorization }), ...given },
  })
  request.on('error', () => undefined)
  onTestFinished(() => void request.destroy())
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.on('error', () => undefined)
  const blocks: string[] = []
  let text = ''
  let taken = 0
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    blocks.push(...parts)
  })
  const next = async (): Promise<string> => {
    while (blocks.length <= taken) await once(response, 'data')
    return blocks[taken++] ?? ''
  }
  return { response, blocks, next }
}

async function signedIn(): Promise<SignedIn> {
  const dashboard = await aDashboard({ listen: true })
  return { ...dashboard, authorization: `Bearer ${await dashboard.tokenOf('viewer')}` }
}

const idOf = (block: string): string => /^id: (.*)$/m.exec(block)?.[1] ?? ''

test('events come as server-sent events, each with an id', async () => {
  const dashboard = await signedIn()
  const { response, next } = await openEvents(dashboard)
  expect(response.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  expect(await next()).toMatch(/^id: \S+$/)
  dashboard.events.publish({ type: 'changed', kind: 'Settings' })
  expect(await next()).toMatch(/^id: \S+\ndata: {"type":"changed","kind":"Settings"}$/)
})

test('after a break the stream goes on where it was', async () => {
  const dashboard = await signedIn()
  const first = await openEvents(dashboard)
  const position = idOf(await first.next())
  first.response.destroy()
  dashboard.events.publish({ type: 'changed', kind: 'Settings' })
  dashboard.events.publish({ type: 'changed', kind: 'Tokens' })
  const second = await openEvents(dashboard, { 'last-event-id': position })
  expect(await second.next()).toContain('Settings')
  expect(await second.next()).toContain('Tokens')
})

test('after a break too long, or a restart, everything is to be read again', async () => {
  const dashboard = await signedIn()
  const { next } = await openEvents(dashboard, { 'last-event-id': 'before-17' })
  expect(await next()).toContain('data: {"type":"reset"}')
})

test('a reader who cannot keep up is disconnected, not buffered for', async () => {
  const dashboard = await signedIn()
  const { response } = await openEvents(dashboard)
  response.pause()
  const closed = new Promise((resolve) => response.once('close', resolve))
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 2_000; i++) {
    dashboard.events.publish({ type: 'delete', kind: 'Peer', name: 'x'.repeat(60_000) })
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
  response.resume()
  await closed
})

test('a silent stream is kept alive, and ends when its session does', async () => {
  const dashboard = await signedIn()
  const cookie = await dashboard.sessionCookie()
  const { response, next } = await openEvents(dashboard, { cookie })
  await next()
  await dashboard.clock.whenWaiting(EVENT_KEEP_ALIVE_MS)
  await dashboard.clock.advance(EVENT_KEEP_ALIVE_MS)
  expect(await next()).toBe(': still here')
  const ended = once(response, 'end')
  await dashboard.access.logout({ cookie })
  await dashboard.clock.advance(RIGHTS_RECHECK_MS)
  await ended
})

test('a token that is revoked ends its streams too', async () => {
  const dashboard = await signedIn()
  const { response } = await openEvents(dashboard)
  const ended = once(response, 'end')
  await dashboard.access.tokens.revoke('viewer-1')
  await dashboard.clock.advance(RIGHTS_RECHECK_MS)
  await ended
})

test('whoever does not read holds no stream open past the right to it', async () => {
  const clock = new FakeClock()
  const feed = createEventFeed()
  const streams = createEventStreams(feed, clock)
  const stuck = new Writable({ write: () => undefined })
  const response = Object.assign(stuck, { flushHeaders: () => undefined })
  let asked = 0
  const isStillAllowed = (): boolean => ++asked < 2
  streams.open(() => response as unknown as ServerResponse, {
    lastEventId: undefined,
    isStillAllowed,
  })
  await clock.advance(RIGHTS_RECHECK_MS)
  expect([stuck.writableEnded, stuck.destroyed]).toEqual([false, false])
  await clock.advance(RIGHTS_RECHECK_MS)
  expect([stuck.writableEnded, stuck.destroyed]).toEqual([true, false])
  await clock.advance(RIGHTS_RECHECK_MS)
  expect(stuck.destroyed).toBe(true)
  await clock.advance(10 * RIGHTS_RECHECK_MS)
  expect(asked).toBe(2)
})

test('more streams than the bound are refused by name, and one that ends makes room', async () => {
  const dashboard = await signedIn()
  const readers = await Promise.all(
    Array.from({ length: MAX_EVENT_STREAMS }, () => openEvents(dashboard)),
  )
  const refused = await openEvents(dashboard)
  expect(refused.response.statusCode).toBe(429)
  readers[0]!.response.destroy()
  const retry = async () => (await openEvents(dashboard)).response.statusCode
  await expect.poll(retry, { timeout: 10_000 }).toBe(200)
})

test('stopping the server ends the streams', async () => {
  const dashboard = await signedIn()
  const { response } = await openEvents(dashboard)
  const ended = once(response, 'end')
  await dashboard.server.stop()
  await ended
})

test('figures of the moment come without an id, and do not move where a break resumes', async () => {
  const dashboard = await signedIn()
  const first = await openEvents(dashboard)
  const position = idOf(await first.next())
  dashboard.events.tell({ type: 'links', links: [] })
  expect(await first.next()).toBe('data: {"type":"links","links":[]}')
  first.response.destroy()
  dashboard.events.publish({ type: 'changed', kind: 'Sessions' })
  const second = await openEvents(dashboard, { 'last-event-id': position })
  expect(await second.next()).toContain('Sessions')
})
