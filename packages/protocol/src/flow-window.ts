/**
 * Credit between the two ends of a stream. The receiver grants what its reader has taken, and lets
 * the window grow when the reader is so fast that the sender must be waiting for grants: on a path
 * of 80 ms a window of 256 KiB carries 3 MB/s, however fat the path.
 */
export class ReceiveWindow {
  readonly #pool: WindowPool
  readonly #maxBytes: number
  #size: number
  /** What the peer may still send. */
  #available: number
  /** Taken by the reader and not yet granted anew. */
  #owed = 0
  #epochStart: number
  #epochBytes = 0

  constructor(pool: WindowPool, initialBytes: number, maxBytes: number, now: number) {
    this.#pool = pool
    this.#maxBytes = maxBytes
    this.#size = initialBytes
    this.#available = initialBytes
    this.#epochStart = now
    pool.join(initialBytes)
  }

  get size(): number {
    return this.#size
  }

  get available(): number {
    return this.#available
  }

  /** The peer has used most of what it was granted, and may soon wait for us. */
  get isLow(): boolean {
    return this.#available * 2 < this.#size
  }

  /** Bytes come in. False if there was no credit for them. */
  receive(bytes: number): boolean {
    if (bytes > this.#available) return false
    this.#available -= bytes
    return true
  }

  /** The reader took bytes. Answers what to grant now; zero as long as a grant is not worth a frame. */
  consume(bytes: number, now: number, rttMs: number | undefined): number {
    this.#owed += bytes
    this.#epochBytes += bytes
    if (this.#owed * 4 < this.#size) return 0
    if (rttMs !== undefined) this.#grow(now, rttMs)
    this.#shrinkToShare()
    const grant = this.#owed
    this.#owed = 0
    this.#available += grant
    return grant
  }

  /** The stream is over: its part of the pool is free for others. */
  release(): void {
    this.#pool.leave(this.#size)
    this.#size = 0
    this.#available = 0
  }

  /** A window is too small if the reader can empty it within two round trips and a little. */
  #grow(now: number, rttMs: number): void {
    if (this.#epochBytes * 2 < this.#size) return
    const elapsedMs = now - this.#epochStart
    const coverMs = 2 * rttMs + slackMs
    const wanted = elapsedMs > 0 ? (this.#epochBytes / elapsedMs) * coverMs : this.#maxBytes
    if (wanted > this.#size) {
      const growth = Math.min(this.#size, this.#maxBytes - this.#size, this.#pool.room(this.#size))
      if (growth > 0) {
        this.#pool.resize(growth)
        this.#size += growth
        this.#owed += growth
      }
    }
    this.#epochStart = now
    this.#epochBytes = 0
  }

  /** With very many streams, granting less than was taken is how each comes down to its share. */
  #shrinkToShare(): void {
    if (!this.#pool.isOvercommitted) return
    const surplus = Math.min(this.#owed, Math.max(0, this.#size - this.#pool.share))
    this.#size -= surplus
    this.#owed -= surplus
    this.#pool.resize(-surplus)
  }
}

/** On a short path it is not the round trip that grants wait for, but the next turn of a busy loop. */
const slackMs = 10

/** All receive windows of a session share a budget; only those that need it grow into it. */
export class WindowPool {
  readonly #budgetBytes: number
  #grantedBytes = 0
  #streams = 0

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes
  }

  /**
   * First windows are given to every stream, so with many streams their sum may pass the budget;
   * the bound on unread bytes is what holds then.
   */
  get isOvercommitted(): boolean {
    return this.#grantedBytes > this.#budgetBytes
  }

  get share(): number {
    return Math.floor(this.#budgetBytes / Math.max(1, this.#streams))
  }

  /** How far a window of this size may grow: into what is free, and to its share in any case. */
  room(size: number): number {
    return Math.max(0, this.#budgetBytes - this.#grantedBytes, this.share - size)
  }

  join(bytes: number): void {
    this.#streams += 1
    this.#grantedBytes += bytes
  }

  resize(bytes: number): void {
    this.#grantedBytes += bytes
  }

  leave(bytes: number): void {
    this.#streams -= 1
    this.#grantedBytes -= bytes
  }
}

/** The other end: what we may still send on a stream. */
export class SendWindow {
  #available: number

  constructor(initialBytes: number) {
    this.#available = initialBytes
  }

  get available(): number {
    return this.#available
  }

  /** False if the sum is more than any receiver can mean. */
  grant(bytes: number): boolean {
    if (this.#available + bytes > maxCreditBytes) return false
    this.#available += bytes
    return true
  }

  /** The caller sends no more than is available. */
  spend(bytes: number): void {
    this.#available -= bytes
  }
}

/** Half of what the field of a Window frame holds, far beyond any window we grant ourselves. */
const maxCreditBytes = 0x7fff_ffff
