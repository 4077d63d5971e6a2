import { expect, test } from 'vitest'
import {
  kept,
  MAX_CHANGES,
  MAX_SAMPLES,
  noPast,
  recalled,
  SAMPLE_INTERVAL_MS,
  withChange,
  withSample,
  type LinkPast,
  type PastChange,
} from './link-history.ts'

const hourMs = 60 * 60_000
const nowMs = Date.UTC(2030, 0, 2)

const sampleAt = (atMs: number) => ({
  atMs,
  receivedBytes: 1,
  sentBytes: 2,
  connectedSeconds: 60,
})

const after = (...changes: readonly PastChange[]): LinkPast => changes.reduce(withChange, noPast)
const up = (atMs: number): PastChange => ({ atMs, state: 'Connected', transport: 'wss' })
const down = (atMs: number, message?: string): PastChange => ({
  atMs,
  state: 'Disconnected',
  ...(message !== undefined && { message }),
})

test('each change of the link is there once, with the reason it came about', () => {
  const past = after(up(nowMs), down(nowMs + 1, 'lost'), down(nowMs + 2, 'refused'), up(nowMs + 3))
  expect(past.changes.map(({ state, message }) => [state, message])).toEqual([
    ['Connected', undefined],
    ['Disconnected', 'lost'],
    ['Connected', undefined],
  ])
})

test('a reason that comes later is given to the change it explains', () => {
  const past = after(down(nowMs), down(nowMs + 9, 'no route'))
  expect(past.changes).toEqual([down(nowMs, 'no route')])
})

test('another transport is a change, though the state stays', () => {
  expect(after(up(nowMs), { ...up(nowMs + 60_000), transport: 'ws' }).changes).toHaveLength(2)
})

test('two sessions that cross are one change, and it tells of the one that stayed', () => {
  const dialled = { ...up(nowMs), direction: 'outbound' } as const
  const accepted = { ...up(nowMs + 40), direction: 'inbound' } as const
  const kept = { ...up(nowMs + 80), direction: 'outbound', transport: 'ws' } as const
  expect(after(dialled, accepted, kept).changes).toEqual([{ ...kept, atMs: nowMs }])
})

test('a link that is lost and back at once was lost all the same', () => {
  expect(after(up(nowMs), down(nowMs + 1), up(nowMs + 2)).changes).toHaveLength(3)
})

test('of more changes than the bound the oldest go', () => {
  const flapping = Array.from({ length: MAX_CHANGES + 3 }, (_, i) =>
    i % 2 === 0 ? up(nowMs + i) : down(nowMs + i),
  )
  const { changes } = after(...flapping)
  expect(changes).toHaveLength(MAX_CHANGES)
  expect(changes[0]?.atMs).toBe(nowMs + 3)
})

test('a day of samples is kept, and no more', () => {
  let past = noPast
  for (let i = 0; i < MAX_SAMPLES + 10; i++)
    past = withSample(past, sampleAt(nowMs + i * SAMPLE_INTERVAL_MS))
  expect(past.samples).toHaveLength(MAX_SAMPLES)
  expect(past.samples[0]?.atMs).toBe(nowMs + 10 * SAMPLE_INTERVAL_MS)
})

test('after a day without samples the old ones are gone, however few there are', () => {
  const past = withSample(withSample(noPast, sampleAt(nowMs)), sampleAt(nowMs + 25 * hourMs))
  expect(past.samples.map(({ atMs }) => atMs)).toEqual([nowMs + 25 * hourMs])
})

test('of changes older than a day the last stays, because the link was as it says', () => {
  const past = after(down(nowMs), up(nowMs + hourMs), down(nowMs + 40 * hourMs))
  expect(kept(past, nowMs + 48 * hourMs).changes.map(({ atMs }) => atMs - nowMs)).toEqual([
    hourMs,
    40 * hourMs,
  ])
  expect(kept(past, nowMs + 900 * hourMs).changes).toEqual([down(nowMs + 40 * hourMs)])
})

test('what a peer says at length is cut', () => {
  const [change] = after(down(nowMs, 'x'.repeat(5_000))).changes
  expect(change?.message).toHaveLength(256)
})

test('what was saved by a clock that was ahead is left out', () => {
  const past = withSample(after(up(nowMs), down(nowMs + hourMs)), sampleAt(nowMs + hourMs))
  expect(recalled(past, nowMs + 1)).toEqual({ changes: [up(nowMs)], samples: [] })
})
