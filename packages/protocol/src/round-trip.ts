/** What the Pings say about the path: the round trip now, and the shortest one, which is the path without queues. */
export class RoundTrip {
  #smoothedMs: number | undefined
  #minMs: number | undefined
  #minSince = 0

  /** As it is at present, queues included. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs
  }

  get minMs(): number | undefined {
    return this.#minMs
  }

  sample(rttMs: number, now: number): void {
    this.#smoothedMs =
      this.#smoothedMs === undefined ? rttMs : this.#smoothedMs + (rttMs - this.#smoothedMs) / 8
    if (this.#minMs === undefined || rttMs <= this.#minMs) this.renew(rttMs, now)
  }

  /**
   * The path may have become longer, and under load no sample would show it: our own queue hides
   * the bare path. Then it must be measured with the queue held short.
   */
  isStale(now: number): boolean {
    return this.#minMs !== undefined && now - this.#minSince > staleAfterMs
  }

  /** The shortest round trip, measured anew. */
  renew(rttMs: number, now: number): void {
    this.#minMs = rttMs
    this.#minSince = now
  }
}

const staleAfterMs = 30_000
