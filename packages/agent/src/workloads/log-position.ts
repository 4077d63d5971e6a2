import { nanosOf } from './log-time.ts'

/**
 * How far one pod's log was read. Reading goes on at the time of the last line, its second included, so what is known
 * comes again and is dropped here: by time, and among lines of the very same time by their number.
 */
export class LogPosition {
  #at: bigint | undefined
  /** Lines taken at exactly that time. */
  #taken = 0
  /** Lines at that time that have yet to come again before a new one does. */
  #toSkip = 0

  constructor(from?: bigint) {
    this.#at = from
  }

  /** Time of the last line taken. */
  get at(): bigint | undefined {
    return this.#at
  }

  /** The log is read again from the time of the last line, inclusive. */
  rewind(): void {
    this.#toSkip = this.#taken
  }

  /** Whether a line is new; if so it counts as taken. Lines without a readable time are never held back. */
  take(time: string): boolean {
    const nanos = nanosOf(time)
    if (nanos === undefined) return true
    if (this.#at !== undefined && nanos < this.#at) return false
    if (nanos === this.#at) {
      if (this.#toSkip > 0) {
        this.#toSkip -= 1
        return false
      }
      this.#taken += 1
      return true
    }
    this.#at = nanos
    this.#taken = 1
    this.#toSkip = 0
    return true
  }
}
