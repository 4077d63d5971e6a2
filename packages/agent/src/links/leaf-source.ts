import type { Clock } from '../observability/index.ts'
import type { Identity, Leaf } from '../peers/index.ts'

/** A leaf this old is not used for new sessions: what replaces an ageing session must outlive it. */
const freshFraction = 0.6
/** Sessions give way at two thirds of their leaf's life, spread a little so that not all do at once. */
const renewalFraction = 2 / 3
const renewalSpread = 0.05
/** Half of what is left at the renewal: a session that still runs on the certificate then will not be replaced. */
const overdueFraction = 5 / 6

/** One leaf for all sessions of a while; a new one, with a new key, in good time. */
export class LeafSource {
  readonly #identity: Pick<Identity, 'issueLeaf'>
  readonly #clock: Clock
  #current: Promise<Leaf> | undefined

  constructor(identity: Pick<Identity, 'issueLeaf'>, clock: Clock) {
    this.#identity = identity
    this.#clock = clock
  }

  async current(): Promise<Leaf> {
    const leaf = await this.#current?.catch(() => undefined)
    if (leaf !== undefined && this.#isFresh(leaf)) return leaf
    this.#current = this.#identity.issueLeaf()
    return await this.#current
  }

  /** Also false for a leaf of the future: the clock was set back since. */
  #isFresh({ notBeforeMs, notAfterMs }: Leaf): boolean {
    const age = (this.#clock.now() - notBeforeMs) / (notAfterMs - notBeforeMs)
    return age >= 0 && age < freshFraction
  }
}

/** When a session with this leaf should have been replaced for long, however long the leaf lives. */
export function overdueMs({ notBeforeMs, notAfterMs }: Life): number {
  return notBeforeMs + overdueFraction * (notAfterMs - notBeforeMs)
}

/** When a session with this leaf is to be replaced; `chance` in [0, 1). */
export function renewalMs({ notBeforeMs, notAfterMs }: Life, chance: number): number {
  const fraction = renewalFraction + renewalSpread * (chance - 0.5)
  return notBeforeMs + fraction * (notAfterMs - notBeforeMs)
}

type Life = Pick<Leaf, 'notBeforeMs' | 'notAfterMs'>
