import { LRUCache } from 'lru-cache'
import type { StoredRemoteApp } from './kube-app-kinds.ts'

/** Changes whose authors are remembered until they are recorded, a moment later. */
const MAX_REMEMBERED = 2_000

/** Who changed an app through our API. Kubernetes knows only that it was the agent. */
export class SpecAuthors {
  readonly #authors = new LRUCache<string, string>({ max: MAX_REMEMBERED })
  readonly #writing = new Map<string, Set<Promise<unknown>>>()

  /** `before` is undefined of a new app. */
  async attribute(
    name: string,
    by: string,
    write: () => Promise<{ readonly before?: StoredRemoteApp; readonly after: StoredRemoteApp }>,
  ): Promise<StoredRemoteApp> {
    const writing = write()
    const all = this.#writing.get(name) ?? new Set()
    this.#writing.set(name, all.add(writing))
    try {
      const { before, after } = await writing
      // A write that leaves the spec as it was says nothing of who wrote that.
      if (before?.metadata.generation !== after.metadata.generation)
        this.#authors.set(keyOf(after), by)
      return after
    } finally {
      all.delete(writing)
      if (all.size === 0) this.#writing.delete(name)
    }
  }

  /** The change is seen before whoever made it hears that it is done; so this waits for them. */
  async of(app: StoredRemoteApp): Promise<string | undefined> {
    await Promise.allSettled([...(this.#writing.get(app.metadata.name) ?? [])])
    return this.#authors.get(keyOf(app))
  }
}

const keyOf = ({ metadata }: StoredRemoteApp): string =>
  `${metadata.uid} ${metadata.generation ?? 0}`
