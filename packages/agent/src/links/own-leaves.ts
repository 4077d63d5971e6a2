import type { Clock } from '../observability/index.ts'
import type { Identity, Leaf, OwnCa } from '../peers/index.ts'
import { LeafSource } from './leaf-source.ts'

/** Beyond the one in use and the one before it nobody is shown a CA of ours. */
const maxSources = 2

/** What we prove ourselves with to a peer: a leaf of the CA by which it knows us. */
export class OwnLeaves {
  readonly #identity: Pick<Identity, 'forPeer'>
  readonly #clock: Clock
  readonly #sources = new Map<string, LeafSource>()

  constructor(identity: Pick<Identity, 'forPeer'>, clock: Clock) {
    this.#identity = identity
    this.#clock = clock
  }

  async for(peer: { readonly fingerprint: string }): Promise<{
    readonly ca: OwnCa
    readonly leaf: Leaf
  }> {
    const ca = this.#identity.forPeer(peer.fingerprint)
    return { ca, leaf: await this.#source(ca).current() }
  }

  #source(ca: OwnCa): LeafSource {
    const known = this.#sources.get(ca.fingerprint)
    if (known !== undefined) return known
    const source = new LeafSource(ca, this.#clock)
    this.#sources.set(ca.fingerprint, source)
    for (const fingerprint of this.#sources.keys())
      if (this.#sources.size > maxSources) this.#sources.delete(fingerprint)
    return source
  }
}
