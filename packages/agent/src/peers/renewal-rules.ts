import { maxCaRenewals, PorpulsionError, type IdentityRenewal } from '@porpulsion/contract'
import type { CaCertificate, CaReading } from './ca-certificate.ts'
import type { CaChain } from './ca-chain.ts'
import { provesRenewal } from './renewal-statement.ts'

export interface RenewalQuestion {
  /** Of the peer that says it. */
  readonly chain: CaChain
  /** Fingerprint of the CA that proved it in the session over which it says it. */
  readonly provenBy: string
  readonly renewal: IdentityRenewal
  /** What `renewal.caCertificate` is. */
  readonly reading: CaReading
  readonly isOurs: (fingerprint: string) => boolean
  readonly isRevoked: (fingerprint: string) => boolean
  /** Another Peer has or had this CA. */
  readonly isOfAnother: (fingerprint: string) => boolean
}

export type RenewalVerdict =
  /** It is pinned already: the answer was lost, say it again. */
  | { readonly kind: 'known' }
  /** Comes after the CA that announces it; whatever else that one had announced is forgotten. */
  | { readonly kind: 'pin'; readonly ca: CaCertificate; readonly after: CaCertificate }
  | { readonly kind: 'refused'; readonly error: PorpulsionError }

/** Whether a CA that a peer announces is pinned beside the one it has. Decides, touches nothing. */
export function judgeRenewal(question: RenewalQuestion): RenewalVerdict {
  const { chain, provenBy, renewal, reading } = question
  if (reading.kind === 'invalid') return invalid(`The new CA certificate ${reading.message}`)
  const { ca } = reading
  // Said by the very CA that the session was proven with: an old statement, or one overheard elsewhere, is nobody's.
  const former = [chain.current, chain.next].find((known) => known?.fingerprint === renewal.former)
  if (former === undefined || renewal.former !== provenBy)
    return outdated('It was announced in the name of a CA that you do not use here')
  if (!provesRenewal(renewal, former, ca))
    return invalid('The new CA is not signed by the former key and its own')
  const isLast = ca.fingerprint === chain.next?.fingerprint && renewal.sequence === chain.sequence
  if (isLast) return { kind: 'known' }
  if (renewal.sequence <= chain.sequence)
    return outdated(
      `It is announcement ${renewal.sequence}; the last one known here is ${chain.sequence}`,
    )
  if (question.isOurs(ca.fingerprint)) return invalid('The new CA is that of this very agent')
  if (chain.cas.some(({ fingerprint }) => fingerprint === ca.fingerprint))
    return invalid('The new CA is one you had before')
  if (question.isRevoked(ca.fingerprint)) return invalid('The new CA is that of a removed peer')
  if (question.isOfAnother(ca.fingerprint)) return invalid('The new CA is that of another peer')
  if (chain.cas.indexOf(former) >= maxCaRenewals) return exhausted()
  return { kind: 'pin', ca, after: former }
}

const refused = (error: PorpulsionError): RenewalVerdict => ({ kind: 'refused', error })

const invalid = (why: string): RenewalVerdict =>
  refused(new PorpulsionError('Invalid', 'RenewalInvalid', `${why}; nothing was pinned`))

const outdated = (why: string): RenewalVerdict =>
  refused(
    new PorpulsionError('FailedPrecondition', 'RenewalOutdated', `${why}; nothing was pinned`),
  )

const exhausted = (): RenewalVerdict =>
  refused(
    new PorpulsionError(
      'LimitExceeded',
      'TooManyRenewals',
      `This agent keeps ${maxCaRenewals} renewals of a peer; be removed here and added anew`,
    ),
  )
