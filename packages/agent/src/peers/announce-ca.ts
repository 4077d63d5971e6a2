import type { IdentityRenewal } from '@porpulsion/contract'
import { readCaCertificate } from './ca-certificate.ts'
import { issueCa, type CaKeyPair } from './issue-certificates.ts'
import type { OwnIdentity } from './own-identity.ts'
import { ownCaOf } from './own-identity.ts'
import { announce } from './renewal-statement.ts'

/** A new CA, and what both keys say of it. Nothing is stored yet. */
export async function announceCa(
  identity: OwnIdentity,
  nowMs: number,
): Promise<{ readonly keys: CaKeyPair; readonly announcement: IdentityRenewal }> {
  const keys = await issueCa(identity.name, nowMs)
  const reading = readCaCertificate(keys.certificatePem)
  if (reading.kind === 'invalid') throw new Error(`The new certificate ${reading.message}`)
  const next = ownCaOf(keys, { name: identity.name }, { now: () => nowMs })
  // The time, so that an agent that was restored from a backup does not count backwards.
  const sequence = Math.max(identity.record.sequence + 1, nowMs)
  const facts = { sequence, former: identity.fingerprint, next: next.fingerprint }
  const announcement = announce(facts, reading.ca, {
    former: (bytes) => identity.sign(bytes),
    next: (bytes) => next.sign(bytes),
  })
  return { keys, announcement }
}
