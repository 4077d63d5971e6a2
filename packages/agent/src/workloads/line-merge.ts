import type { LogLine } from '@porpulsion/contract'
import { nanosOf } from './log-time.ts'

/** Lines waiting for a slow reader; beyond this the sources wait, and with them the pods' logs. */
const MAX_WAITING = 256

/** Lines of several pods as one stream, as they come. Sources may be added while it is read. */
export class LineMerge implements AsyncIterable<LogLine> {
  readonly #waiting: LogLine[] = []
  readonly #blocked: (() => void)[] = []
  #wake: (() => void) | undefined
  #sources = 0
  #isOpen = true
  #failure: Error | undefined

  /** Reads until the source ends. Failures end the merge. */
  async add(source: AsyncIterable<LogLine>): Promise<void> {
    this.#sources += 1
    try {
      for await (const line of source) {
        if (!this.#isOpen) return
        this.#waiting.push(line)
        this.#wake?.()
        if (this.#waiting.length >= MAX_WAITING) await this.#room()
      }
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error))
    } finally {
      this.#sources -= 1
      this.#wake?.()
    }
  }

  /** Ends once what is waiting has been read and no source is left. */
  close(): void {
    this.#isOpen = false
    this.#wake?.()
    this.#release()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogLine> {
    try {
      for (;;) {
        const line = this.#waiting.shift()
        if (line !== undefined) {
          if (this.#waiting.length < MAX_WAITING / 2) this.#release()
          yield line
          continue
        }
        if (this.#failure !== undefined) throw this.#failure
        if (!this.#isOpen || this.#sources === 0) return
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      this.close()
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#blocked.push(resolve)
    })
  }

  #release(): void {
    for (const resume of this.#blocked.splice(0)) resume()
  }
}

/** Finite logs of several pods in the order of their times. */
export async function* mergeByTime(
  sources: readonly AsyncIterable<LogLine>[],
): AsyncGenerator<LogLine> {
  const readers = sources.map((source) => source[Symbol.asyncIterator]())
  try {
    const heads = await Promise.all(readers.map((reader) => reader.next()))
    for (;;) {
      const first = earliest(heads)
      const head = first === undefined ? undefined : heads[first]
      if (first === undefined || head === undefined || head.done === true) return
      yield head.value
      const next = await readers[first]?.next()
      if (next !== undefined) heads[first] = next
    }
  } finally {
    for (const reader of readers) await reader.return?.()
  }
}

function earliest(heads: readonly IteratorResult<LogLine>[]): number | undefined {
  let first: number | undefined
  let firstTime = 0n
  heads.forEach((head, index) => {
    if (head.done === true) return
    const time = nanosOf(head.value.time) ?? 0n
    if (first !== undefined && time >= firstTime) return
    first = index
    firstTime = time
  })
  return first
}
