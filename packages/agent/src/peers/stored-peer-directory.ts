import type { PeerSpec } from '@porpulsion/contract'
import { LRUCache } from 'lru-cache'
import { readCaCertificate } from './ca-certificate.ts'
import { readChain, type CaChain, type ChainReading } from './ca-chain.ts'
import { casOf, type KnownPeer, type PeerDirectory } from './known-peer.ts'
import { judgePeers, type PeerStanding, type StandingContext } from './peer-standing.ts'
import type { PeerStore } from './peer-store.ts'

/** Parsing certificates and checking their signatures costs more than everything else here; it never changes. */
const maxReadings = 5_000

/** The directory made from Peer resources and the revoked list; judged anew whenever either changes. */
export class StoredPeerDirectory implements PeerDirectory {
  readonly #store: PeerStore
  readonly #context: Omit<StandingContext, 'readChain'>
  readonly #readings = new LRUCache<string, ChainReading>({ max: maxReadings })
  readonly #listeners = new Set<() => void>()
  #standings: ReadonlyMap<string, PeerStanding> = new Map()
  #known: readonly KnownPeer[] = []
  #shown = ''
  #byFingerprint: ReadonlyMap<string, KnownPeer> = new Map()
  #byCa: ReadonlyMap<string, KnownPeer> = new Map()

  constructor(store: PeerStore, context: Omit<StandingContext, 'readChain'>) {
    this.#store = store
    this.#context = context
  }

  /** Reads everything again; tells it only if somebody's standing is another one: most changes are of status. */
  refresh(): void {
    const readChain = (spec: PeerSpec): ChainReading => this.#read(spec)
    this.#standings = judgePeers(this.#store.list(), { ...this.#context, readChain })
    this.#known = [...this.#standings.values()].flatMap((standing) =>
      standing.kind === 'known' ? [standing.peer] : [],
    )
    this.#byFingerprint = new Map(this.#known.map((peer) => [peer.fingerprint, peer]))
    this.#byCa = new Map(
      this.#known.flatMap((peer) => casOf(peer).map(({ fingerprint }) => [fingerprint, peer])),
    )
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

  byCa(fingerprint: string): KnownPeer | undefined {
    return this.#byCa.get(fingerprint)
  }

  /** The Peer in force that has or had this CA. */
  holderOf(fingerprint: string): string | undefined {
    for (const [name, standing] of this.#standings)
      if (standing.kind === 'known' && hasCa(standing.chain, fingerprint)) return name
    return undefined
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

  #read({ caCertificate, renewals }: PeerSpec): ChainReading {
    const key = renewals === undefined ? caCertificate : JSON.stringify([caCertificate, renewals])
    const known = this.#readings.get(key)
    if (known !== undefined) return known
    const reading = readChain(
      { caCertificate, ...(renewals !== undefined && { renewals }) },
      readCaCertificate,
    )
    this.#readings.set(key, reading)
    return reading
  }
}

const hasCa = ({ cas }: CaChain, fingerprint: string): boolean =>
  cas.some((ca) => ca.fingerprint === fingerprint)

/** All of a standing that anybody decides by. */
function summary(name: string, standing: PeerStanding): string {
  if (standing.kind === 'refused') return JSON.stringify([name, standing.reason, standing.message])
  const { uid, fingerprint, caFingerprint, nextCa, url, confirmed } = standing.peer ?? {}
  const cas = [fingerprint, caFingerprint, nextCa?.fingerprint]
  return JSON.stringify([name, standing.kind, uid, ...cas, url, confirmed])
}
