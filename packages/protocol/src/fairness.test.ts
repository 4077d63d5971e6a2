import { describe, expect, test } from 'vitest'
import { eventsOf, openStream, type PairOptions, upPair } from '../test/support/session-pair.ts'
import type { TestStream } from '../test/support/test-stream.ts'
import { digest, patternBytes, type VirtualTime } from '../test/support/virtual-time.ts'
import { encodeUtf8 } from './utf8.ts'

const KiB = 1024
const MiB = 1024 * KiB

/** 50 Mbit/s, a round trip of 80 ms, and buffers on the way that swallow seconds of it. */
const wan = { delayMs: 40, bytesPerMs: 6_250, bufferBytes: 4 * MiB }
const rttMs = 80

describe('while bulk saturates a 50 Mbit/s link of 80 ms', () => {
  test('it fills the link', () => {
    const { time, b } = saturated()
    const before = b.session.stats().bytesReceived
    time.advance(4_000)
    const bytesPerMs = (b.session.stats().bytesReceived - before) / 4_000
    expect(bytesPerMs).toBeGreaterThan(0.95 * wan.bytesPerMs)
  })

  test('what is in flight stays within its bound, and the bound near what the path holds', () => {
    const { time, a } = saturated()
    const path = wan.bytesPerMs * (rttMs + 50)
    for (let i = 0; i < 1_000; i += 1) {
      time.advance(5)
      const { inFlightBytes, inFlightBoundBytes } = a.session.stats()
      expect(inFlightBytes).toBeLessThanOrEqual(inFlightBoundBytes + 64 * KiB)
      expect(inFlightBoundBytes).toBeLessThan(1.25 * path)
    }
  })

  test('an echo takes no longer than a round trip and 100 ms, minutes into it', () => {
    const { time, a, b } = saturated()
    const echo = openStream(a)
    time.advance(100)
    const server = b.accepted.at(-1)!
    const times: number[] = []
    for (let i = 0; i < 400; i += 1) {
      times.push(echoTime(time, echo, server))
      time.advance(150)
    }
    times.sort((x, y) => x - y)
    expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(rttMs + 100)
    expect(times.at(-1)).toBeLessThan(rttMs + 160)
  })

  test('a stream that was never bulk is not held up by a hundred that are', () => {
    const { time, a, b } = saturated({}, 100)
    time.advance(10_000)
    const echo = openStream(a)
    time.advance(300)
    expect(echoTime(time, echo, b.accepted.at(-1)!)).toBeLessThan(rttMs + 100)
  })

  test('both directions at once do not build queues on each other', () => {
    const { time, a, b } = saturated()
    const back = openStream(b)
    keepSending(back)
    const echo = openStream(a)
    time.advance(90_000)
    const server = b.accepted.at(-1)!
    expect(echoTime(time, echo, server)).toBeLessThan(rttMs + 150)
    expect(a.session.stats().minRttMs).toBeLessThan(rttMs + 20)
    expect(b.session.stats().minRttMs).toBeLessThan(rttMs + 20)
  })

  test('the link’s pings are answered in time', () => {
    const { time, a } = saturated()
    time.advance(30_000)
    expect(eventsOf(a, 'suspect')).toEqual([])
    expect(Math.max(...eventsOf(a, 'answered').map((event) => event.rttMs))).toBeLessThan(
      rttMs + 100,
    )
  })
})

describe('a pooled stream that sent a large request', () => {
  test('is interactive again with its next one', () => {
    const { time, a, b } = saturated()
    const pooled = openStream(a)
    time.advance(100)
    const server = b.accepted.at(-1)!
    pooled.send(new Uint8Array(2 * MiB))
    time.advance(20_000)
    expect(server.receivedBytes).toBe(2 * MiB)
    server.send(encodeUtf8('response'))
    time.advance(500)
    expect(echoTime(time, pooled, server)).toBeLessThan(rttMs + 100)
  })
})

describe('windows', () => {
  test('of one stream grow until it fills a path that is longer than the first window', () => {
    const { time, a, b } = upPair({ link: { ...wan, bytesPerMs: 62_500 }, keepsBytes: false })
    keepSending(openStream(a))
    time.advance(5_000)
    const before = b.session.stats().bytesReceived
    time.advance(1_000)
    // The first window of 256 KiB alone would carry 3 200 bytes per millisecond.
    expect((b.session.stats().bytesReceived - before) / 1_000).toBeGreaterThan(50_000)
  })

  test('carry 4 MiB each way on ten streams, intact', () => {
    const { time, a, b } = upPair({ link: { ...wan, bytesPerMs: 100_000 } })
    const there = patternBytes(4 * MiB, 1)
    const back = patternBytes(4 * MiB, 2)
    const streams = Array.from({ length: 10 }, () => openStream(a).send(there).close())
    time.advance(100)
    for (const accepted of b.accepted) accepted.send(back).close()
    time.advance(60_000)
    expect(new Set(b.accepted.map((stream) => digest(stream.received)))).toEqual(
      new Set([digest(there)]),
    )
    expect(new Set(streams.map((stream) => digest(stream.received)))).toEqual(
      new Set([digest(back)]),
    )
    expect(streams.every((stream) => stream.outcome?.kind === 'closed')).toBe(true)
  })
})

/** A pair whose a sends to b as fast as it may, on one or more streams, for some seconds already. */
function saturated(options: PairOptions = {}, streams = 1): ReturnType<typeof upPair> {
  const pair = upPair({ link: wan, keepsBytes: false, ...options })
  for (let i = 0; i < streams; i += 1) keepSending(openStream(pair.a))
  pair.time.advance(5_000)
  return pair
}

function keepSending({ stream }: TestStream): void {
  const chunk = new Uint8Array(64 * KiB)
  const pump = (): void => {
    while (stream.write(chunk));
  }
  stream.handle({ onReadable: () => undefined, onWritable: pump, onClosed: () => undefined })
  pump()
}

/** From the first byte sent to the last one back, to the millisecond. */
function echoTime(time: VirtualTime, echo: TestStream, server: TestStream): number {
  const start = time.now()
  const question = server.receivedBytes + 100
  const answer = echo.receivedBytes + 100
  echo.send(new Uint8Array(100))
  while (server.receivedBytes < question) time.advance(1)
  server.send(new Uint8Array(100))
  while (echo.receivedBytes < answer) time.advance(1)
  return time.now() - start
}
