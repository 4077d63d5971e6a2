import { verify, type KeyObject } from 'node:crypto'
import { lengthPrefixed } from '../peers/index.ts'

/** Base64: a signature by the key of the CA that `X-Agent-Ca` shows. Absent from agents of the version before. */
export const proofHeader = 'x-agent-proof'

/** What a dialler says before anything else: that it, at this time by its clock, dials the agent with this CA. */
export interface DialFacts {
  /** As `X-Agent-Time` has it. */
  readonly time: string
  /** Fingerprints of the CAs by which the two know each other. */
  readonly dialler: string
  readonly acceptor: string
}

const transcript = ({ time, dialler, acceptor }: DialFacts): Buffer =>
  lengthPrefixed([
    'porpulsion/dial/1',
    time,
    Buffer.from(dialler, 'hex'),
    Buffer.from(acceptor, 'hex'),
  ])

export function proofOfDial(facts: DialFacts, sign: (bytes: Uint8Array) => Buffer): string {
  return sign(transcript(facts)).toString('base64')
}

/** Clocks differ. Who is further off is taken for somebody without a proof, and may still come in. */
const maxDifferenceMs = 5 * 60_000

/**
 * Tells diallers that hold the key from those that copied the certificate. It decides about nothing but whose place among
 * the handshakes is taken: what an ingress has seen it can send again, once. So each proof must be newer than the last.
 */
export class DialProofs {
  /** By the peer that was claimed: as many as there are peers. */
  readonly #newest = new Map<string, number>()

  /** `facts` but for the key are what a stranger said. */
  isFresh(
    facts: DialFacts,
    proof: string,
    {
      key,
      peer,
      nowMs,
    }: { readonly key: KeyObject; readonly peer: string; readonly nowMs: number },
  ): boolean {
    const timeMs = Date.parse(facts.time)
    if (!(Math.abs(timeMs - nowMs) <= maxDifferenceMs)) return false
    if (timeMs <= (this.#newest.get(peer) ?? 0)) return false
    if (!verify('sha256', transcript(facts), key, Buffer.from(proof, 'base64'))) return false
    this.#newest.set(peer, timeMs)
    return true
  }
}
