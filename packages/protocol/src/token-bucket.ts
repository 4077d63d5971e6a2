/** A rate with a burst: full after a rest, one token for each thing done, refilled by time. */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #filledAt: number

  constructor(perSecond: number, burst: number, now: number) {
    this.#perMs = perSecond / 1_000
    this.#burst = burst
    this.#tokens = burst
    this.#filledAt = now
  }

  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#perMs)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Milliseconds until `take` may succeed. */
  waitMs(): number {
    if (this.#tokens >= 1) return 0
    return this.#perMs > 0 ? Math.ceil((1 - this.#tokens) / this.#perMs) : Number.POSITIVE_INFINITY
  }
}
