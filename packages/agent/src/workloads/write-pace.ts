import type { Clock } from '../observability/index.ts'

/** When a link goes, every app on it changes at once; the API server gets them at this rate. */
export class WritePace {
  readonly #clock: Clock
  readonly #intervalMs: number
  #freeAt = 0

  constructor(clock: Clock, { perSecond }: { readonly perSecond: number }) {
    this.#clock = clock
    this.#intervalMs = 1_000 / perSecond
  }

  /** 0: go ahead, the turn is taken. Else: how long to wait before asking again. */
  takeMs(): number {
    const now = this.#clock.now()
    if (this.#freeAt > now) return this.#freeAt - now
    this.#freeAt = now + this.#intervalMs
    return 0
  }
}
