import { mkdir, open, rename, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AuditEntry, isPorpulsionError, parseAs } from '@porpulsion/contract'
import type { Logger } from '../observability/index.ts'
import type { AuditSink } from './audit-trail.ts'

export interface AuditFileOptions {
  readonly path: string
  /** Then it becomes `path.1`, that becomes `path.2`, and so on. */
  readonly maxBytes?: number
  /** Files in all; the oldest is overwritten. */
  readonly maxFiles?: number
}

/** Lines that wait for a slow disk. Beyond, they go to the log instead: nothing is lost in silence. */
export const MAX_WAITING_LINES = 10_000
const MAX_BYTES = 10 * 1024 * 1024
const MAX_FILES = 5
/** Read back at start: more than a thousand entries. */
const RECALLED_BYTES = 1024 * 1024

/** The trail as JSON lines in a file on a volume. */
export interface AuditFile extends AuditSink {
  /** What the end of the file says, oldest first. Lines that are none are left out. */
  recall(): Promise<readonly AuditEntry[]>
  /** Resolves once what was written is in the file. */
  stop(): Promise<void>
}

/** `fallback` takes what cannot be written there. */
export function createAuditFile(
  deps: { readonly logger: Logger; readonly fallback: AuditSink },
  { path, maxBytes = MAX_BYTES, maxFiles = MAX_FILES }: AuditFileOptions,
): AuditFile {
  const { logger, fallback } = deps
  let waiting: AuditEntry[] = []
  let writing: Promise<void> | undefined
  let isBroken = false

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await append(batch.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
        if (isBroken) logger.info({ path }, 'The audit file can be written again')
        isBroken = false
      } catch (err) {
        if (!isBroken) logger.error({ err, path }, 'Could not write the audit file')
        isBroken = true
        for (const entry of batch) fallback.write(entry)
      }
    }
    writing = undefined
  }

  async function append(text: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true })
    if ((await sizeOf(path)) + Buffer.byteLength(text) > maxBytes) await rotate()
    const file = await open(path, 'a', 0o600)
    try {
      await file.appendFile(text)
    } finally {
      await file.close()
    }
  }

  async function rotate(): Promise<void> {
    for (let i = maxFiles - 1; i >= 1; i--)
      await rename(i === 1 ? path : `${path}.${i - 1}`, `${path}.${i}`).catch(unlessMissing)
  }

  return {
    write(entry) {
      if (waiting.length >= MAX_WAITING_LINES) {
        fallback.write(entry)
        return
      }
      waiting.push(entry)
      writing ??= drain()
    },

    async recall() {
      const lines = [...(await tailOf(`${path}.1`)), ...(await tailOf(path))]
      return lines.flatMap((line) => readEntry(line) ?? [])
    },

    async stop() {
      await writing
    },
  }
}

async function tailOf(path: string): Promise<readonly string[]> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    unlessMissing(error)
    return []
  }
  try {
    const { size } = await file.stat()
    const start = Math.max(0, size - RECALLED_BYTES)
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(size - start),
      position: start,
    })
    const lines = buffer.subarray(0, bytesRead).toString().split('\n')
    // Begun in the middle of one.
    return start === 0 ? lines : lines.slice(1)
  } finally {
    await file.close()
  }
}

/** A crash leaves half a line, and an owner may edit the file. */
function readEntry(line: string): AuditEntry | undefined {
  if (line === '') return undefined
  try {
    return parseAs(AuditEntry, JSON.parse(line))
  } catch (error) {
    if (error instanceof SyntaxError || isPorpulsionError(error)) return undefined
    throw error
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    unlessMissing(error)
    return 0
  }
}

function unlessMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
