/**
 * How many bytes per millisecond the path delivers, from acknowledgements alone. A sample spans the
 * time from when a batch was sent to when it was acknowledged, and counts everything delivered in
 * between; where either sending or acknowledging came in a burst, the longer of the two times is
 * used, so that a burst never looks like bandwidth. The rate is the best of the last ten rounds.
 */
export class DeliveryRate {
  #sentBytes = 0
  #deliveredBytes = 0
  #deliveredAt = 0
  #firstSentAt = 0
  /** Batches sent until more than this was delivered had too little to send to show the path's rate. */
  #limitedUntil = -1
  #batches: Batch[] = []
  #head = 0
  #round = 0
  #roundEnds = 0
  readonly #best: { round: number; rate: number }[] = []

  /** Zero until something was delivered. */
  get bytesPerMs(): number {
    return this.#best[0]?.rate ?? 0
  }

  get inFlightBytes(): number {
    return this.#sentBytes - this.#deliveredBytes
  }

  sent(bytes: number, now: number): void {
    if (this.inFlightBytes === 0) {
      this.#firstSentAt = now
      this.#deliveredAt = now
    }
    this.#sentBytes += bytes
    this.#batches.push({
      end: this.#sentBytes,
      sentAt: now,
      firstSentAt: this.#firstSentAt,
      deliveredBytes: this.#deliveredBytes,
      deliveredAt: this.#deliveredAt,
      isLimited: this.#deliveredBytes <= this.#limitedUntil,
    })
  }

  /** What was sent so far, and what is sent next, does not fill the path: there is nothing more to send. */
  ranDry(): void {
    this.#limitedUntil = this.#sentBytes
  }

  /** False if more is acknowledged than was sent. */
  acknowledge(bytes: number, now: number, minRttMs: number | undefined): boolean {
    if (bytes > this.inFlightBytes) return false
    this.#deliveredBytes += bytes
    this.#deliveredAt = now
    const batch = this.#takeAcknowledged()
    if (batch === undefined) return true
    this.#firstSentAt = batch.sentAt
    if (batch.deliveredBytes >= this.#roundEnds) {
      this.#round += 1
      this.#roundEnds = this.#deliveredBytes
    }
    const tookMs = Math.max(batch.sentAt - batch.firstSentAt, now - batch.deliveredAt)
    // Faster than the path is long: such a sample says more about a clock or a buffer than about bandwidth.
    if (tookMs <= 0 || tookMs < (minRttMs ?? 0)) return true
    const rate = (this.#deliveredBytes - batch.deliveredBytes) / tookMs
    if (!batch.isLimited || rate >= this.bytesPerMs) this.#keepBest(rate)
    return true
  }

  /** The latest batch that is acknowledged as a whole, those before it with it. */
  #takeAcknowledged(): Batch | undefined {
    let latest: Batch | undefined
    for (;;) {
      const batch = this.#batches[this.#head]
      if (batch === undefined || batch.end > this.#deliveredBytes) break
      latest = batch
      this.#head += 1
    }
    if (this.#head === this.#batches.length || this.#head > 256) {
      this.#batches.splice(0, this.#head)
      this.#head = 0
    }
    return latest
  }

  /** The list falls in rate and rises in round: its first is the best of the last rounds. */
  #keepBest(rate: number): void {
    while ((this.#best.at(-1)?.rate ?? Number.POSITIVE_INFINITY) <= rate) this.#best.pop()
    this.#best.push({ round: this.#round, rate })
    while ((this.#best[0]?.round ?? this.#round) < this.#round - remembersRounds) this.#best.shift()
  }
}

const remembersRounds = 10

interface Batch {
  /** Count of all bytes sent, this batch included. */
  readonly end: number
  readonly sentAt: number
  readonly firstSentAt: number
  readonly deliveredBytes: number
  readonly deliveredAt: number
  readonly isLimited: boolean
}
