import { describe, expect, test } from 'vitest'
import { eventsOf, openStream, type PairOptions, upPair } from '../test/support/session-pair.ts'
import type { TestStream } from '../test/support/test-stream.ts'
import { frameBytes, RawPeer } from '../test/support/raw-peer.ts'
import { retainedBytes } from '../test/support/retained-memory.ts'
import { concat, digest, patternBytes, type VirtualTime } from '../test/support/virtual-time.ts'
import { decodeReset, encodeReset } from './farewell.ts'
import { FrameType } from './frame.ts'
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

describe('one stalled reader', () => {
  /** What a hundred live streams got in ten seconds, and how long an echo beside them took at worst. */
  function live(stalledReaders: number): { readonly bytes: number; readonly echoMs: number } {
    const { time, a, b } = upPair({ link: wan, keepsBytes: false })
    const stalled = Array.from({ length: stalledReaders }, () => openStream(a))
    time.advance(100)
    for (const { stream } of b.accepted) stream.handle(deaf)
    stalled.forEach(keepSending)
    Array.from({ length: 100 }, () => openStream(a)).forEach(keepSending)
    time.advance(5_000)
    const readers = b.accepted.slice(stalledReaders)
    const received = (): number =>
      readers.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0)
    const before = received()
    time.advance(10_000)
    const bytes = received() - before
    const echo = openStream(a)
    time.advance(300)
    const server = b.accepted.at(-1)!
    const times = Array.from({ length: 50 }, () => echoTime(time, echo, server))
    expect(b.session.stats().unreadBytes).toBe(stalledReaders * 256 * KiB)
    return { bytes, echoMs: Math.max(...times) }
  }

  test('costs a hundred live streams nothing, in bytes or in time', () => {
    const without = live(0)
    const beside = live(1)
    expect(beside.bytes / without.bytes).toBeGreaterThan(0.99)
    expect(beside.echoMs / without.echoMs).toBeLessThan(1.05)
  })

  test('and thirty of them next to nothing, though all windows together are more than the session may hold', () => {
    const without = live(0)
    const beside = live(30)
    expect(beside.bytes / without.bytes).toBeGreaterThan(0.95)
    expect(beside.echoMs / without.echoMs).toBeLessThan(1.05)
  })
})

describe('sixty-four bulk streams', () => {
  test('leave an echo beside them within a round trip and 100 ms, and fill the link', () => {
    const { time, a, b } = saturated({}, 64)
    const echo = openStream(a)
    time.advance(300)
    const server = b.accepted.at(-1)!
    const before = { bytes: b.session.stats().bytesReceived, at: time.now() }
    const times: number[] = []
    for (let i = 0; i < 300; i += 1) {
      times.push(echoTime(time, echo, server))
      time.advance(100)
    }
    times.sort((x, y) => x - y)
    expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(rttMs + 100)
    const rate = (b.session.stats().bytesReceived - before.bytes) / (time.now() - before.at)
    expect(rate).toBeGreaterThan(0.9 * wan.bytesPerMs)
  })

  test('get as much as each other', () => {
    const { time, b } = saturated({}, 64)
    const before = b.accepted.map(({ receivedBytes }) => receivedBytes)
    time.advance(20_000)
    const got = b.accepted.map(({ receivedBytes }, i) => receivedBytes - (before[i] ?? 0))
    expect(Math.min(...got) / Math.max(...got)).toBeGreaterThan(0.8)
  })
})

describe('ten thousand streams opened and reset in a minute', () => {
  test('are all taken, and nothing of them is left', () => {
    const { time, a, b } = upPair({ keepsBytes: false })
    const minute = (): void => {
      for (let tick = 0; tick < 1_000; tick += 1) {
        for (let i = 0; i < 10; i += 1) {
          const end = openStream(a).send(new Uint8Array(100))
          if (i % 2 === 0) end.stream.reset('Cancelled')
          else time.advance(1)
          end.stream.reset('Cancelled')
        }
        time.advance(55)
        b.accepted.length = 0
      }
    }
    minute()
    const before = retainedBytes()
    minute()
    const growth = retainedBytes() - before
    expect(growth).toBeLessThan(512 * KiB)
    expect(b.session.stats()).toMatchObject({ streamsRefused: 0, streamsAccepted: 20_000 })
    for (const { session } of [a, b])
      expect(session.stats()).toMatchObject({ openStreams: 0, unreadBytes: 0 })
  })

  test('are a twelfth of what a peer may open; beyond that it is told so, and nothing else happens', () => {
    const peer = new RawPeer()
    peer.greet()
    const opens = Array.from({ length: 10_000 }, (_, i) => [
      frameBytes(FrameType.Open, 2 * i + 1, encodeUtf8('{"kind":"rpc"}')),
      frameBytes(FrameType.Reset, 2 * i + 1, encodeReset({ code: 'Cancelled', message: '' })),
    ])
    peer.send(concat(opens.flat()))
    expect(peer.session.stats()).toMatchObject({
      streamsAccepted: 2_000,
      streamsRefused: 8_000,
      openStreams: 0,
    })
    expect(peer.session.state.kind).toBe('up')
    const refusals = peer.framesOf(FrameType.Reset).map(({ payload }) => decodeReset(payload)?.code)
    expect(new Set(refusals)).toEqual(new Set(['OpenRateExceeded']))
  })
})

const deaf = { onReadable: () => undefined, onWritable: () => undefined, onClosed: () => undefined }

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
