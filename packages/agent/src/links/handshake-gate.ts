import { createRateLimit, type RateLimit } from '../api/index.ts'
import type { Clock } from '../observability/index.ts'

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
  /** Of one claimed peer after a rest, and then one a second. */
  readonly burstPerPeer: number
}

/**
 * Of 8, 16, 32 and 64 per address, for 200 peers that come back at once through one ingress (rounds in turn, so that each
 * had the same company on its two processors): 8 and 16 cost the least processor time, 32 and 64 five per cent more; time
 * until all are linked does not tell them apart. The longest turn of the event loop, which is what everybody else waits
 * for, grows with the number: with 64 it is about twice that with 16. Of the two that are cheap the larger one has
 * room for more who come at once.
 */
const defaultHandshakeBounds: HandshakeGateOptions = {
  maxPerCaller: 4,
  maxPerPeer: 16,
  maxPerAddress: 16,
  maxTotal: 64,
  burstPerPeer: 32,
}

/**
 * An honest peer redials after a second at the soonest. Each session that comes up and ends is lines in the log, writes of
 * the Peer and questions about all apps of the peer: one that comes and goes without end would be all this agent does.
 */
const handshakesPerSecond = 1
/** As many peers as that have been here lately; forgetting one only forgives. */
const maxRememberedPeers = 10_000

export interface Caller {
  /** Fingerprint of the peer it claims to be: unproven. */
  readonly claimed: string
  readonly address: string
  /** It has signed the claim (`dial-proof.ts`). Those are counted apart: who only copied a certificate takes no place of theirs. */
  readonly isSigned: boolean
}

/**
 * Counts handshakes under way, from the upgrade to the Hello. At a bound the newcomer is refused: nobody who is in
 * has to go, least of all a live session, which is not counted here at all.
 */
export class HandshakeGate {
  readonly #options: HandshakeGateOptions
  readonly #present = new Map<string, number>()
  readonly #rate: RateLimit

  constructor(clock: Clock, options: HandshakeGateOptions = defaultHandshakeBounds) {
    this.#options = options
    this.#rate = createRateLimit(clock, {
      perSecond: handshakesPerSecond,
      burst: options.burstPerPeer,
      maxKeys: maxRememberedPeers,
    })
  }

  /** Undefined: full, or too often. Otherwise how to leave; leaving twice is leaving once. */
  enter(caller: Caller): (() => void) | undefined {
    const counts = this.#countsOf(caller)
    if (counts.some(([key, max]) => this.#at(key) >= max)) return undefined
    if (!this.#rate.allows(`${kindOf(caller)} ${caller.claimed}`)) return undefined
    for (const [key] of counts) this.#present.set(key, this.#at(key) + 1)
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      for (const [key] of counts) this.#leave(key)
    }
  }

  /** All that it counts towards, each with its bound. */
  #countsOf(caller: Caller): readonly (readonly [string, number])[] {
    const { maxPerCaller, maxPerPeer, maxPerAddress, maxTotal } = this.#options
    const { claimed, address } = caller
    const kind = kindOf(caller)
    return [
      [`${kind} caller ${claimed} ${address}`, maxPerCaller],
      [`${kind} peer ${claimed}`, maxPerPeer],
      [`${kind} address ${address}`, maxPerAddress],
      [`${kind} all`, maxTotal],
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

const kindOf = ({ isSigned }: Caller): string => (isSigned ? 'signed' : 'claimed')
