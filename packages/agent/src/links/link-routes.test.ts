/** Two agents in virtual time, asked over the REST API. */
import type { PeerHistory, PeerLink } from '@porpulsion/contract'
import { expect, onTestFinished, test } from 'vitest'
import { aDashboard, silent } from '../../test/support/dashboard.ts'
import { aVirtualNetwork, introduce } from '../../test/support/virtual-network.ts'
import { createMemoryDocumentStore } from '../documents/index.ts'
import { linkHandlers } from './link-routes.ts'
import { recordLinkHistory } from './record-link-history.ts'

async function aLinkedPair() {
  const network = aVirtualNetwork(3)
  const a = await network.agent('a')
  const b = await network.agent('b')
  introduce(a, b, { dialable: [b] })
  const { clock } = network
  const { links, directory } = a
  const history = recordLinkHistory({
    links,
    directory,
    store: createMemoryDocumentStore(),
    clock,
    logger: silent,
  })
  await history.start(new AbortController().signal)
  onTestFinished(() => history.stop())
  const dashboard = await aDashboard({ handlers: linkHandlers({ links, history, directory }) })
  const authorization = `Bearer ${await dashboard.tokenOf('viewer')}`
  const get = async (url: string) =>
    await dashboard.server.app.inject({ url, headers: { host: 'localhost', authorization } })
  const link = async (): Promise<PeerLink> => (await get('/api/peer/b/link')).json()
  const past = async (): Promise<PeerHistory> => (await get('/api/peer/b/history')).json()
  network.start(a)
  network.start(b)
  return { network, a, b, clock, get, link, past }
}

const iso = (ms: number): string => new Date(ms).toISOString()

test('a link is shown with its session, traffic and certificates', async () => {
  const { network, clock, link, a, b } = await aLinkedPair()
  await clock.advance(5_000)
  const shown = await link()
  expect(shown).toMatchObject({
    state: 'Connected',
    direction: 'outbound',
    openStreams: 0,
    protocolVersion: 1,
    certificates: {
      ca: { notAfter: expect.stringMatching(/^20[34]\d-/) as string },
      peerLeaf: { notAfter: expect.any(String) as string },
      ownLeaf: { notAfter: expect.any(String) as string },
    },
  })
  expect(shown).not.toHaveProperty('lastError')
  expect(shown).not.toHaveProperty('nextDialTime')
  expect(shown.latencyMs).toBeGreaterThan(0)
  expect(Date.parse(shown.sessionSince ?? '')).toBeLessThan(clock.now())
  const answer = a.links.call(b.identity.fingerprint, 'getSelf', {
    signal: new AbortController().signal,
  })
  for (let step = 0; step < 100; step++) await clock.advance(20)
  await answer
  const later = await link()
  expect(later.receivedBytes).toBeGreaterThan(shown.receivedBytes + 100)
  expect(later.sentBytes).toBeGreaterThan(shown.sentBytes + 50)
  network.cut()
  await clock.advance(5_000)
  // A new session has counters of its own; the link goes on counting.
  expect((await link()).receivedBytes).toBeGreaterThanOrEqual(later.receivedBytes)
})

test('while a link is down it is shown why, and when it is dialled next', async () => {
  const { network, clock, link } = await aLinkedPair()
  await clock.advance(20_000)
  network.isDown = true
  network.cut()
  await clock.advance(20_000)
  const down = await link()
  expect(down).toMatchObject({ state: 'Disconnected', openStreams: 0 })
  expect(down.lastError).toBeDefined()
  expect(Date.parse(down.nextDialTime ?? '')).toBeGreaterThan(clock.now())
  for (const gone of ['sessionSince', 'latencyMs', 'protocolVersion'])
    expect(down).not.toHaveProperty(gone)
  expect(Object.keys(down.certificates)).toEqual(['ca'])
})

test('the history of a link tells when it was lost, why, and how long it was up', async () => {
  const { network, clock, past } = await aLinkedPair()
  const startMs = clock.now()
  await clock.advance(60_000)
  network.isDown = true
  network.cut()
  const cutMs = clock.now()
  await clock.advance(60_000)
  const { intervalSeconds, changes, samples } = await past()
  expect(intervalSeconds).toBe(60)
  expect(changes.map(({ state }) => state)).toEqual(['Connecting', 'Connected', 'Disconnected'])
  expect(changes[2]).toMatchObject({
    message: expect.stringMatching(/^The connection was lost/) as string,
  })
  expect(samples.map(({ time }) => time)).toEqual([iso(startMs), iso(startMs + 60_000)])
  const lostMs = Date.parse(changes[2]?.time ?? '')
  expect(lostMs - cutMs).toBeLessThan(1_000)
  const [up, down] = samples
  expect(up?.connectedSeconds).toBeGreaterThan(55)
  expect(up?.latencyMs).toBeGreaterThan(0)
  expect(up?.receivedBytes).toBeGreaterThan(50)
  expect(down).toMatchObject({ connectedSeconds: 0, receivedBytes: 0 })
  expect(down).not.toHaveProperty('latencyMs')
})

test.each(['link', 'history'])('of a peer nobody knows there is no %s', async (what) => {
  const { get } = await aLinkedPair()
  const answer = await get(`/api/peer/nobody/${what}`)
  expect([answer.statusCode, answer.json()]).toMatchObject([404, { code: 'PeerNotFound' }])
})
