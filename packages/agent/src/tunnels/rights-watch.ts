import type { Clock } from '../observability/index.ts'
import { RIGHTS_RECHECK_MS } from './limits.ts'

/** What is open in somebody's name: an answer, or the connection of what became another protocol. */
export interface Held {
  readonly destroyed: boolean
  once(event: 'close', listener: () => void): unknown
  destroy(): unknown
}

/**
 * Ends what is open in the name of somebody who may not any more. A right that only held at the beginning would not bind
 * whoever keeps a WebSocket, or an answer without end, open.
 */
export class RightsWatch {
  readonly #clock: Clock
  readonly #mayStay: (holder: string) => boolean
  readonly #held = new Map<Held, string>()
  #cancel: (() => void) | undefined

  constructor(clock: Clock, mayStay: (holder: string) => boolean) {
    this.#clock = clock
    this.#mayStay = mayStay
  }

  watch(held: Held, holder: string): void {
    if (held.destroyed) return
    this.#held.set(held, holder)
    held.once('close', () => this.#held.delete(held))
    this.#cancel ??= this.#clock.setTimeout(() => this.#recheck(), RIGHTS_RECHECK_MS)
  }

  stop(): void {
    this.#cancel?.()
    this.#held.clear()
  }

  /** Goes on for as long as anything is open: nothing is looked at in an agent that rests. */
  #recheck(): void {
    const lost = new Set<string>()
    for (const holder of new Set(this.#held.values())) if (!this.#mayStay(holder)) lost.add(holder)
    for (const [held, holder] of this.#held) if (lost.has(holder)) held.destroy()
    this.#cancel =
      this.#held.size === 0
        ? undefined
        : this.#clock.setTimeout(() => this.#recheck(), RIGHTS_RECHECK_MS)
  }
}
