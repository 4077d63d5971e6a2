import { describe, expect, test } from 'vitest'
import { decodeGoAway, decodeReset, encodeGoAway, encodeReset } from '../src/farewell.ts'
import { FrameDecoder } from '../src/frame-codec.ts'
import { FrameType } from '../src/frame.ts'
import { readHello } from '../src/hello.ts'
import { judgePair, type PairSession } from '../src/session-pair-rule.ts'
import { encodeUtf8 } from '../src/utf8.ts'
import farewells from './vectors/farewells.json' with { type: 'json' }
import frames from './vectors/frames.json' with { type: 'json' }
import hellos from './vectors/hellos.json' with { type: 'json' }
import pairRule from './vectors/pair-rule.json' with { type: 'json' }
import { frameBytes, RawPeer } from './support/raw-peer.ts'
import { concat } from './support/virtual-time.ts'

/** The examples of docs/protocol.md: another implementation can run them as well. */
const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('frames.json', () => {
  test.each(frames)('$name', (vector) => {
    const read: { type: number; flags: number; streamId: number; payload: string }[] = []
    let data = 0
    const decoder = new FrameDecoder({
      dataBegins: (streamId) => {
        data = read.push({ type: FrameType.Data, flags: 0, streamId, payload: '' })
        return true
      },
      data: (_streamId, part) => {
        read[data - 1]!.payload += toHex(part)
        return true
      },
      frame: (type, flags, streamId, payload) => {
        read.push({ type, flags, streamId, payload: toHex(payload) })
        return true
      },
    })
    const violation = decoder.push(fromHex(vector.hex))
    expect(read).toEqual(vector.frames)
    expect(violation?.code).toBe('violation' in vector ? vector.violation : undefined)
    if (violation === undefined && !vector.hex.startsWith('7080')) {
      const written = vector.frames.map(({ type, flags, streamId, payload }) =>
        frameBytes(type, streamId, fromHex(payload), flags),
      )
      expect(toHex(concat(written))).toBe(vector.hex)
    }
  })
})

describe('farewells.json', () => {
  test.each(farewells)('$frame $hex', ({ frame, hex, ...fields }) => {
    const decode = frame === 'Reset' ? decodeReset : decodeGoAway
    if (fields.code === undefined) {
      expect(decode(fromHex(hex)), fields.why).toBeUndefined()
      return
    }
    const { code, message, retryAfterMs } = fields
    expect(decode(fromHex(hex))).toMatchObject({ code, message })
    const encoded =
      frame === 'Reset'
        ? encodeReset({ code, message })
        : encodeGoAway({ code, message, retryAfterMs })
    expect(toHex(encoded)).toBe(hex)
  })
})

describe('hellos.json', () => {
  test.each(hellos)('$name', (vector) => {
    const payload = encodeUtf8(JSON.stringify(vector.hello))
    const reading = readHello(payload)
    expect(reading.kind).toBe(vector.valid ? 'hello' : 'invalid')
    if (reading.kind === 'invalid') {
      expect(reading.message).toContain('field' in vector ? `Hello: ${vector.field} ` : '')
    }
    const peer = new RawPeer({}, { role: 'dialler' })
    peer.sendFrame(FrameType.Hello, 0, payload)
    expect(peer.end?.code).toBe('endsWith' in vector ? vector.endsWith : undefined)
  })
})

describe('pair-rule.json', () => {
  test.each(pairRule)('$name', ({ sessions, verdict }) => {
    expect(judgePair(sessions satisfies readonly PairSession[])).toEqual(verdict)
  })
})
