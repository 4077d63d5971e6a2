import { LRUCache } from 'lru-cache'
import { readCaCertificate, type CaReading } from './ca-certificate.ts'
import type { KnownPeer, PeerDirectory } from './known-peer.ts'
import { judgePeers, type PeerStanding, type StandingContext } from './peer-standing.ts'
import type { PeerStore } from './peer-store.ts'

/** Parsing a certificate and checking its signature costs more than everything else here; it never changes. */
const maxReadings = 5_000

/** The directory made from Peer resources and the revoked list; judged anew whenever either changes. */
export class StoredPeerDirectory implements PeerDirectory {
  readonly #store: PeerStore
  readonly #context: Omit<StandingContext, 'readCa'>
  readonly #readings = new LRUCache<string, CaReading>({ max: maxReadings })
  readonly #listeners = new Set<() => void>()
  #standings: ReadonlyMap<string, PeerStanding> = new Map()
  #known: readonly KnownPeer[] = []
  #shown = ''
  #byFingerprint: ReadonlyMap<string, KnownPeer> = new Map()

  constructor(store: PeerStore, context: Omit<StandingContext, 'readCa'>) {
    this.#store = store
    this.#context = context
  }

  /** Reads everything again; tells it only if somebody's standing is another one: most changes are of status. */
  refresh(): void {
    const readCa = (pem: string): CaReading => this.#read(pem)
    this.#standings = judgePeers(this.#store.list(), { ...this.#context, readCa })
    this.#known = [...this.#standings.values()].flatMap((standing) =>
      standing.kind === 'known' ? [standing.peer] : [],
    )
    this.#byFingerprint = new Map(this.#known.map((peer) => [peer.fingerprint, peer]))
    const shown = [...this.#standings].map(([name, standing]) => summary(name, standing)).join('\n')
    if (shown === this.#shown) return
    this.#shown = shown
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

  #read(pem: string): CaReading {
    const known = this.#readings.get(pem)
    if (known !== undefined) return known
    const reading = readCaCertificate(pem)
    this.#readings.set(pem, reading)
    return reading
  }
}

/** All of a standing that anybody decides by. */
function summary(name: string, standing: PeerStanding): string {
  if (standing.kind === 'refused') return JSON.stringify([name, standing.reason, standing.message])
  const { uid, fingerprint, url, confirmed } = standing.peer ?? {}
  return JSON.stringify([name, standing.kind, uid, fingerprint, url, confirmed])
}
