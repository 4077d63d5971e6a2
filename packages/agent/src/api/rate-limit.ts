import { PorpulsionError } from '@porpulsion/contract'
import type { Clock } from '../observability/index.ts'

export interface RateLimitOptions {
  readonly perSecond: number
  /** How many at once after a rest. */
  readonly burst: number
  /** Keys remembered; beyond, the one longest unused is forgotten, which only ever forgives. */
  readonly maxKeys: number
}

/** A token bucket per key. */
export interface RateLimit {
  /** Throws `RateLimited` when this key has used up what it may. */
  take(key: string): void
  /** The same as an answer, for who says it in another way. */
  allows(key: string): boolean
  /** What was taken turned out not to count. */
  giveBack(key: string): void
}

interface Bucket {
  tokens: number
  filledAtMs: number
}

export function createRateLimit(
  clock: Clock,
  { perSecond, burst, maxKeys }: RateLimitOptions,
): RateLimit {
  const buckets = new Map<string, Bucket>()

  /** Seconds until there is a token, which is taken if that is now. */
  function waitSeconds(key: string): number {
    const nowMs = clock.now()
    const bucket = buckets.get(key) ?? { tokens: burst, filledAtMs: nowMs }
    // Last used is last in the map, so the first one is the one to forget.
    buckets.delete(key)
    buckets.set(key, bucket)
    if (buckets.size > maxKeys)
      for (const oldest of buckets.keys()) {
        buckets.delete(oldest)
        break
      }
    // Not less than nothing: a clock that is set back by an hour would cost an hour's tokens.
    const earned = Math.max(0, ((nowMs - bucket.filledAtMs) / 1_000) * perSecond)
    bucket.tokens = Math.min(burst, bucket.tokens + earned)
    bucket.filledAtMs = nowMs
    if (bucket.tokens < 1) return (1 - bucket.tokens) / perSecond
    bucket.tokens -= 1
    return 0
  }

  return {
    take(key) {
      const seconds = waitSeconds(key)
      if (seconds > 0) throw limited(Math.ceil(seconds))
    },
    allows: (key) => waitSeconds(key) === 0,
    giveBack(key) {
      const bucket = buckets.get(key)
      if (bucket !== undefined) bucket.tokens = Math.min(burst, bucket.tokens + 1)
    },
  }
}

const limited = (retryAfterSeconds: number): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'RateLimited',
    `Too many requests; try again in ${retryAfterSeconds} s`,
    { retryAfterSeconds },
  )
