import { abortReason, onAbort } from './abort.ts'
import type { Clock } from './clock.ts'

export interface DeadlineOptions {
  readonly clock: Clock
  /** The caller's wish to stop. */
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number
  /** What to fail with when time is up. */
  readonly timeoutError: () => Error
}

/**
 * One signal that fires when the caller aborts or time is up. By hand rather than `AbortSignal.any`: that one keeps
 * what it made alive as long as the caller's signal lives, which in an agent is for ever.
 */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #cancelTimer: () => void
  readonly #leaveCaller: () => void

  constructor({ clock, signal, timeoutMs, timeoutError }: DeadlineOptions) {
    this.#cancelTimer = clock.setTimeout(() => this.abort(timeoutError()), timeoutMs)
    this.#leaveCaller =
      signal === undefined
        ? () => undefined
        : onAbort(signal, () => {
            this.#cancelTimer()
            this.#controller.abort(abortReason(signal))
          })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Time no longer matters, only the caller's wish: the answer began, and may last. */
  liftTimeout(): void {
    this.#cancelTimer()
  }

  abort(reason: Error): void {
    this.dispose()
    this.#controller.abort(reason)
  }

  /** Lets go of the caller's signal and the timer. */
  dispose(): void {
    this.#cancelTimer()
    this.#leaveCaller()
  }

  /** After an abort, libraries throw errors of their own; what counts is why we aborted. */
  reasonFor(error: unknown): unknown {
    return this.signal.aborted ? abortReason(this.signal) : error
  }
}
