/**
 * State in a directory: a snapshot and the journal of what changed since. Both carry a number; a snapshot `n` replaces
 * everything up to journal `n - 1`, and only then are the older files removed, so that at any moment what is there is
 * enough.
 */
import { mkdir, open, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../registry/ports.ts'
import { type DirectoryLock, lockDirectory } from './directory-lock.ts'
import { Journal } from './journal.ts'
import { decodeRecords, encodeRecord } from './records.ts'
import type { Change, RestoredState, StateSource, Storage } from './storage.ts'

/** A journal of this size is replaced by a snapshot; also when it has outgrown the last snapshot twice. */
const minCompactionBytes = 8 * 1024 * 1024
/** Objects written between looks at the event loop. */
const snapshotChunk = 200
/**
 * Versions skipped at each start. Some may have been given out and lost in the crash before they were on disk; used
 * again for something else, they would make a client's watch skip it.
 */
const skippedVersions = 100_000

export interface OpenedStorage {
  readonly storage: DiskStorage
  readonly restored: RestoredState
}

export interface DiskStorageOptions {
  readonly minCompactionBytes?: number
}

export class DiskStorage implements Storage {
  readonly #dir: string
  readonly #lock: DirectoryLock
  readonly #logger: Logger
  readonly #minCompactionBytes: number
  #generation: number
  #journal: Journal
  #snapshotBytes: number
  #source: StateSource | undefined
  #compaction: Promise<void> | undefined
  #closing: Promise<void> | undefined

  private constructor(
    dir: string,
    lock: DirectoryLock,
    logger: Logger,
    found: { generation: number; journal: Journal; snapshotBytes: number },
    options: DiskStorageOptions,
  ) {
    this.#dir = dir
    this.#lock = lock
    this.#logger = logger
    this.#generation = found.generation
    this.#journal = found.journal
    this.#snapshotBytes = found.snapshotBytes
    this.#minCompactionBytes = options.minCompactionBytes ?? minCompactionBytes
  }

  /** Takes the directory, reads what is in it, and cuts off what was not written whole. */
  static async open(
    dir: string,
    logger: Logger,
    options: DiskStorageOptions = {},
  ): Promise<OpenedStorage> {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    const lock = await lockDirectory(dir)
    try {
      const found = await readState(dir, logger)
      const journal = await Journal.open(journalPath(dir, found.generation), found.validBytes)
      await syncDirectory(dir)
      await removeOlder(dir, found.oldestNeeded)
      const storage = new DiskStorage(dir, lock, logger, { ...found, journal }, options)
      return { storage, restored: found.state }
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /** From where a snapshot is taken when the journal has grown. */
  compactFrom(source: StateSource): void {
    this.#source = source
  }

  append(change: Change): Promise<void> {
    const done = this.#journal.append(encodeRecord(change))
    this.#compactIfGrown()
    return done
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#compaction
    await this.#journal.close()
    await this.#lock.release()
  }

  #compactIfGrown(): void {
    const limit = Math.max(this.#minCompactionBytes, 2 * this.#snapshotBytes)
    const { bytes } = this.#journal
    if (this.#source === undefined || this.#compaction !== undefined || bytes < limit) return
    this.#compaction = this.#compact(this.#source)
      .catch((error: unknown) => {
        // The journal alone is still everything; the next write tries again.
        this.#logger.error({ err: error, dir: this.#dir }, 'Snapshot failed')
      })
      .finally(() => {
        this.#compaction = undefined
      })
  }

  async #compact(source: StateSource): Promise<void> {
    const generation = this.#generation + 1
    const journal = await Journal.open(journalPath(this.#dir, generation), 0)
    await syncDirectory(this.#dir)
    // From here nothing waits: the state holds exactly what was appended to the old journal, and what is appended
    // from now on goes to the new one.
    const old = this.#journal
    journal.startAfter(old)
    this.#journal = journal
    this.#generation = generation
    const state = source()
    await old.close()
    this.#snapshotBytes = await writeSnapshot(this.#dir, generation, state)
    await removeOlder(this.#dir, generation)
  }
}

interface FoundState {
  readonly generation: number
  readonly oldestNeeded: number
  readonly validBytes: number
  readonly snapshotBytes: number
  readonly state: RestoredState
}

async function readState(dir: string, logger: Logger): Promise<FoundState> {
  const names = await readdir(dir)
  const base = Math.max(0, ...numbersOf(names, 'snapshot'))
  const journals = numbersOf(names, 'journal')
    .filter((number) => number >= base)
    .sort((a, b) => a - b)
  const generation = journals.at(-1) ?? base
  const objects = new Map<string, Change>()
  let resourceVersion = 0
  const replay = (changes: readonly Change[]): void => {
    for (const change of changes) {
      resourceVersion = Math.max(resourceVersion, change.resourceVersion)
      const key = `${change.resource}/${change.namespace ?? ''}/${change.name}`
      if (change.object === undefined) objects.delete(key)
      else objects.set(key, change)
    }
  }
  const snapshotBytes =
    base === 0 ? 0 : replayWhole(await readFile(snapshotPath(dir, base)), replay)
  let validBytes = 0
  for (const number of journals) {
    const path = journalPath(dir, number)
    const bytes = await readFile(path)
    const { changes, validBytes: valid } = decodeRecords(bytes)
    replay(changes)
    validBytes = valid
    if (valid === bytes.length) continue
    // Only the newest may end in the middle of a record: the others were complete before the next was begun.
    if (number !== generation) throw damaged(path, valid)
    await writeFile(`${path}.cut`, bytes.subarray(valid), { mode: 0o600 })
    logger.warn({ path, bytes: bytes.length - valid }, 'Cut off a write that was not completed')
  }
  const isNew = resourceVersion === 0
  return {
    generation,
    oldestNeeded: base,
    validBytes,
    snapshotBytes,
    state: {
      resourceVersion: isNew ? 1 : resourceVersion + skippedVersions,
      objects: [...objects.values()],
    },
  }
}

function replayWhole(bytes: Buffer, replay: (changes: readonly Change[]) => void): number {
  const { changes, validBytes } = decodeRecords(bytes)
  if (validBytes !== bytes.length) throw damaged('the snapshot', validBytes)
  replay(changes)
  return bytes.length
}

function damaged(what: string, at: number): Error {
  return new Error(
    `${what} is damaged at byte ${at}; restore the directory from a copy, or start an empty one`,
  )
}

/** Written beside, synced, then moved into place: under its name it is always whole. */
async function writeSnapshot(
  dir: string,
  generation: number,
  state: RestoredState,
): Promise<number> {
  const path = snapshotPath(dir, generation)
  const file = await open(`${path}.partial`, 'w', 0o600)
  let bytes = 0
  try {
    for (let from = 0; from < state.objects.length; from += snapshotChunk) {
      const lines = state.objects.slice(from, from + snapshotChunk).map(encodeRecord)
      const chunk = Buffer.from(lines.join(''))
      await file.appendFile(chunk)
      bytes += chunk.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.partial`, path)
  await syncDirectory(dir)
  return bytes
}

async function removeOlder(dir: string, generation: number): Promise<void> {
  for (const name of await readdir(dir)) {
    const number = numberOf(name, 'snapshot') ?? numberOf(name, 'journal')
    const isOld = number !== undefined && number < generation
    if (isOld || name.endsWith('.partial')) await unlink(join(dir, name))
  }
}

/** A new or renamed file is only there after a crash if its directory was synced. */
async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function numbersOf(names: readonly string[], kind: string): number[] {
  return names.flatMap((name) => numberOf(name, kind) ?? [])
}

function numberOf(name: string, kind: string): number | undefined {
  const match = /^(snapshot|journal)-(\d{1,12})$/.exec(name)
  return match?.[1] === kind ? Number(match[2]) : undefined
}

function snapshotPath(dir: string, generation: number): string {
  return join(dir, `snapshot-${generation}`)
}

function journalPath(dir: string, generation: number): string {
  return join(dir, `journal-${generation}`)
}
