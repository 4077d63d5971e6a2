import type { DocumentStore, StoredText } from './document-store.ts'

export interface MemoryDocumentStore extends DocumentStore {
  /** As another writer would. */
  put(text: string | undefined): void
}

/** For tests of what keeps records: behaves as the cluster would, in memory. */
export function createMemoryDocumentStore(text?: string): MemoryDocumentStore {
  const listeners = new Set<(document: StoredText | undefined) => void>()
  let writes = 0
  let stored = text === undefined ? undefined : { text, version: 'first' }

  function put(next: string | undefined): StoredText | undefined {
    writes++
    stored = next === undefined ? undefined : { text: next, version: String(writes) }
    for (const listener of listeners) listener(stored)
    return stored
  }

  return {
    description: 'Record in memory',
    read: () => Promise.resolve(stored),
    write: (next, version) => Promise.resolve(version === stored?.version ? put(next) : undefined),
    remove() {
      if (stored !== undefined) put(undefined)
      return Promise.resolve()
    },
    follow(listener, signal) {
      listeners.add(listener)
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true })
      listener(stored)
      return Promise.resolve()
    },
    put(next) {
      put(next)
    },
  }
}
