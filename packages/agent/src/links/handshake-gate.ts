/** Bounds what strangers can make us do before they have proven anything. */
export interface HandshakeGateOptions {
  readonly maxPerAddress: number
  readonly maxTotal: number
}

const defaultHandshakeBounds: HandshakeGateOptions = { maxPerAddress: 16, maxTotal: 64 }

/**
 * Counts handshakes under way, from the upgrade to the Hello. At the bound the newcomer is refused: nobody who is in
 * has to go, least of all a live session, which is not counted here at all.
 */
export class HandshakeGate {
  readonly #options: HandshakeGateOptions
  readonly #byAddress = new Map<string, number>()
  #total = 0

  constructor(options: HandshakeGateOptions = defaultHandshakeBounds) {
    this.#options = options
  }

  /** Undefined: full. Otherwise how to leave; leaving twice is leaving once. */
  enter(address: string): (() => void) | undefined {
    const present = this.#byAddress.get(address) ?? 0
    if (present >= this.#options.maxPerAddress || this.#total >= this.#options.maxTotal)
      return undefined
    this.#byAddress.set(address, present + 1)
    this.#total++
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      this.#total--
      const left = (this.#byAddress.get(address) ?? 1) - 1
      if (left === 0) this.#byAddress.delete(address)
      else this.#byAddress.set(address, left)
    }
  }
}
