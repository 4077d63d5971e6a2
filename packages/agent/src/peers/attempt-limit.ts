import { PorpulsionError } from '@porpulsion/contract'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../observability/index.ts'

export interface AttemptLimitOptions {
  /** Failures at once after a rest. */
  readonly burst: number
  readonly perMinute: number
}

/** Addresses remembered; whoever has more of them to fail from gains nothing, the proofs are no guesses. */
const maxAddresses = 10_000

/**
 * Counts failures per address. It slows nobody who proves what he must: behind an ingress all share one address, and
 * one noisy stranger there must not lock out the others.
 */
export class AttemptLimit {
  readonly #clock: Clock
  readonly #options: AttemptLimitOptions
  readonly #buckets = new LRUCache<string, { tokens: number; atMs: number }>({ max: maxAddresses })

  constructor(clock: Clock, options: AttemptLimitOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** What to answer to one more failure from here: `refusal`, or that there were too many. */
  failed(address: string, refusal: PorpulsionError): PorpulsionError {
    const bucket = this.#refilled(address)
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1
      return refusal
    }
    return new PorpulsionError(
      'LimitExceeded',
      'RateLimited',
      'Too many failed attempts from this address; try again later',
      { retryAfterSeconds: Math.ceil((60 * (1 - bucket.tokens)) / this.#options.perMinute) },
    )
  }

  #refilled(address: string): { tokens: number; atMs: number } {
    const nowMs = this.#clock.now()
    const bucket = this.#buckets.get(address) ?? { tokens: this.#options.burst, atMs: nowMs }
    const refill = ((nowMs - bucket.atMs) / 60_000) * this.#options.perMinute
    bucket.tokens = Math.min(this.#options.burst, bucket.tokens + Math.max(0, refill))
    bucket.atMs = nowMs
    this.#buckets.set(address, bucket)
    return bucket
  }
}
