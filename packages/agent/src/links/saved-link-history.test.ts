import { seededRandom } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { MAX_SAMPLES, SAMPLE_INTERVAL_MS, type LinkPast } from './link-history.ts'
import { decodePasts, encodePasts, MAX_SAVED_BYTES } from './saved-link-history.ts'

const nowMs = Date.UTC(2030, 0, 2)

/** A full day of a link that is used, with numbers that do not pack well. */
function aDay(seed: number): LinkPast {
  const random = seededRandom(seed)
  const upTo = (most: number): number => Math.floor(random.next() * most)
  return {
    changes: [
      { atMs: nowMs, state: 'Connecting', message: 'The agent started' },
      { atMs: nowMs + 5, state: 'Connected', transport: 'wss', direction: 'outbound' },
    ],
    samples: Array.from({ length: MAX_SAMPLES }, (_, i) => ({
      atMs: nowMs + i * SAMPLE_INTERVAL_MS + upTo(20),
      ...(random.next() < 0.9 && { latencyMs: upTo(500) / 10 }),
      receivedBytes: upTo(50_000_000),
      sentBytes: upTo(50_000_000),
      connectedSeconds: upTo(61),
    })),
  }
}

test('what was saved is read back as it was', async () => {
  const pasts = new Map([
    ['aa', aDay(1)],
    ['bb', { changes: [], samples: [] }],
  ])
  expect(await decodePasts(await encodePasts(pasts))).toEqual(pasts)
})

test('a busy day of one link is a few dozen KiB', async () => {
  const { length } = await encodePasts(new Map([['aa', aDay(1)]]))
  expect(length).toBeLessThan(40 * 1024)
})

test('with many peers each is saved for a shorter time, the newest of it', async () => {
  const pasts = new Map(Array.from({ length: 60 }, (_, i) => [`peer-${i}`, aDay(i)]))
  const text = await encodePasts(pasts)
  expect(text.length).toBeLessThan(1.1 * MAX_SAVED_BYTES)
  const saved = await decodePasts(text)
  expect(saved.size).toBe(60)
  for (const [name, past] of saved) {
    expect(past.samples.length).toBeGreaterThanOrEqual(80)
    expect(past.samples.at(-1)).toEqual(pasts.get(name)?.samples.at(-1))
  }
})

test('where not even one entry fits, nothing of a peer is saved', async () => {
  expect(await decodePasts(await encodePasts(new Map([['aa', aDay(1)]]), 10))).toEqual(
    new Map([['aa', { changes: [], samples: [] }]]),
  )
})

const packed = (peers: Record<string, unknown>): string => JSON.stringify({ peers })

test.each([
  ['something that is not JSON', 'nonsense'],
  ['another shape', '{"peers":[]}'],
  ['what does not unpack', packed({ aa: 'AAAA' })],
  ['what is no text', packed({ aa: 7 })],
])('%s is refused', async (_name, text) => {
  await expect(decodePasts(text)).rejects.toThrow()
})
