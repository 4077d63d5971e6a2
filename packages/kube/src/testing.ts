/**
 * For tests of whatever is built on the kit: time that moves only when told, chance that repeats.
 */
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** Time stands still until `advance`. */
export class FakeClock implements Clock {
  #now: number
  #timers: Timer[] = []

  constructor(startMs: number = Date.UTC(2030, 0, 1)) {
    this.#now = startMs
  }

  /** How long each pending call still waits, in milliseconds. */
  get delays(): number[] {
    return this.#timers.map(({ at }) => at - this.#now)
  }

  /** Resolves once some call waits for exactly this long: what leads to it may need real input and output. */
  async whenWaiting(delayMs: number): Promise<void> {
    while (!this.delays.includes(delayMs)) await settled()
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.#now + Math.max(0, delayMs), callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Resolves once nobody waits for time: what was under way, real input and output included, is through. */
  async whenQuiet(): Promise<void> {
    while (this.#timers.length > 0) await settled()
  }

  /** Moves time on, calling what falls due in its order and letting its consequences happen in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await settled()
    for (;;) {
      const next = this.#timers
        .filter(({ at }) => at <= until)
        .reduce<Timer | undefined>(
          (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
          undefined,
        )
      if (next === undefined) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#now = next.at
      next.callback()
      await settled()
    }
    this.#now = until
  }
}

/** Always the same sequence for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    // mulberry32: small, and good enough to spread delays.
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    },
  }
}

/** No chance at all: delays come out as planned. */
export const evenRandom: Random = { next: () => 0.5 }

/** Every promise that can settle without input or output has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
