import { isChannelCode, maxCodeBytes, maxMessageBytes, SessionCode } from './channel-code.ts'
import { readUint32, writeUint32 } from './frame-codec.ts'
import { decodeUtf8, encodeUtf8UpTo } from './utf8.ts'

/** Why something ended, as Reset and GoAway carry it: one byte of code length, the code, the message. */
export interface Farewell {
  readonly code: string
  readonly message: string
}

export interface GoAwayFarewell extends Farewell {
  readonly retryAfterMs: number | undefined
}

export function encodeReset({ code, message }: Farewell): Uint8Array {
  return encodeFarewell(0, code, message)
}

/** Undefined if it cannot be read. */
export function decodeReset(payload: Uint8Array): Farewell | undefined {
  return decodeFarewell(payload, 0)
}

/** Four bytes of milliseconds, zero for "nothing to say", come first. */
export function encodeGoAway({ code, message, retryAfterMs }: GoAwayFarewell): Uint8Array {
  const payload = encodeFarewell(4, code, message)
  writeUint32(payload, 0, Math.min(0xffff_ffff, Math.max(0, Math.ceil(retryAfterMs ?? 0))))
  return payload
}

export function decodeGoAway(payload: Uint8Array): GoAwayFarewell | undefined {
  if (payload.length < 4) return undefined
  const farewell = decodeFarewell(payload, 4)
  if (farewell === undefined) return undefined
  const retryAfterMs = readUint32(payload, 0)
  return { ...farewell, retryAfterMs: retryAfterMs === 0 ? undefined : retryAfterMs }
}

function encodeFarewell(prefixBytes: number, code: string, message: string): Uint8Array {
  // A code of the layer above that is none would be unreadable for the peer and end the session.
  const word = encodeUtf8UpTo(isChannelCode(code) ? code : SessionCode.InternalError, maxCodeBytes)
  const text = encodeUtf8UpTo(message, maxMessageBytes)
  const payload = new Uint8Array(prefixBytes + 1 + word.length + text.length)
  payload[prefixBytes] = word.length
  payload.set(word, prefixBytes + 1)
  payload.set(text, prefixBytes + 1 + word.length)
  return payload
}

function decodeFarewell(payload: Uint8Array, prefixBytes: number): Farewell | undefined {
  const codeBytes = payload[prefixBytes]
  if (codeBytes === undefined) return undefined
  const messageAt = prefixBytes + 1 + codeBytes
  if (messageAt > payload.length) return undefined
  const code = decodeUtf8(payload.subarray(prefixBytes + 1, messageAt))
  const message = decodeUtf8(payload.subarray(messageAt))
  if (code === undefined || message === undefined || !isChannelCode(code)) return undefined
  return { code, message }
}
