import type { CaRenewal, PeerSpec } from '@porpulsion/contract'
import type { CaCertificate, CaReading } from './ca-certificate.ts'
import { provesRenewal } from './renewal-statement.ts'

/** From the CA a peer came with to the one it has now. */
export interface CaChain {
  /** The first one's fingerprint: the peer's identity. */
  readonly id: string
  /** All of them, oldest first. */
  readonly cas: readonly CaCertificate[]
  /** The one that counts. */
  readonly current: CaCertificate
  /** Announced by the current one and not used yet: counts as well. */
  readonly next: CaCertificate | undefined
  /** Of the last announcement; 0 before the first. */
  readonly sequence: number
  /** When the current one was announced; undefined for the first. */
  readonly renewedAt: string | undefined
}

export type ChainReading =
  | { readonly kind: 'chain'; readonly chain: CaChain }
  /** `message` is a sentence; `fingerprint` that of the first CA, if it can be told. */
  | {
      readonly kind: 'invalid'
      readonly reason: 'CertificateInvalid' | 'PeerIdentityMismatch'
      readonly message: string
      readonly fingerprint: string | undefined
    }

/**
 * Reads what a Peer says of CAs. Each renewal is proven anew by the CA before it: who may edit Peers cannot give one
 * another identity, as they cannot exchange `spec.caCertificate`.
 */
export function readChain(
  spec: Pick<PeerSpec, 'caCertificate' | 'renewals'>,
  readCa: (encoded: string | Buffer) => CaReading,
): ChainReading {
  const first = readCa(spec.caCertificate)
  if (first.kind === 'invalid')
    return {
      kind: 'invalid',
      reason: 'CertificateInvalid',
      message: `spec.caCertificate ${first.message}`,
      fingerprint: undefined,
    }
  const { fingerprint: id } = first.ca
  const renewals = spec.renewals ?? []
  const cas: CaCertificate[] = [first.ca]
  let before: CaCertificate = first.ca
  for (const [index, renewal] of renewals.entries()) {
    const reading = readCa(Buffer.from(renewal.caCertificate, 'base64'))
    const isLast = index === renewals.length - 1
    // Without the second condition a CA in the middle that never came up would count for ever.
    if (
      reading.kind === 'invalid' ||
      !(isLast || renewal.inUse === true) ||
      !provesRenewal(renewal, before, reading.ca)
    )
      return {
        kind: 'invalid',
        reason: 'PeerIdentityMismatch',
        message: `spec.renewals[${index}] is not a CA that the one before it has announced; the peer's identity is ${id}. Remove the peer and add it anew`,
        fingerprint: id,
      }
    before = reading.ca
    cas.push(reading.ca)
  }
  return { kind: 'chain', chain: chainOf(id, cas, renewals) }
}

function chainOf(
  id: string,
  cas: readonly CaCertificate[],
  renewals: readonly CaRenewal[],
): CaChain {
  const last = renewals.at(-1)
  const hasNext = last !== undefined && last.inUse !== true
  const currentIndex = cas.length - (hasNext ? 2 : 1)
  const [current, next] = cas.slice(currentIndex)
  // The first CA is always there, so there always is a current one.
  if (current === undefined) throw new Error('A chain without a CA')
  return {
    id,
    cas,
    current,
    next,
    sequence: last?.sequence ?? 0,
    renewedAt: currentIndex === 0 ? undefined : renewals[currentIndex - 1]?.renewedAt,
  }
}
