/** Where changes become lasting. The registry keeps the state in memory; this keeps what is needed to rebuild it. */
import type { Stored } from '../registry/registry.ts'

export interface Change {
  readonly resourceVersion: number
  /** The resource's id: `deployments.apps`. */
  readonly resource: string
  readonly namespace?: string
  readonly name: string
  /** Left out: removed. */
  readonly object?: Stored
}

export interface Storage {
  /**
   * Resolves once the change survives a crash; in order of the calls. A rejection is final: what is in memory is then
   * ahead of the disk, and every later append is rejected too.
   */
  append(change: Change): Promise<void>
  /** Waits for what was appended. Idempotent. */
  close(): Promise<void>
}

/** What a store found when it was opened. */
export interface RestoredState {
  /** No resourceVersion up to here may be given out again. */
  readonly resourceVersion: number
  readonly objects: readonly Change[]
}

/** Gives all present objects, for a snapshot. The result must not change while it is being written. */
export type StateSource = () => RestoredState

/** Keeps nothing: for tests. */
export class MemoryStorage implements Storage {
  append(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
