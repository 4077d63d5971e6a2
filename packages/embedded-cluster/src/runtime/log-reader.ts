import { watch } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type LogStream, rotatedLog } from '../images/cri-log.ts'

export interface LogReadOptions {
  readonly follow: boolean
  readonly timestamps: boolean
  readonly tailLines?: number
  /** Milliseconds since the epoch, fractions count: entries carry microseconds. Entries of that very time are given. */
  readonly sinceMs?: number
  readonly limitBytes?: number
  /** What was written there alone. */
  readonly stream?: LogStream
}

export interface LogReadDeps {
  /** Resolves once nothing will be written any more; following ends then, after the last line. */
  readonly ended: Promise<unknown>
  readonly signal: AbortSignal
  /** Called once it is settled where it begins: of what is written from then on, nothing is missed. */
  readonly onOpen?: () => void
}

const readBytes = 64 * 1024
const newline = 0x0a
const space = 0x20

/**
 * Reads a log of `CriLogWriter`, the rotated file first. Nothing is lost or doubled over a rotation: an open file stays
 * the same file under its new name, and is read to its end before the next one is begun. (A reader that is behind by
 * more than the writer keeps, loses what the writer threw away.)
 */
export async function* readLog(
  file: string,
  options: LogReadOptions,
  deps: LogReadDeps,
): AsyncGenerator<Uint8Array, void, undefined> {
  const changes = options.follow ? new Changes(file, deps) : undefined
  const segments = new Segments(file)
  try {
    const shape = shaper(options)
    const first = await segments.openFirst(options.tailLines)
    deps.onOpen?.()
    if (first === undefined && changes === undefined) return
    for (let more = true; more && !deps.signal.aborted;) {
      // Both are asked before reading: what is read after "ended" or "rotated" is certain to be all.
      const hasEnded = changes?.hasEnded ?? true
      const isReplaced = await segments.isReplaced()
      const bytes = await segments.read()
      if (bytes.length > 0) {
        const { text, isFull } = shape(bytes)
        if (text.length > 0) yield text
        more = !isFull
      } else if (isReplaced && (await segments.openNext())) continue
      else if (hasEnded) more = false
      else await changes?.next()
    }
  } finally {
    changes?.close()
    await segments.close()
  }
}

/** The files of one log, read as one. Gives whole entries only. */
class Segments {
  readonly #file: string
  #handle: FileHandle | undefined
  #inode = 0
  #position = 0
  #unfinished = Buffer.alloc(0)

  constructor(file: string) {
    this.#file = file
  }

