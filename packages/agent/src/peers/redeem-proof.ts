import { createHmac, timingSafeEqual, verify, type KeyObject } from 'node:crypto'

/** Both over the same transcript: the HMAC proves the invite, the signature the key behind the CA certificate. */
export interface RedeemProof {
  readonly hmac: Buffer
  readonly signature: Buffer
}

export function prove(
  transcript: Buffer,
  inviteKey: Uint8Array,
  sign: (bytes: Uint8Array) => Buffer,
): RedeemProof {
  return { hmac: hmacOf(transcript, inviteKey), signature: sign(transcript) }
}

/** In constant time. */
export function provesInvite(hmac: Buffer, transcript: Buffer, inviteKey: Uint8Array): boolean {
  const expected = hmacOf(transcript, inviteKey)
  return hmac.length === expected.length && timingSafeEqual(hmac, expected)
}

/** Without it, a stolen CA certificate could be introduced by whoever holds an invite. */
export function provesPossession(
  signature: Buffer,
  transcript: Buffer,
  publicKey: KeyObject,
): boolean {
  return verify('sha256', transcript, publicKey, signature)
}

function hmacOf(transcript: Buffer, inviteKey: Uint8Array): Buffer {
  return createHmac('sha256', inviteKey).update(transcript).digest()
}
