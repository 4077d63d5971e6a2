import type { LogLine } from '@porpulsion/contract'

/** Lines kept on the page; older ones are dropped from the top. */
export const MAX_LINES = 10_000
/** And so many characters: lines can be of any length. */
export const MAX_CHARACTERS = 8 * 1024 * 1024
/** Pods do not write in step, so a resumed reader asks for a little more than it lacks. */
const OVERLAP_MS = 5_000

/** A line with its number since reading began, which stays when older ones go. */
export interface NumberedLine extends LogLine {
  readonly number: number
}

/** The newest lines, each once, however often the stream was resumed. */
export class LogTail {
  #lines: NumberedLine[] = []
  #characters = 0
  #read = 0
  readonly #seen = new Set<string>()

  add(arrived: readonly LogLine[]): void {
    for (const line of arrived) {
      const id = identityOf(line)
      if (this.#seen.has(id)) continue
      this.#seen.add(id)
      this.#lines.push({ ...line, number: this.#read++ })
      this.#characters += line.line.length
    }
    this.#dropOldest()
  }

  /** A copy: what is shown does not change under the eyes. */
  get lines(): readonly NumberedLine[] {
    return [...this.#lines]
  }

  /** What to ask for to go on after these lines; `undefined` when there are none. */
  get resumeTime(): string | undefined {
    const newestMs = Math.max(...this.#lines.slice(-100).map(({ time }) => Date.parse(time)))
    return Number.isFinite(newestMs) ? new Date(newestMs - OVERLAP_MS).toISOString() : undefined
  }

  #dropOldest(): void {
    let gone = 0
    while (this.#lines.length - gone > MAX_LINES || this.#characters > MAX_CHARACTERS) {
      const oldest = this.#lines[gone]
      // The newest stays, however long it is.
      if (oldest === undefined || gone === this.#lines.length - 1) break
      this.#characters -= oldest.line.length
      this.#seen.delete(identityOf(oldest))
      gone++
    }
    if (gone > 0) this.#lines = this.#lines.slice(gone)
  }
}

/** Times have nanoseconds: one pod does not write the same line twice in one. */
const identityOf = ({ pod, time, line }: LogLine): string => `${pod} ${time} ${line}`
