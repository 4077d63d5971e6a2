/**
 * Bounds of what callers can make us hold before they have proven anything. Whom a caller claims to be is known here,
 * and can be copied; its address may be that of an ingress, and everybody's.
 */
export interface HandshakeGateOptions {
  /** One claimed peer at one address: an honest one needs a second handshake only while its first hangs. */
  readonly maxPerCaller: number
  /** One claimed peer at whatever addresses: a copied CA certificate keeps no other peer out. */
  readonly maxPerPeer: number
  /** Many claimed peers at one address: they share a processor, and the rest are told when to come back. */
  readonly maxPerAddress: number
  readonly maxTotal: number
}

const defaultHandshakeBounds: HandshakeGateOptions = {
  maxPerCaller: 4,
  maxPerPeer: 16,
  maxPerAddress: 16,
  maxTotal: 64,
}

export interface Caller {
  /** Fingerprint of the peer it claims to be: unproven. */
  readonly claimed: string
  readonly address: string
}

/**
 * Counts handshakes under way, from the upgrade to the Hello. At a bound the newcomer is refused: nobody who is in
 * has to go, least of all a live session, which is not counted here at all.
 */
export class HandshakeGate {
  readonly #options: HandshakeGateOptions
  readonly #present = new Map<string, number>()

  constructor(options: HandshakeGateOptions = defaultHandshakeBounds) {
    this.#options = options
  }

  /** Undefined: full. Otherwise how to leave; leaving twice is leaving once. */
  enter(caller: Caller): (() => void) | undefined {
    const counts = this.#countsOf(caller)
    if (counts.some(([key, max]) => this.#at(key) >= max)) return undefined
    for (const [key] of counts) this.#present.set(key, this.#at(key) + 1)
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      for (const [key] of counts) this.#leave(key)
    }
  }

  /** All that it counts towards, each with its bound. */
  #countsOf({ claimed, address }: Caller): readonly (readonly [string, number])[] {
    const { maxPerCaller, maxPerPeer, maxPerAddress, maxTotal } = this.#options
    return [
      [`caller ${claimed} ${address}`, maxPerCaller],
      [`peer ${claimed}`, maxPerPeer],
      [`address ${address}`, maxPerAddress],
      ['all', maxTotal],
    ]
  }

  #at(key: string): number {
    return this.#present.get(key) ?? 0
  }

  /** What nobody counts towards any more is forgotten: addresses are as many as strangers like. */
  #leave(key: string): void {
    const left = this.#at(key) - 1
    if (left <= 0) this.#present.delete(key)
    else this.#present.set(key, left)
  }
}
