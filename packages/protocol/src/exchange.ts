import type { SessionLimits } from './limits.ts'

/**
 * Tells bulk from interactive by what a stream does, not by what it says. An exchange is what one
 * side sends before it is the other's turn: a request, a response, a burst of log lines. It is over
 * when the peer speaks while nothing of ours waits, or when nothing of ours waited for a while. A
 * pooled HTTP connection thus starts each request as interactive; a long body turns bulk.
 */
export class Exchange {
  readonly #limits: ExchangeLimits
  #sentBytes = 0
  #idleSince: number | undefined

  constructor(limits: ExchangeLimits) {
    this.#limits = limits
  }

  get isBulk(): boolean {
    return this.#sentBytes > this.#limits.bulkAfterBytes
  }

  sent(bytes: number): void {
    this.#sentBytes += bytes
  }

  /** Everything of ours went out. */
  idle(now: number): void {
    this.#idleSince = now
  }

  /** There is something to send again. */
  resume(now: number): void {
    if (this.#idleSince !== undefined && now - this.#idleSince >= this.#limits.exchangeIdleMs) {
      this.#sentBytes = 0
    }
    this.#idleSince = undefined
  }

  peerSpoke(): void {
    if (this.#idleSince !== undefined) this.#sentBytes = 0
  }
}

export type ExchangeLimits = Pick<SessionLimits, 'bulkAfterBytes' | 'exchangeIdleMs'>
