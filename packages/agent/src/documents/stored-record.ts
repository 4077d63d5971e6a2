import { parseAs, PorpulsionError } from '@porpulsion/contract'
import type { Static, TSchema } from 'typebox'
import type { DocumentStore, StoredText } from './document-store.ts'

/** A value kept as JSON in one document: read from memory, changed only through the store. */
export interface StoredRecord<T> {
  /** As last read or written. Only after `start`. */
  current(): T
  /** Reads it, and follows changes others make until `signal` fires. */
  start(signal: AbortSignal): Promise<void>
  /**
   * Resolves once the change is stored, so that an acknowledged change survives any death of the process. Changes made
   * while a write is under way share the next one. `change` may be called again when somebody else was faster; what it
   * throws rejects this update and no other.
   */
  update(change: (value: T) => T): Promise<void>
}

export interface StoredRecordOptions<S extends TSchema> {
  readonly schema: S
  /** What the record is while there is none. */
  readonly empty: Static<S>
}

interface Pending<T> {
  readonly change: (value: T) => T
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Writers of these records are few; who loses this often in a row has a defect. */
const MAX_WRITE_ATTEMPTS = 8

export function createStoredRecord<S extends TSchema>(
  store: DocumentStore,
  options: StoredRecordOptions<S>,
): StoredRecord<Static<S>> {
  return new DocumentRecord<Static<S>>(store, options.empty, (text) => {
    try {
      return parseAs(options.schema, JSON.parse(text))
    } catch (cause) {
      throw unreadable(store, cause)
    }
  })
}

class DocumentRecord<T> implements StoredRecord<T> {
  readonly #store: DocumentStore
  readonly #empty: T
  readonly #parse: (text: string) => T
  #value: T
  #version: string | undefined
  #queue: Pending<T>[] = []
  #writing = false

  constructor(store: DocumentStore, empty: T, parse: (text: string) => T) {
    this.#store = store
    this.#empty = empty
    this.#parse = parse
    this.#value = empty
  }

  current(): T {
    return this.#value
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#take(await this.#store.read(signal))
    await this.#store.follow((document) => this.#onChange(document), signal)
  }

  update(change: (value: T) => T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ change, resolve, reject })
      if (!this.#writing) void this.#drain()
    })
  }

  /** Never rejects: every failure belongs to the updates it hit. */
  async #drain(): Promise<void> {
    this.#writing = true
    while (this.#queue.length > 0) await this.#writeBatch(this.#queue.splice(0))
    this.#writing = false
  }

  async #writeBatch(batch: readonly Pending<T>[]): Promise<void> {
    try {
      for (let attempt = 1; ; attempt++) {
        const { value, applied } = applyAll(this.#value, batch)
        if (value === this.#value || (await this.#replace(value))) {
          for (const { resolve } of applied) resolve()
          return
        }
        if (attempt === MAX_WRITE_ATTEMPTS) throw contended(this.#store)
        this.#take(await this.#store.read())
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  async #replace(value: T): Promise<boolean> {
    const stored = await this.#store.write(JSON.stringify(value), this.#version)
    if (stored === undefined) return false
    this.#value = value
    this.#version = stored.version
    return true
  }

  /**
   * Events come late: one that is not ours may be older than our last write, so it is only a reason to read. During a
   * write not even that, because a write that lost reads by itself.
   */
  #onChange(document: StoredText | undefined): void {
    if (this.#writing || document?.version === this.#version) return
    void this.#reread(this.#version)
  }

  async #reread(versionBefore: string | undefined): Promise<void> {
    try {
      const document = await this.#store.read()
      if (!this.#writing && this.#version === versionBefore) this.#take(document)
    } catch {
      // What cannot be read changes nothing; the next write reads again, and tells its caller.
    }
  }

  #take(document: StoredText | undefined): void {
    this.#value = document === undefined ? this.#empty : this.#parse(document.text)
    this.#version = document?.version
  }
}

/** A change that throws is left out, and its caller told at once. */
function applyAll<T>(
  start: T,
  batch: readonly Pending<T>[],
): { readonly value: T; readonly applied: readonly Pending<T>[] } {
  const applied: Pending<T>[] = []
  let value = start
  for (const pending of batch) {
    try {
      value = pending.change(value)
      applied.push(pending)
    } catch (error) {
      pending.reject(error)
    }
  }
  return { value, applied }
}

const unreadable = (store: DocumentStore, cause: unknown): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'RecordUnreadable',
    `${store.description} holds something this agent cannot read (${cause instanceof Error ? cause.message : 'not JSON'}); restore it from a backup, or delete it to start over`,
    { cause },
  )

const contended = (store: DocumentStore): PorpulsionError =>
  new PorpulsionError(
    'Conflict',
    'RecordContended',
    `${store.description} kept changing while it was written; try again`,
  )