  /** At the oldest entry, or `tailLines` before the newest. Undefined if the log does not exist (yet). */
  async openFirst(tailLines: number | undefined): Promise<FileHandle | undefined> {
    const current = await openIfThere(this.#file)
    const older = await openIfThere(rotatedLog(this.#file))
    if (current === undefined) {
      // Not written yet, or in the middle of a rotation.
      return older && this.#use(older, await findTail(older.handle, tailLines))
    }
    const tail = await findTail(current.handle, tailLines)
    const missing = tailLines === undefined ? undefined : tailLines - tail.lines
    // The same file twice: rotated between the two opens.
    if (older === undefined || older.inode === current.inode || missing === 0) {
      await older?.handle.close()
      return this.#use(current, tail)
    }
    await current.handle.close()
    return this.#use(older, await findTail(older.handle, missing))
  }

  /** The file that follows the one just read to its end; false if there is none (yet). */
  async openNext(): Promise<boolean> {
    const older = await openIfThere(rotatedLog(this.#file))
    // If the one just read is no longer even the rotated one, the log was rotated twice meanwhile.
    const next =
      older !== undefined && older.inode !== this.#inode ? older : await openIfThere(this.#file)
    if (next !== older) await older?.handle.close()
    if (next === undefined) return false
    await this.#handle?.close()
    this.#use(next, fromStart)
    return true
  }

  /** True once the file being read is not (or no longer) the one being written. */
  async isReplaced(): Promise<boolean> {
    return (await inodeOf(this.#file)) !== this.#inode
  }

  async read(): Promise<Buffer> {
    if (this.#handle === undefined) return Buffer.alloc(0)
    const buffer = Buffer.allocUnsafe(readBytes)
    for (;;) {
      const { bytesRead } = await this.#handle.read(buffer, 0, readBytes, this.#position)
      if (bytesRead === 0) return Buffer.alloc(0)
      this.#position += bytesRead
      const bytes = Buffer.concat([this.#unfinished, buffer.subarray(0, bytesRead)])
      const end = bytes.lastIndexOf(newline) + 1
      this.#unfinished = bytes.subarray(end)
      if (end > 0) return bytes.subarray(0, end)
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close()
  }

  #use({ handle, inode }: OpenFile, { position }: Tail): FileHandle {
    this.#handle = handle
    this.#inode = inode
    this.#position = position
    this.#unfinished = Buffer.alloc(0)
    return handle
  }
}

/** Tells when a log may have grown, been rotated, or ended. Watches from its creation, so nothing is missed. */
class Changes {
  hasEnded = false
  #hasChanged = false
  #wake = (): void => undefined
  readonly #close: () => void

  constructor(file: string, { ended, signal }: LogReadDeps) {
    const note = (): void => {
      this.#hasChanged = true
      this.#wake()
    }
    const watcher = watch(dirname(file), note)
    watcher.on('error', note)
    signal.addEventListener('abort', note)
    this.#close = () => {
      watcher.close()
      signal.removeEventListener('abort', note)
    }
    const end = (): void => {
      this.hasEnded = true
      note()
    }
    ended.then(end, end)
  }

  async next(): Promise<void> {
    if (!this.#hasChanged) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#hasChanged = false
  }

  close(): void {
    this.#close()
  }
}

interface Shaped {
  readonly text: Buffer
  /** The reader's limit is reached. */
  readonly isFull: boolean
}

/** From entries on disk to what the reader asked for. */
function shaper({
  timestamps,
  sinceMs,
  limitBytes,
  stream,
}: LogReadOptions): (entries: Buffer) => Shaped {
  let left = limitBytes ?? Number.POSITIVE_INFINITY
  let isMidLine = false
  const sinceMicros = sinceMs === undefined ? undefined : Math.round(sinceMs * 1000)
  return (entries) => {
    const parts: Buffer[] = []
    for (const line of lines(entries)) {
      const entry = parseEntry(line)
      if (entry === undefined) continue
      if (stream !== undefined && entry.stream !== stream) continue
      if (sinceMicros !== undefined && microsOf(entry.time.toString('latin1')) < sinceMicros)
        continue
      if (timestamps && !isMidLine) parts.push(entry.time, Buffer.of(space))
      // Without its newline if only part of a line.
      parts.push(entry.isPartial ? entry.text.subarray(0, -1) : entry.text)
      isMidLine = entry.isPartial
    }
    const text = Buffer.concat(parts).subarray(0, left)
    left -= text.length
    return { text, isFull: left <= 0 }
  }
}

interface Entry {
  readonly time: Buffer
  readonly stream: string
  /** Only a part of a line. */
  readonly isPartial: boolean
  /** With the newline that ends the entry. */
  readonly text: Buffer
}

/** Undefined if it is none: cut short by a crash of the whole machine. */
function parseEntry(line: Buffer): Entry | undefined {
  const timeEnd = line.indexOf(space)
  const streamEnd = line.indexOf(space, timeEnd + 1)
  if (timeEnd < 0 || streamEnd < 0) return undefined
  return {
    time: line.subarray(0, timeEnd),
    stream: line.toString('latin1', timeEnd + 1, streamEnd),
    isPartial: line[streamEnd + 1] === 'P'.charCodeAt(0),
    text: line.subarray(streamEnd + 3),
  }
}

function* lines(entries: Buffer): Generator<Buffer> {
  for (let from = 0; from < entries.length;) {
    const end = entries.indexOf(newline, from) + 1
    yield entries.subarray(from, end)
    from = end
  }
}

/** `2026-05-01T10:00:00.123456000Z` in microseconds since the epoch. */
function microsOf(time: string): number {
  return Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(time.slice(20, 26))
}

interface OpenFile {
  readonly handle: FileHandle
  readonly inode: number
}

async function openIfThere(file: string): Promise<OpenFile | undefined> {
  try {
    const handle = await open(file)
    return { handle, inode: (await handle.stat()).ino }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function inodeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).ino
  } catch {
    // In the middle of a rotation, or not written yet.
    return 0
  }
}

interface Tail {
  readonly position: number
  /** How many lines there are from there on; no more than were asked for. */
  readonly lines: number
}

const fromStart: Tail = { position: 0, lines: 0 }

/** Where the last `count` lines begin; at the start without a count. */
async function findTail(handle: FileHandle, count: number | undefined): Promise<Tail> {
  if (count === undefined) return fromStart
  const { size } = await handle.stat()
  if (count === 0) return { position: size, lines: 0 }
  let lines = 0
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - readBytes)
    const bytes = await readRange(handle, start, end)
    // The first of a block may be cut off in front; it is looked at with the block before.
    const first = start === 0 ? 0 : bytes.indexOf(newline) + 1
    for (let entryEnd = bytes.length; entryEnd > first;) {
      const entryStart = entryEnd < 2 ? 0 : bytes.lastIndexOf(newline, entryEnd - 2) + 1
      const position = start + entryEnd
      // Where a line ends another begins, but for the end of the file.
      if (
        position < size &&
        parseEntry(bytes.subarray(entryStart, entryEnd))?.isPartial === false
      ) {
        lines += 1
        if (lines === count) return { position, lines }
      }
      entryEnd = entryStart
    }
    end = start + first
  }
  return { position: 0, lines: size === 0 ? 0 : lines + 1 }
}

async function readRange(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(end - start)
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, start)
  return buffer.subarray(0, bytesRead)
}

/** The end of a log, for a status that has to say why something ended. */
export async function lastLogLines(
  file: string,
  { lines: tailLines, maxBytes }: { readonly lines: number; readonly maxBytes: number },
): Promise<string> {
  const parts: Uint8Array[] = []
  const deps = { ended: Promise.resolve(), signal: new AbortController().signal }
  for await (const part of readLog(file, { follow: false, timestamps: false, tailLines }, deps))
    parts.push(part)
  return Buffer.concat(parts).subarray(-maxBytes).toString('utf8')
}
