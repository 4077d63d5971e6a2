import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frameBytes, RawPeer } from '../test/support/raw-peer.ts'
import { openStream, type Side, sessionPair, upPair } from '../test/support/session-pair.ts'
import type { TestStream } from '../test/support/test-stream.ts'
import { concat, digest, patternBytes } from '../test/support/virtual-time.ts'
import { FrameFlag, FrameType } from './frame.ts'
import { encodeHello } from './hello.ts'
import { aHello } from '../test/support/session-pair.ts'
import { defaultLimits } from './limits.ts'

/** What may happen on a link: streams are opened, written, read, paused, closed and reset on both sides. */
const happening = fc.record({
  what: fc.constantFrom(
    'open' as const,
    'send' as const,
    'send' as const,
    'send' as const,
    'close' as const,
    'reset' as const,
    'pause' as const,
    'resume' as const,
    'wait' as const,
    'stopLink' as const,
    'startLink' as const,
  ),
  side: fc.constantFrom('a' as const, 'b' as const),
  pick: fc.nat({ max: 20 }),
  amount: fc.integer({ min: 1, max: 400_000 }),
})

const happenings = fc.array(happening, { minLength: 5, maxLength: 60, size: 'max' })

const links = fc.constantFrom(
  { delayMs: 0, bytesPerMs: Number.POSITIVE_INFINITY, bufferBytes: Number.POSITIVE_INFINITY },
  { delayMs: 5, bytesPerMs: 10_000, bufferBytes: 64 * 1024 },
  { delayMs: 40, bytesPerMs: 2_000, bufferBytes: 1024 * 1024 },
)

/** Small windows, so that every bound is met often. */
const limits = {
  initialWindowBytes: 32 * 1024,
  maxWindowBytes: 128 * 1024,
  sendBufferBytes: 16 * 1024,
  bulkAfterBytes: 50_000,
}

describe('a session under any schedule', () => {
  test('delivers every byte of every stream once and in order, or resets the stream on both sides', () => {
    fc.assert(
      fc.property(links, happenings, (link, story) => {
        const { time, a, b } = upPair({ link, limits: { a: limits, b: limits } })
        const ends = new Map<TestStream, { sent: Uint8Array[]; isClosed: boolean }>()
        const endsOf = (side: Side): TestStream[] => [...(opened.get(side) ?? []), ...side.accepted]
        const opened = new Map<Side, TestStream[]>([
          [a, []],
          [b, []],
        ])
        const stateOf = (end: TestStream): { sent: Uint8Array[]; isClosed: boolean } => {
          const state = ends.get(end) ?? { sent: [], isClosed: false }
          ends.set(end, state)
          return state
        }
        for (const { what, side: name, pick, amount } of story) {
          const side = name === 'a' ? a : b
          const candidates = endsOf(side)
          const end = candidates[pick % Math.max(1, candidates.length)]
          if (what === 'open') opened.get(side)?.push(openStream(side))
          else if (what === 'wait') time.advance(amount / 4_000)
          else if (what === 'stopLink') side.out.stop()
          else if (what === 'startLink') side.out.goOn()
          else if (end === undefined) continue
          else if (what === 'pause') end.pause()
          else if (what === 'resume') end.resume()
          else if (what === 'reset') end.stream.reset('Cancelled', 'because')
          else if (what === 'close') {
            stateOf(end).isClosed = true
            end.close()
          } else if (!stateOf(end).isClosed && end.outcome === undefined) {
            const bytes = patternBytes(amount, amount)
            stateOf(end).sent.push(bytes)
            end.send(bytes, 1 + (amount % 30_000))
          }
        }
        a.out.goOn()
        b.out.goOn()
        for (const side of [a, b]) for (const end of endsOf(side)) end.resume()
        time.advance(20_000)
        for (const side of [a, b]) for (const end of endsOf(side)) end.close()
        time.advance(20_000)

        expect([a.session.state.kind, b.session.state.kind]).toEqual(['up', 'up'])
        for (const [side, other] of [
          [a, b],
          [b, a],
        ] as const) {
          for (const end of opened.get(side) ?? []) {
            const far = other.accepted.find((accepted) => accepted.stream.id === end.stream.id)
            expect(end.outcomes).toHaveLength(1)
            // Reset before its Open left: the other side never heard of it, or heard both at once.
            if (far === undefined) continue
            expect(far.outcomes).toHaveLength(1)
            for (const [here, there] of [
              [end, far],
              [far, end],
            ] as const) {
              if (here.outcome?.kind === 'closed') {
                expect(digest(here.received)).toBe(digest(concat(stateOf(there).sent)))
              } else if (there.outcome?.kind === 'closed') {
                // Complete over there before our change of mind arrived.
                expect(here.outcome).toMatchObject({ kind: 'reset', by: 'local' })
              }
            }
          }
          expect(side.session.stats()).toMatchObject({ openStreams: 0, unreadBytes: 0 })
          // Only what is too little to be acknowledged is still counted as in flight.
          expect(side.session.stats().inFlightBytes).toBeLessThan(16 * 1024)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('never has more in flight, unread or granted than its limits say', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat({ max: 1_000 }), (streams, seed) => {
        const bounds = { maxUnreadBytes: 200_000, maxInFlightBytes: 100_000 }
        const { time, a, b } = upPair({
          seed,
          link: { delayMs: 10, bytesPerMs: 5_000, bufferBytes: 1e9 },
          limits: { a: { ...limits, ...bounds }, b: { ...limits, ...bounds } },
        })
        const opened = Array.from({ length: streams }, () => openStream(a))
        time.advance(30)
        for (const accepted of b.accepted) if (accepted.stream.id % 4 === 1) accepted.pause()
        for (const end of opened) end.send(patternBytes(300_000))
        for (let i = 0; i < 100; i += 1) {
          time.advance(10)
          expect(a.session.stats().inFlightBytes).toBeLessThanOrEqual(100_000)
          expect(b.session.stats().unreadBytes).toBeLessThanOrEqual(200_000)
        }
        const resets = opened.filter((end) => end.outcome?.kind === 'reset')
        for (const end of resets) {
          expect(end.outcome).toMatchObject({ code: 'SessionMemoryExceeded' })
          expect(end.stream.id % 4).toBe(1)
        }
      }),
      { numRuns: 20 },
    )
  })
})

const anyFrame = fc
  .record({
    type: fc.oneof(fc.constantFrom(...Object.values(FrameType)), fc.integer({ min: 0, max: 255 })),
    flags: fc.constantFrom(0, FrameFlag.Ignorable, FrameFlag.Quiet, 0xff),
    streamId: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.nat({ max: 0xffff_ffff })),
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      fc.nat({ max: 70_000 }).map((length) => new Uint8Array(length)),
    ),
  })
  .map(({ type, flags, streamId, payload }) => frameBytes(type, streamId, payload, flags))

/** Frames an honest peer could send, so that the session lives long enough to reach odd states. */
const plausibleFrame = fc
  .record({
    type: fc.constantFrom(FrameType.Open, FrameType.Data, FrameType.Data, FrameType.Close),
    streamId: fc.constantFrom(1, 3, 5, 7),
    size: fc.nat({ max: 6_000 }),
  })
  .map(({ type, streamId, size }) =>
    frameBytes(type, streamId, new Uint8Array(type === FrameType.Close ? 0 : size)),
  )

const hostile = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: plausibleFrame },
    { weight: 2, arbitrary: anyFrame },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }) },
  ),
  { maxLength: 40, size: 'max' },
)

