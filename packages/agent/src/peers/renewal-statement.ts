import { verify, type KeyObject } from 'node:crypto'
import type { IdentityRenewal } from '@porpulsion/contract'
import type { CaCertificate } from './ca-certificate.ts'
import { lengthPrefixed } from './length-prefixed.ts'

/** What an agent says when it renews its CA; docs/protocol.md, "Renewing an identity". */
export interface RenewalFacts {
  readonly sequence: number
  /** Hex; SHA-256 of the CA certificates. */
  readonly former: string
  readonly next: string
}

const label = 'porpulsion/identity/1'

/** Which of the two keys signs: neither signature can stand for the other. */
export type RenewalSigner = 'former' | 'next'

/** The bytes under a signature. */
export function renewalTranscript(facts: RenewalFacts, signer: RenewalSigner): Buffer {
  return lengthPrefixed([
    label,
    signer,
    String(facts.sequence),
    Buffer.from(facts.former, 'hex'),
    Buffer.from(facts.next, 'hex'),
  ])
}

type Sign = (bytes: Uint8Array) => Buffer

/** Both signatures: the former key says who follows it, the next one that it is really held. */
export function announce(
  facts: RenewalFacts,
  next: Pick<CaCertificate, 'der'>,
  sign: Readonly<Record<RenewalSigner, Sign>>,
): IdentityRenewal {
  const signed = (signer: RenewalSigner): string =>
    sign[signer](renewalTranscript(facts, signer)).toString('base64')
  return {
    sequence: facts.sequence,
    former: facts.former,
    caCertificate: next.der.toString('base64'),
    formerSignature: signed('former'),
    signature: signed('next'),
  }
}

/** Whether both keys have said that `next` follows `former`. */
export function provesRenewal(
  { sequence, formerSignature, signature }: Omit<IdentityRenewal, 'caCertificate' | 'former'>,
  former: Pick<CaCertificate, 'fingerprint' | 'publicKey'>,
  next: Pick<CaCertificate, 'fingerprint' | 'publicKey'>,
): boolean {
  const facts = { sequence, former: former.fingerprint, next: next.fingerprint }
  const proves = (signer: RenewalSigner, key: KeyObject, base64: string): boolean =>
    verify('sha256', renewalTranscript(facts, signer), key, Buffer.from(base64, 'base64'))
  return (
    proves('former', former.publicKey, formerSignature) && proves('next', next.publicKey, signature)
  )
}
