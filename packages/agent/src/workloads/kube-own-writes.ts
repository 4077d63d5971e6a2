import type { KubeObject, Stored } from '@porpulsion/kube'

/** Writes of one object that its cache may still have ahead; more means that the watch is far behind. */
const MAX_AHEAD = 16

interface Written<T extends KubeObject> {
  readonly object: Stored<T>
  /** Versions that our writes replaced. */
  readonly replaced: readonly string[]
}

/**
 * What this controller wrote itself and its cache has not seen yet. Going by the cache alone it would write over its
 * own write, be refused as in conflict, and wait a while for nothing.
 */
export class KubeOwnWrites<T extends KubeObject> {
  readonly #written = new Map<string, Written<T>>()

  note(before: Stored<T>, after: Stored<T>): void {
    const { uid, resourceVersion } = before.metadata
    const replaced = [...(this.#written.get(uid)?.replaced ?? []), resourceVersion]
    this.#written.set(uid, { object: after, replaced: replaced.slice(-MAX_AHEAD) })
  }

  /** The object as last written, while the cache still shows what that replaced. */
  latest(cached: Stored<T>): Stored<T> {
    const { uid, resourceVersion } = cached.metadata
    const written = this.#written.get(uid)
    if (written === undefined) return cached
    if (written.replaced.includes(resourceVersion)) return written.object
    this.#written.delete(uid)
    return cached
  }

  forget(uid: string): void {
    this.#written.delete(uid)
  }
}
