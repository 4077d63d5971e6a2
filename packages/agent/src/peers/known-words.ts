import { fingerprintWords } from './fingerprint-words.ts'
import type { Identity } from './identity.ts'
import type { KnownPeer } from './known-peer.ts'

/**
 * The six words of each peer. They are slow to make on purpose: of hundreds of peers together they would take all
 * threads of the process, and with them its certificates, at the very moment when all those peers dial.
 */
export class KnownWords {
  readonly #identity: Pick<Identity, 'forPeer' | 'origin'>
  /** By the two fingerprints they are made of; as many as there are peers. */
  readonly #known = new Map<string, string>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(identity: Pick<Identity, 'forPeer' | 'origin'>) {
    this.#identity = identity
  }

  of(peer: KnownPeer): string | undefined {
    return this.#known.get(this.#pairOf(peer))
  }

  /** `shown`: what its resource says already. */
  async learn(peer: KnownPeer, shown: string | undefined): Promise<void> {
    const pair = this.#pairOf(peer)
    if (this.#known.has(pair)) return
    if (shown !== undefined && this.#isSettled(peer)) {
      this.#known.set(pair, shown)
      return
    }
    const [own = '', theirs = ''] = pair.split(' ')
    await this.#inTurn(async () => this.#known.set(pair, await fingerprintWords(own, theirs)))
  }

  forget(peer: KnownPeer): void {
    this.#known.delete(this.#pairOf(peer))
  }

  /** Nobody is going to compare its words, and nothing they are made of has changed since they were. */
  #isSettled({ fingerprint, caFingerprint = fingerprint, confirmed }: KnownPeer): boolean {
    const { origin } = this.#identity
    const isRenewed = this.#identity.forPeer(fingerprint).fingerprint !== origin
    return confirmed && !isRenewed && caFingerprint === fingerprint
  }

  /** The CAs that both sides see of each other: other ones once either has renewed its own. */
  #pairOf({ fingerprint, caFingerprint }: KnownPeer): string {
    const own = this.#identity.forPeer(fingerprint).fingerprint
    return `${own} ${caFingerprint ?? fingerprint}`
  }

  #inTurn(work: () => Promise<unknown>): Promise<unknown> {
    const turn = this.#last.then(work, work)
    this.#last = turn.catch(() => undefined)
    return turn
  }
}