describe('a hostile peer', () => {
  test('cannot make receive throw or memory grow: the session goes on or ends with a code', () => {
    fc.assert(
      fc.property(
        hostile,
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 50, max: 20_000 }),
        (frames, greets, reads, cut) => {
          const bounds = {
            maxUnreadBytes: 64_000,
            maxControlBytes: 20_000,
            initialWindowBytes: 40_000,
          }
          const peer = new RawPeer(bounds)
          peer.isReadingStreams = reads
          peer.takesBytes = reads
          if (greets) peer.sendFrame(FrameType.Hello, 0, encodeHello(aHello('a'), defaultLimits))
          const bytes = concat(frames)
          for (let at = 0; at < bytes.length; at += cut) {
            peer.send(bytes.slice(at, at + cut))
            const stats = peer.session.stats()
            expect(stats.unreadBytes).toBeLessThanOrEqual(64_000)
            expect(stats.unreadBytes).toBeGreaterThanOrEqual(0)
          }
          peer.time.advance(60_000)
          // It never answered a Ping of ours.
          expect(peer.end?.code).toMatch(/^[A-Z][A-Za-z0-9]+$/)
          expect(peer.closed).toBe(1)
          expect(peer.events.filter((event) => event.kind === 'ended')).toHaveLength(1)
          expect(peer.events.filter((event) => event.kind === 'callbackFailed')).toEqual([])
          for (const stream of peer.accepted) expect(stream.outcomes.length).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('cannot do so with a Hello either', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), helloish()), (payload) => {
        const peer = new RawPeer()
        peer.sendFrame(FrameType.Hello, 0, payload)
        if (peer.session.state.kind !== 'up') {
          expect(peer.end?.code).toMatch(/^(HelloInvalid|VersionMismatch)$/)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

test('two sessions whose connection is cut into any pieces agree', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1_000_000 }), (seed) => {
      const { time, a, b } = sessionPair({
        seed,
        link: { delayMs: seed % 7, bytesPerMs: 1 + (seed % 3_000), bufferBytes: seed % 100_000 },
      })
      time.advance(9_000)
      expect([a.session.state.kind, b.session.state.kind]).toEqual(['up', 'up'])
    }),
    { numRuns: 50 },
  )
})

/** A valid Hello with one field replaced by anything JSON can say. */
function helloish(): fc.Arbitrary<Uint8Array> {
  const fields = [
    'versions',
    'bootId',
    'dialSeq',
    'replaces',
    'confirmed',
    'agentVersion',
    'features',
  ]
  return fc
    .record({ field: fc.constantFrom(...fields, 'limits'), value: fc.jsonValue() })
    .map(({ field, value }) => {
      const hello: unknown = JSON.parse(
        new TextDecoder().decode(encodeHello(aHello('a'), defaultLimits)),
      )
      return new TextEncoder().encode(JSON.stringify(Object.assign({}, hello, { [field]: value })))
    })
}
