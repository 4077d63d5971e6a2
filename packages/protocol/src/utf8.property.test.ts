import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8, encodeUtf8UpTo } from './utf8.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeByPlatform(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

describe('utf8', () => {
  test('encodes any string as the platform does, lone surrogates included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(encodeUtf8(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)))
      }),
    )
    expect(encodeUtf8('a\ud800b')).toEqual(new Uint8Array(new TextEncoder().encode('a\ud800b')))
  })

  test('decodes any bytes as the strict platform decoder does, or refuses them as it does', () => {
    const nearlyUtf8 = fc
      .tuple(fc.string({ unit: 'binary' }), fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([text, at, byte]) => {
        const bytes = encodeUtf8(text)
        if (bytes.length > 0) bytes[at % bytes.length] = byte
        return bytes
      })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), nearlyUtf8), (bytes) => {
        expect(decodeUtf8(bytes)).toBe(decodeByPlatform(bytes))
      }),
      { numRuns: 1_000 },
    )
  })

  test('cuts between characters', () => {
    expect(encodeUtf8UpTo('aé€', 3)).toEqual(encodeUtf8('aé'))
    expect(encodeUtf8UpTo('aé€', 5)).toEqual(encodeUtf8('aé'))
    expect(encodeUtf8UpTo('aé€', 6)).toEqual(encodeUtf8('aé€'))
  })
})
