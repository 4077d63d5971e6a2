/**
 * Container logs on disk, one line per entry, as container runtimes write them:
 *
 *     2026-05-01T10:00:00.123456000Z stdout F the line
 *
 * `F` ends a line; `P` is a part of one that was too long, or that had no newline when its writer went away.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'

export type LogStream = 'stdout' | 'stderr'

/** Longer lines are cut into parts, so that a reader never has to hold more than this. */
export const maxLogEntryBytes = 16 * 1024

/** A log is rotated once it reached this size; one older file is kept, so a container holds at most twice as much. */
const defaultMaxLogBytes = 10 * 1024 * 1024

/** The file that `log` becomes when it is rotated. */
export function rotatedLog(file: string): string {
  return `${file}.1`
}

export interface CriLogWriterOptions {
  readonly maxBytes?: number
  readonly now?: () => number
}

const newline = 0x0a

/**
 * Writes straight to the file, synchronously: what a process has printed is kept by the kernel even if the process is
 * killed in the next instruction, and nobody else has to be alive to carry it there.
 */
export class CriLogWriter {
  readonly #file: string
  readonly #maxBytes: number
  readonly #now: () => number
  readonly #unfinished: Record<LogStream, Buffer> = {
    stdout: Buffer.alloc(0),
    stderr: Buffer.alloc(0),
  }
  #fd: number
  #bytes: number
  #lastMicros = 0

  constructor(
    file: string,
    { maxBytes = defaultMaxLogBytes, now = Date.now }: CriLogWriterOptions = {},
  ) {
    this.#file = file
    this.#maxBytes = maxBytes
    this.#now = now
    this.#fd = openSync(file, 'a')
    this.#bytes = fstatSync(this.#fd).size
  }

  write(stream: LogStream, chunk: Uint8Array): void {
    const before = this.#unfinished[stream]
    let rest = before.length === 0 ? Buffer.from(chunk) : Buffer.concat([before, chunk])
    const entries: Buffer[] = []
    while (rest.length > 0) {
      const end = rest.subarray(0, maxLogEntryBytes + 1).indexOf(newline)
      if (end >= 0) {
        entries.push(this.#entry(stream, 'F', rest.subarray(0, end)))
        rest = rest.subarray(end + 1)
      } else if (rest.length > maxLogEntryBytes) {
        entries.push(this.#entry(stream, 'P', rest.subarray(0, maxLogEntryBytes)))
        rest = rest.subarray(maxLogEntryBytes)
      } else break
    }
    this.#unfinished[stream] = Buffer.from(rest)
    this.#append(entries)
  }

  /** Writes what has no newline yet; the process is about to end. */
  flush(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#unfinished[stream]
      if (rest.length === 0) continue
      this.#unfinished[stream] = Buffer.alloc(0)
      this.#append([this.#entry(stream, 'P', rest)])
    }
  }

  close(): void {
    this.flush()
    closeSync(this.#fd)
  }

  /** Every entry has a later time than the one before, so that a reader can resume from a time without a duplicate. */
  #entry(stream: LogStream, tag: 'F' | 'P', text: Uint8Array): Buffer {
    const micros = Math.max(this.#now() * 1000, this.#lastMicros + 1)
    this.#lastMicros = micros
    return Buffer.concat([
      Buffer.from(`${formatMicros(micros)} ${stream} ${tag} `),
      text,
      Buffer.of(newline),
    ])
  }

  #append(entries: readonly Buffer[]): void {
    if (entries.length === 0) return
    const bytes = Buffer.concat(entries)
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#maxBytes) this.#rotate()
    writeFully(this.#fd, bytes)
    this.#bytes += bytes.length
  }

  #rotate(): void {
    renameSync(this.#file, rotatedLog(this.#file))
    closeSync(this.#fd)
    this.#fd = openSync(this.#file, 'a')
    this.#bytes = 0
  }
}

/** RFC 3339 with nine digits, as the kubelet prints it. */
function formatMicros(micros: number): string {
  const seconds = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19)
  return `${seconds}.${String(micros % 1_000_000).padStart(6, '0')}000Z`
}

function writeFully(fd: number, bytes: Buffer): void {
  let written = 0
  while (written < bytes.length) written += writeSync(fd, bytes, written)
}
