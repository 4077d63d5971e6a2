import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createMemoryDirectory } from '../../test/support/memory-directory.ts'
import { createMemoryDocumentStore } from '../documents/index.ts'
import { createLogger } from '../observability/index.ts'
import type { KnownPeer, LinkView } from '../peers/index.ts'
import type { LinkFacts } from './link-facts.ts'
import { recordLinkHistory, SAVE_INTERVAL_MS } from './record-link-history.ts'

const minuteMs = 60_000
const peer = (name: string): KnownPeer => ({
  name,
  uid: `uid-${name}`,
  fingerprint: `fp-${name}`,
  caCertificatePem: '',
  confirmed: true,
})

function aLink(clock: FakeClock) {
  const listeners = new Set<(fingerprint: string, view: LinkView) => void>()
  let view: LinkView = { state: 'Connecting', sinceMs: clock.now() }
  let facts: LinkFacts = { receivedBytes: 0, sentBytes: 0, openStreams: 0 }
  return {
    view: () => view,
    facts: () => facts,
    onChange(listener: (fingerprint: string, view: LinkView) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    show(next: Partial<LinkView>) {
      view = { sinceMs: clock.now(), state: 'Connected', ...next }
      for (const listener of listeners) listener('fp-b', view)
    },
    carry(bytes: number, latencyMs: number) {
      const { receivedBytes, sentBytes } = facts
      facts = {
        receivedBytes: receivedBytes + bytes,
        sentBytes: sentBytes + 2 * bytes,
        openStreams: 0,
        latencyMs,
      }
    },
  }
}

async function recording({ store = createMemoryDocumentStore(), clock = new FakeClock() } = {}) {
  const directory = createMemoryDirectory()
  directory.put(peer('b'))
  const link = aLink(clock)
  let writes = 0
  const history = recordLinkHistory({
    links: link,
    directory,
    store: {
      ...store,
      write: (...given) => {
        writes++
        return store.write(...given)
      },
    },
    clock,
    logger: createLogger({ level: 'silent', agent: 'a' }),
  })
  await history.start(new AbortController().signal)
  onTestFinished(() => history.stop())
  /** Packing takes real time, elsewhere. */
  const saved = (times: number) => vi.waitFor(() => expect(writes).toBe(times))
  return { history, link, directory, store, clock, writes: () => writes, saved }
}

test('every minute has a sample of what the link carried in it, and how long it was up', async () => {
  const { history, link, clock } = await recording()
  const startMs = clock.now()
  await clock.advance(20_000)
  link.show({ state: 'Connected' })
  link.carry(100, 4.26)
  await clock.advance(10_000)
  link.show({ state: 'Suspect' })
  await clock.advance(10_000)
  link.show({ state: 'Disconnected', message: 'lost' })
  await clock.advance(20_000)
  link.carry(5, 3)
  link.show({ state: 'Connected' })
  await clock.advance(minuteMs)
  expect(history.of('fp-b').samples).toEqual([
    {
      atMs: startMs,
      latencyMs: 4.3,
      receivedBytes: 100,
      sentBytes: 200,
      connectedSeconds: 20,
    },
    {
      atMs: startMs + minuteMs,
      latencyMs: 3,
      receivedBytes: 5,
      sentBytes: 10,
      connectedSeconds: 60,
    },
  ])
  expect(history.of('fp-b').changes.map(({ state }) => state)).toEqual([
    'Connecting',
    'Connected',
    'Suspect',
    'Disconnected',
    'Connected',
  ])
})

test('an agent that starts again goes on with what it saved when it stopped', async () => {
  const first = await recording()
  first.link.show({ state: 'Connected', transport: 'wss' })
  first.link.carry(7, 1)
  await first.clock.advance(2 * minuteMs)
  const before = first.history.of('fp-b')
  await first.history.stop()
  await first.clock.advance(10 * minuteMs)
  const second = await recording({ store: first.store, clock: first.clock })
  const { samples, changes } = second.history.of('fp-b')
  expect(samples).toEqual(before.samples)
  expect(changes.map(({ state }) => state)).toEqual(['Connecting', 'Connected', 'Connecting'])
})

test('it is written every five minutes, however much happens, and at the end', async () => {
  const { history, link, clock, writes, saved } = await recording()
  for (let minute = 1; minute <= 30; minute++) {
    for (const state of ['Disconnected', 'Connected'] as const) link.show({ state })
    await clock.advance(minuteMs)
    await saved(Math.floor((minute * minuteMs) / SAVE_INTERVAL_MS))
  }
  await history.stop()
  expect(writes()).toBe(7)
})

test('without peers nothing is written', async () => {
  const { history, directory, clock, writes } = await recording()
  directory.remove('b')
  await clock.advance(60 * minuteMs)
  await history.stop()
  expect(writes()).toBe(0)
})

test('a removed peer is forgotten, and begins anew when it comes back', async () => {
  const { history, directory, link, clock, store, saved } = await recording()
  directory.put(peer('c'))
  link.show({ state: 'Connected' })
  await clock.advance(SAVE_INTERVAL_MS)
  await saved(1)
  expect((await store.read())?.text).toContain('fp-b')
  directory.remove('b')
  expect(history.of('fp-b')).toEqual({ changes: [], samples: [] })
  await clock.advance(SAVE_INTERVAL_MS)
  await saved(2)
  expect((await store.read())?.text).not.toContain('fp-b')
  directory.put(peer('b'))
  expect(history.of('fp-b').samples).toEqual([])
})

test('a record nobody can read is begun anew, and replaced', async () => {
  const store = createMemoryDocumentStore('nonsense')
  const { history, clock } = await recording({ store })
  await clock.advance(minuteMs)
  expect(history.of('fp-b').samples).toHaveLength(1)
  await history.stop()
  expect((await store.read())?.text).toContain('fp-b')
})

test('a record that somebody else wrote meanwhile is overwritten', async () => {
  const { history, clock, store, saved } = await recording()
  await clock.advance(SAVE_INTERVAL_MS)
  await saved(1)
  store.put('{"peers":{}}')
  await clock.advance(SAVE_INTERVAL_MS)
  // Once in vain, and once over what is there.
  await saved(3)
  expect((await store.read())?.text).toContain('fp-b')
  expect(history.of('fp-b').samples).toHaveLength(10)
})

test('a cluster that does not answer does not hold up the end', async () => {
  const clock = new FakeClock()
  const store = {
    ...createMemoryDocumentStore(),
    write: (_text: string, _version: string | undefined, signal?: AbortSignal) =>
      new Promise<undefined>((_resolve, reject) => {
        const giveUp = (): void => reject(new Error('given up'))
        if (signal?.aborted === true) giveUp()
        else signal?.addEventListener('abort', giveUp)
      }),
  }
  const { history } = await recording({ store, clock })
  const stopped = history.stop()
  await clock.advance(2_000)
  await expect(stopped).resolves.toBeUndefined()
})
