/** The file that changes are appended to. What arrives while one batch is being synced makes up the next. */
import { type FileHandle, open } from 'node:fs/promises'

interface Batch {
  readonly lines: string[]
  readonly done: Promise<void>
  resolve(): void
  reject(error: unknown): void
}

export class Journal {
  readonly #file: FileHandle
  #bytes: number
  #waiting: Batch | undefined
  #work: Promise<void> | undefined
  #failure: Error | undefined

  private constructor(file: FileHandle, bytes: number) {
    this.#file = file
    this.#bytes = bytes
  }

  /** Opens or makes the file, cut to its valid part. */
  static async open(path: string, validBytes: number): Promise<Journal> {
    const file = await open(path, 'a', 0o600)
    const { size } = await file.stat()
    if (size > validBytes) {
      await file.truncate(validBytes)
      await file.sync()
    }
    return new Journal(file, validBytes)
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Resolves when the line is on disk, in the order of the calls. */
  append(line: string): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    this.#waiting ??= newBatch()
    this.#waiting.lines.push(line)
    const { done } = this.#waiting
    this.#work ??= this.#drain()
    return done
  }

  /** Lets another journal finish first, so that what is on disk is always a beginning of what was appended. */
  startAfter(other: Journal): void {
    this.#work = other.idle().then(() => {
      this.#failure = other.#failure
      return this.#drain()
    })
  }

  /** Waits until nothing is under way. */
  async idle(): Promise<void> {
    await this.#work
  }

  async close(): Promise<void> {
    await this.idle()
    await this.#file.close()
  }

  async #drain(): Promise<void> {
    while (this.#waiting !== undefined) {
      const batch = this.#waiting
      this.#waiting = undefined
      await this.#write(batch)
    }
    this.#work = undefined
  }

  async #write(batch: Batch): Promise<void> {
    if (this.#failure !== undefined) {
      batch.reject(this.#failure)
      return
    }
    try {
      const bytes = Buffer.from(batch.lines.join(''))
      await this.#file.appendFile(bytes)
      await this.#file.datasync()
      this.#bytes += bytes.length
      batch.resolve()
    } catch (error) {
      // What reached the disk is unknown now, so nothing may be appended after it.
      this.#failure = error instanceof Error ? error : new Error(String(error))
      batch.reject(this.#failure)
    }
  }
}

function newBatch(): Batch {
  let settle: Pick<Batch, 'resolve' | 'reject'> | undefined
  const done = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return {
    lines: [],
    done,
    resolve: () => settle?.resolve(),
    reject: (error) => settle?.reject(error),
  }
}
