export interface RestartBackoffOptions {
  /** Wait before the second restart in a row; the first is immediate. */
  readonly baseMs: number
  readonly maxMs: number
}

/** Doubles from `baseMs` to `maxMs`; a run of twice `maxMs` is forgiven. */
export class RestartBackoff {
  readonly #options: RestartBackoffOptions
  #failures = 0

  constructor(options: RestartBackoffOptions) {
    this.#options = options
  }

  /** The wait after a run of that length. */
  next(ranForMs: number): number {
    const { baseMs, maxMs } = this.#options
    if (ranForMs >= 2 * maxMs) this.#failures = 0
    this.#failures += 1
    return this.#failures === 1 ? 0 : Math.min(maxMs, baseMs * 2 ** (this.#failures - 2))
  }

  /** What was counted before this process started: a restart of the cluster does not make a crash loop spin. */
  resume(failures: number): void {
    this.#failures = failures
  }
}
