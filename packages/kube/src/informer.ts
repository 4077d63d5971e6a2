import type { KubeObject, ObjectRef, Stored } from './kube-object.ts'
import { abortReason, onAbort } from './abort.ts'
import { ListWatch, type ListWatchDeps, type ListWatchOptions } from './list-watch.ts'
import { ObjectCache, type CacheChange, type IndexFunction } from './object-cache.ts'
import { resourceName } from './resource-kind.ts'

export type InformerDeps = ListWatchDeps

export interface InformerOptions<
  T extends KubeObject,
  I extends string = never,
> extends ListWatchOptions<T> {
  /** Named ways to find objects; see `byIndex`. */
  readonly indexes?: Readonly<Record<I, IndexFunction<T>>>
}

/** Told of every change of the cache, after it. What it throws is reported, and hurts nobody else. */
export type InformerListener<T extends KubeObject> = (
  change: CacheChange<T>,
) => void | Promise<void>

/**
 * A local copy of a collection that follows the API server until stopped. Reading it costs nothing; what it returns is
 * frozen, shared, and a little behind the server. `metadata.managedFields` is left out: it is half of the memory and
 * nobody's business here.
 */
export class Informer<T extends KubeObject, I extends string = never> {
  readonly options: InformerOptions<T, I>
  readonly #deps: InformerDeps
  readonly #cache: ObjectCache<T>
  readonly #listWatch: ListWatch<T>
  readonly #listeners = new Set<InformerListener<T>>()
  readonly #waiting = new Set<() => void>()
  readonly #stopping = new AbortController()
  #hasSynced = false
  #running: Promise<void> | undefined

  constructor(deps: InformerDeps, options: InformerOptions<T, I>) {
    this.#deps = deps
    this.options = options
    this.#cache = new ObjectCache(this.#contained(options.indexes ?? {}))
    this.#listWatch = new ListWatch(deps, options, {
      replace: (objects) => {
        this.#publish(this.#cache.replace(objects.map(withoutManagedFields)))
        this.#synced()
      },
      change: ({ kind, object }) => {
        const own = withoutManagedFields(object)
        this.#publish(
          kind === 'deleted' ? this.#cache.delete(own.metadata, own) : this.#cache.set(own),
        )
      },
    })
  }

  /** Whether the cache has been complete once. It stays true while the server is away: see `stalenessMs`. */
  get hasSynced(): boolean {
    return this.#hasSynced
  }

  get size(): number {
    return this.#cache.size
  }

  /** Starts following; resolves once the cache is complete, however long the server takes. */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#running === undefined) {
      const leaveSignal = onAbort(signal, () => this.#stopping.abort(abortReason(signal)))
      this.#running = this.#listWatch.run(this.#stopping.signal).finally(leaveSignal)
    }
    await this.whenSynced(signal)
  }

  /** Stops following; the cache stays as it is. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /** Resolves once the cache is complete; rejects if `signal` fires, or the informer is stopped, before. */
  whenSynced(signal: AbortSignal): Promise<void> {
    if (this.#hasSynced) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        this.#waiting.delete(onSynced)
        for (const leave of leaves) leave()
        finish()
      }
      const onSynced = (): void => settle(resolve)
      const leaves: (() => void)[] = []
      this.#waiting.add(onSynced)
      for (const end of [signal, this.#stopping.signal])
        leaves.push(onAbort(end, () => settle(() => reject(abortReason(end)))))
    })
  }

  /** How long ago the server last proved that the cache is current; infinite before the first list. */
  stalenessMs(): number {
    const { lastContactAt } = this.#listWatch
    return lastContactAt === undefined ? Infinity : this.#deps.clock.now() - lastContactAt
  }

  /** What is in the cache already is told at once, as added. The returned function unsubscribes. */
  on(listener: InformerListener<T>): () => void {
    this.#listeners.add(listener)
    for (const object of this.#cache.list()) this.#tell(listener, { kind: 'added', object })
    return () => this.#listeners.delete(listener)
  }

  get(ref: ObjectRef): Stored<T> | undefined {
    return this.#cache.get(ref)
  }

  /** In no particular order. */
  list(): Stored<T>[] {
    return this.#cache.list()
  }

  inNamespace(namespace: string): Stored<T>[] {
    return this.#cache.inNamespace(namespace)
  }

  /** Objects that name this uid among their owners. */
  ownedBy(uid: string): Stored<T>[] {
    return this.#cache.ownedBy(uid)
  }

  byIndex(index: I, value: string): Stored<T>[] {
    return this.#cache.byIndex(index, value)
  }

  #synced(): void {
    this.#hasSynced = true
    for (const onSynced of [...this.#waiting]) onSynced()
  }

  #publish(changes: readonly CacheChange<T>[]): void {
    for (const change of changes)
      for (const listener of this.#listeners) this.#tell(listener, change)
  }

  #tell(listener: InformerListener<T>, change: CacheChange<T>): void {
    try {
      const pending = listener(change)
      pending?.catch((error: unknown) => this.#reportFault(error))
    } catch (error) {
      this.#reportFault(error)
    }
  }

  /** An index function that throws on one object must not keep all others out of the cache. */
  #contained(
    indexes: Readonly<Record<string, IndexFunction<T>>>,
  ): Readonly<Record<string, IndexFunction<T>>> {
    return Object.fromEntries(
      Object.entries(indexes).map(([name, keysOf]) => [
        name,
        (object: Stored<T>) => {
          try {
            return keysOf(object)
          } catch (error) {
            this.#reportFault(error)
            return []
          }
        },
      ]),
    )
  }

  #reportFault(error: unknown): void {
    const resource = resourceName(this.options.kind)
    this.#deps.report({ kind: 'listener-failed', resource, error })
  }
}

/** The object is fresh from the wire and nobody else's yet. */
function withoutManagedFields<T extends KubeObject>(object: Stored<T>): Stored<T> {
  delete object.metadata.managedFields
  return object
}
