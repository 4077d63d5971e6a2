import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, digest, patternBytes } from '../test/support/virtual-time.ts'
import { FrameDecoder, type FrameSink, FrameWriter, readUint32 } from './frame-codec.ts'
import { FrameFlag, FrameType, headerBytes, isKnownType, maxPayloadOf } from './frame.ts'

interface PlainFrame {
  readonly type: number
  readonly flags: number
  readonly streamId: number
  readonly payload: Uint8Array
}

/** Puts the parts of Data frames together again, so that fragmentation is invisible. */
class Collector implements FrameSink {
  readonly frames: PlainFrame[] = []
  #expected = 0
  #parts: Uint8Array[] = []
  #streamId = 0

  dataBegins(streamId: number, length: number): boolean {
    expect(this.#expected).toBe(0)
    this.#streamId = streamId
    this.#expected = length
    this.#parts = []
    if (length === 0) this.#finish()
    return true
  }

  data(streamId: number, part: Uint8Array): boolean {
    expect(streamId).toBe(this.#streamId)
    expect(part.length).toBeGreaterThan(0)
    this.#parts.push(part.slice())
    this.#expected -= part.length
    if (this.#expected === 0) this.#finish()
    return true
  }

  frame(type: FrameType, flags: number, streamId: number, payload: Uint8Array): boolean {
    this.frames.push({ type, flags, streamId, payload: payload.slice() })
    return true
  }

  #finish(): void {
    const payload = concat(this.#parts)
    this.frames.push({ type: FrameType.Data, flags: 0, streamId: this.#streamId, payload })
  }
}

/** The naive twin: has all bytes at once and knows no state. */
function decodeNaively(bytes: Uint8Array): PlainFrame[] {
  const frames: PlainFrame[] = []
  for (let at = 0; at + headerBytes <= bytes.length;) {
    const type = bytes[at]!
    const flags = bytes[at + 1]!
    const streamId = readUint32(bytes, at + 2)
    const length = readUint32(bytes, at + 6)
    const end = at + headerBytes + length
    if (end > bytes.length) break
    if (isKnownType(type)) {
      const payload = bytes.slice(at + headerBytes, end)
      frames.push({ type, flags: type === FrameType.Data ? 0 : flags, streamId, payload })
    }
    at = end
  }
  return frames
}

/** Its bytes follow from its length: to generate each of them at random takes most of the test. */
const payloadUpTo = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.nat({ max: maxLength }).map((length) => patternBytes(length, length))

const knownFrame = fc.constantFrom(...Object.values(FrameType)).chain((type) =>
  fc.record({
    type: fc.constant(type),
    flags: fc.integer({ min: 0, max: 255 }),
    streamId: fc.integer({ min: 0, max: 0xffff_ffff }),
    payload: payloadUpTo(Math.min(maxPayloadOf(type), 9_000)),
  }),
)

const ignorableFrame = fc.record({
  type: fc.integer({ min: 0xa, max: 255 }),
  flags: fc.integer({ min: 0, max: 255 }).map((flags) => flags | FrameFlag.Ignorable),
  streamId: fc.integer({ min: 0, max: 0xffff_ffff }),
  payload: fc.uint8Array({ maxLength: 300 }),
})

const frames = fc.array(fc.oneof({ weight: 4, arbitrary: knownFrame }, ignorableFrame), {
  maxLength: 12,
})

/** Where to cut: any number of places, small pieces as likely as large ones. */
const cuts = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 40 })

function comparable({ payload, ...header }: PlainFrame): object {
  return { ...header, payload: digest(payload) }
}

function encode(list: readonly PlainFrame[]): Uint8Array {
  const writer = new FrameWriter()
  for (const { type, flags, streamId, payload } of list) {
    writer.frame(type as FrameType, flags, streamId, payload)
  }
  return concat(writer.take())
}

function* fragments(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length]!
    yield bytes.subarray(at, at + size)
    at += size
  }
}

describe('the frame codec', () => {
  test('decodes like its naive twin, however the bytes are cut', () => {
    fc.assert(
      fc.property(frames, cuts, (list, sizes) => {
        const bytes = encode(list)
        const collector = new Collector()
        const decoder = new FrameDecoder(collector)
        for (const part of fragments(bytes, sizes)) expect(decoder.push(part)).toBeUndefined()
        expect(collector.frames.map(comparable)).toEqual(decodeNaively(bytes).map(comparable))
      }),
    )
  })

  test('gives back what was written, frames that may be ignored left out', () => {
    fc.assert(
      fc.property(frames, (list) => {
        const collector = new Collector()
        new FrameDecoder(collector).push(encode(list))
        const known = list
          .filter((frame) => isKnownType(frame.type))
          .map((frame) => (frame.type === FrameType.Data ? { ...frame, flags: 0 } : frame))
        expect(collector.frames.map(comparable)).toEqual(known.map(comparable))
      }),
    )
  })

  test('lays out the same bytes whether a payload comes in one part or in many', () => {
    fc.assert(
      fc.property(payloadUpTo(20_000), cuts, (payload, sizes) => {
        const whole = new FrameWriter()
        whole.frame(FrameType.Data, 0, 7, payload)
        const parts = new FrameWriter()
        parts.begin(FrameType.Data, 0, 7, payload.length)
        for (const part of fragments(payload, sizes)) parts.payload(part)
        expect(parts.pendingBytes).toBe(whole.pendingBytes)
        expect(digest(concat(parts.take()))).toBe(digest(concat(whole.take())))
      }),
    )
  })

  test('any bytes at all are frames or end in a violation with a name, never in an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), cuts, (bytes, sizes) => {
        const decoder = new FrameDecoder(new Collector())
        let violations = 0
        for (const part of fragments(bytes, sizes)) {
          const violation = decoder.push(part)
          if (violation === undefined) continue
          violations += 1
          expect(violation.code).toMatch(/^(UnknownFrame|FrameTooLarge)$/)
        }
        expect(violations).toBeLessThanOrEqual(1)
      }),
    )
  })
})
