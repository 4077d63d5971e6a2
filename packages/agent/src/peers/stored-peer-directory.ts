import type { KnownPeer, PeerDirectory } from './known-peer.ts'
import { judgePeers, type PeerStanding, type StandingContext } from './peer-standing.ts'
import type { PeerStore } from './peer-store.ts'

/** The directory made from Peer resources and the revoked list; judged anew whenever either changes. */
export class StoredPeerDirectory implements PeerDirectory {
  readonly #store: PeerStore
  readonly #context: StandingContext
  readonly #listeners = new Set<() => void>()
  #standings: ReadonlyMap<string, PeerStanding> = new Map()
  #known: readonly KnownPeer[] = []
  #byFingerprint: ReadonlyMap<string, KnownPeer> = new Map()

  constructor(store: PeerStore, context: StandingContext) {
    this.#store = store
    this.#context = context
  }

  /** Reads everything again. */
  refresh(): void {
    this.#standings = judgePeers(this.#store.list(), this.#context)
    this.#known = [...this.#standings.values()].flatMap((standing) =>
      standing.kind === 'known' ? [standing.peer] : [],
    )
    this.#byFingerprint = new Map(this.#known.map((peer) => [peer.fingerprint, peer]))
    for (const listener of [...this.#listeners]) listener()
  }

  byName(name: string): KnownPeer | undefined {
    const standing = this.#standings.get(name)
    return standing?.kind === 'known' ? standing.peer : undefined
  }

  byFingerprint(fingerprint: string): KnownPeer | undefined {
    return this.#byFingerprint.get(fingerprint)
  }

  list(): readonly KnownPeer[] {
    return this.#known
  }

  standing(name: string): PeerStanding | undefined {
    return this.#standings.get(name)
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
