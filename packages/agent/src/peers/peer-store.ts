import type { ObjectMeta, Peer, PeerSpec, PeerStatus } from '@porpulsion/contract'
import type { RemovalChoices } from './known-peer.ts'

/** A Peer that has been in the API server. */
export type StoredPeer = Peer & {
  readonly metadata: ObjectMeta & { readonly uid: string; readonly creationTimestamp: string }
}

/**
 * The Peer resources of our namespace, followed. Reads are from memory. A write resolves once reads show it: who is
 * told "you are my peer now" may call within a millisecond.
 */
export interface PeerStore {
  /** Resolves once the collection is complete. */
  start(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
  get(name: string): StoredPeer | undefined
  list(): readonly StoredPeer[]
  /** With the name of what was added, changed or went away. */
  onChange(listener: (name: string) => void): () => void
  /** Throws `PeerExists` if the name is taken. */
  create(name: string, spec: PeerSpec): Promise<StoredPeer>
  /** Merged into the spec of this very peer. Throws `PeerNotFound`. */
  updateSpec(peer: StoredPeer, change: Partial<PeerSpec>): Promise<StoredPeer>
  writeStatus(peer: StoredPeer, status: PeerStatus): Promise<void>
  /** Keeps it from going before it was removed in an orderly way. */
  hold(peer: StoredPeer): Promise<void>
  /** Asks for its deletion, and notes what shall become of its apps. One that is gone already counts as done. */
  requestDeletion(peer: StoredPeer, choices: RemovalChoices): Promise<void>
  /** What `requestDeletion` noted; undefined for one that was deleted in another way. */
  removalChoices(peer: StoredPeer): RemovalChoices | undefined
  /** Lets it go. One that is gone already counts as done. */
  release(peer: StoredPeer): Promise<void>
}
