import { systemClock, type Clock } from '@porpulsion/kube'

interface Timer {
  readonly dueAt: number
  readonly callback: () => void
  cancel: () => void
}

/** Real time, in which a test may skip what nobody wants to wait for: an hour of a deletion, a round of inventories. */
export class SkippingClock implements Clock {
  #skippedMs = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return Date.now() + this.#skippedMs
  }

  setTimeout(callback: () => void, delayMs: number): () => void {
    const timer: Timer = {
      dueAt: this.now() + delayMs,
      callback: () => {
        this.#timers.delete(timer)
        callback()
      },
      cancel: () => undefined,
    }
    timer.cancel = systemClock.setTimeout(timer.callback, delayMs)
    this.#timers.add(timer)
    return () => {
      timer.cancel()
      this.#timers.delete(timer)
    }
  }

  /** Everything that falls due on the way does so, in its order. */
  skip(ms: number): void {
    this.#skippedMs += ms
    const now = this.now()
    const due = [...this.#timers].sort((a, b) => a.dueAt - b.dueAt)
    for (const timer of due) {
      timer.cancel()
      if (timer.dueAt <= now) timer.callback()
      else timer.cancel = systemClock.setTimeout(timer.callback, timer.dueAt - now)
    }
  }
}
