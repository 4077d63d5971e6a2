/** Text on the wire. The language has no codec of its own, and the platform's would be a dependency on one. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text) appendCodePoint(bytes, character.codePointAt(0) ?? replacement)
  return Uint8Array.from(bytes)
}

/** As much of the text as fits, cut between characters. */
export function encodeUtf8UpTo(text: string, maxBytes: number): Uint8Array {
  const bytes: number[] = []
  for (const character of text) {
    const before = bytes.length
    appendCodePoint(bytes, character.codePointAt(0) ?? replacement)
    if (bytes.length > maxBytes) {
      bytes.length = before
      break
    }
  }
  return Uint8Array.from(bytes)
}

/** Undefined if the bytes are not UTF-8: over-long forms, surrogates and cut characters included. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0
    const length = sequenceLength(lead)
    if (length === undefined || at + length > bytes.length) return undefined
    let codePoint = length === 1 ? lead : lead & (0x7f >> length)
    for (let i = 1; i < length; i += 1) {
      const byte = bytes[at + i] ?? 0
      if ((byte & 0xc0) !== 0x80) return undefined
      codePoint = (codePoint << 6) | (byte & 0x3f)
    }
    if (codePoint < (smallestOf[length] ?? 0) || !isScalar(codePoint)) return undefined
    text += String.fromCodePoint(codePoint)
    at += length
  }
  return text
}

const replacement = 0xfffd
const smallestOf = [0, 0, 0x80, 0x800, 0x1_0000] as const

function sequenceLength(lead: number): number | undefined {
  if (lead < 0x80) return 1
  if (lead < 0xc0) return undefined
  if (lead < 0xe0) return 2
  if (lead < 0xf0) return 3
  return lead < 0xf8 ? 4 : undefined
}

function isScalar(codePoint: number): boolean {
  return codePoint <= 0x10_ffff && !(codePoint >= 0xd800 && codePoint <= 0xdfff)
}

function appendCodePoint(bytes: number[], given: number): void {
  // Half a surrogate pair has no encoding; what a peer cannot decode would end the session.
  const codePoint = isScalar(given) ? given : replacement
  if (codePoint < 0x80) {
    bytes.push(codePoint)
  } else if (codePoint < 0x800) {
    bytes.push(0xc0 | (codePoint >> 6), continuation(codePoint))
  } else if (codePoint < 0x1_0000) {
    bytes.push(0xe0 | (codePoint >> 12), continuation(codePoint >> 6), continuation(codePoint))
  } else {
    bytes.push(
      0xf0 | (codePoint >> 18),
      continuation(codePoint >> 12),
      continuation(codePoint >> 6),
      continuation(codePoint),
    )
  }
}

function continuation(bits: number): number {
  return 0x80 | (bits & 0x3f)
}
