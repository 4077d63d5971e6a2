import type { ApiEvent } from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createMemoryDirectory } from '../../test/support/memory-directory.ts'
import type { LinkFacts } from './link-facts.ts'
import { tellLinkFigures, TELL_INTERVAL_MS } from './link-figures.ts'

function aPage() {
  const clock = new FakeClock()
  const directory = createMemoryDirectory()
  for (const name of ['b', 'c'])
    directory.put({ name, uid: name, fingerprint: name, caCertificatePem: '', confirmed: true })
  const facts = new Map<string, LinkFacts>()
  const none: LinkFacts = { receivedBytes: 0, sentBytes: 0, openStreams: 0 }
  const told: ApiEvent[] = []
  let asked = 0
  let listeners = 0
  let arrived = (): void => undefined
  const teller = tellLinkFigures({
    links: {
      facts(fingerprint) {
        asked++
        return facts.get(fingerprint) ?? none
      },
    },
    directory,
    clock,
    audience: {
      tell: (event) => told.push(event),
      isPresent: () => listeners > 0,
      onArrival: (listener) => {
        arrived = listener
      },
    },
  })
  onTestFinished(() => teller.stop())
  return {
    clock,
    told,
    asked: () => asked,
    come: () => {
      listeners++
      arrived()
    },
    leave: () => listeners--,
    link: (name: string, next: Partial<LinkFacts>) =>
      facts.set(name, { ...(facts.get(name) ?? none), ...next }),
  }
}

test('nothing is looked at while nobody listens', async () => {
  const { clock, asked, told } = aPage()
  await clock.advance(60_000)
  expect([asked(), told]).toEqual([0, []])
  expect(clock.delays).toEqual([])
})

test('who comes is told of every link, and then only of those that change', async () => {
  const { clock, told, come, link } = aPage()
  link('b', { latencyMs: 12.34, receivedBytes: 1_000 })
  come()
  await clock.advance(TELL_INTERVAL_MS)
  expect(told).toEqual([
    {
      type: 'links',
      links: [
        { peer: 'b', latencyMs: 12.3, receivedBytesPerSecond: 0, sentBytesPerSecond: 0 },
        { peer: 'c', receivedBytesPerSecond: 0, sentBytesPerSecond: 0 },
      ],
    },
  ])
  await clock.advance(5 * TELL_INTERVAL_MS)
  expect(told).toHaveLength(1)
  link('c', { receivedBytes: 500, sentBytes: 4_000 })
  await clock.advance(TELL_INTERVAL_MS)
  expect(told.slice(1)).toEqual([
    {
      type: 'links',
      links: [{ peer: 'c', receivedBytesPerSecond: 250, sentBytesPerSecond: 2_000 }],
    },
  ])
  await clock.advance(TELL_INTERVAL_MS)
  expect(told[2]).toMatchObject({ links: [{ peer: 'c', receivedBytesPerSecond: 0 }] })
})

test('a second page is told of every link too', async () => {
  const { clock, told, come } = aPage()
  come()
  await clock.advance(3 * TELL_INTERVAL_MS)
  come()
  await clock.advance(TELL_INTERVAL_MS)
  expect(told.map((event) => event.type === 'links' && event.links.length)).toEqual([2, 2])
})

test('it ends with the last listener, and what was carried meanwhile is no rate', async () => {
  const { clock, told, come, leave, link, asked } = aPage()
  come()
  await clock.advance(TELL_INTERVAL_MS)
  leave()
  await clock.advance(TELL_INTERVAL_MS)
  const before = asked()
  await clock.advance(60_000)
  expect(asked()).toBe(before)
  link('b', { receivedBytes: 9_000_000 })
  come()
  await clock.advance(TELL_INTERVAL_MS)
  expect(told.at(-1)).toMatchObject({ links: [{ receivedBytesPerSecond: 0 }, {}] })
})
