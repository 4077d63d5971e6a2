import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const SECRET_BYTES = 32

/** 256 bits in base64url: nobody guesses it, so a plain hash of it is as good as it is at rest. */
export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url')

/** Short, readable, only to name something; never a secret. */
export const newId = (): string => randomBytes(6).toString('hex')

/** What is kept of a secret. */
export const hashSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('base64url')

/** In constant time, so that a guess is never told how near it came. */
export function sameSecret(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
