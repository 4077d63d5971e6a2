import type { CaRenewal, IdentityRenewal, PeerSpec } from '@porpulsion/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { anIdentity } from '../../test/support/identities.ts'
import { readCaCertificate } from './ca-certificate.ts'
import { readChain, type CaChain } from './ca-chain.ts'
import type { Identity } from './identity.ts'
import { judgeRenewal, type RenewalQuestion } from './renewal-rules.ts'
import { announce } from './renewal-statement.ts'

let first: Identity
let second: Identity
let third: Identity
let stranger: Identity

beforeAll(async () => {
  const made = await Promise.all(['a', 'a', 'a', 'c'].map((name) => anIdentity(name)))
  ;[first, second, third, stranger] = made as [Identity, Identity, Identity, Identity]
})

/** What the holder of `former` says when it renews itself to `next`. */
function said(
  former: Identity,
  next: Identity,
  sequence = 1,
  signers: { former?: Identity; next?: Identity } = {},
): IdentityRenewal {
  return announce(
    { sequence, former: former.fingerprint, next: next.fingerprint },
    { der: next.caCertificateDer },
    {
      former: (bytes) => (signers.former ?? former).sign(bytes),
      next: (bytes) => (signers.next ?? next).sign(bytes),
    },
  )
}

function kept(renewal: IdentityRenewal, inUse: boolean): CaRenewal {
  const { sequence, caCertificate, formerSignature, signature } = renewal
  const renewedAt = '2026-01-01T00:00:00Z'
  return { sequence, caCertificate, formerSignature, signature, renewedAt, ...(inUse && { inUse }) }
}

const spec = (...renewals: CaRenewal[]): PeerSpec => ({
  caCertificate: first.caCertificatePem,
  renewals,
})

function chain(...renewals: CaRenewal[]): CaChain {
  const reading = readChain(spec(...renewals), readCaCertificate)
  if (reading.kind === 'invalid') throw new Error(reading.message)
  return reading.chain
}

function judged(renewal: IdentityRenewal, question: Partial<RenewalQuestion> = {}): string {
  const verdict = judgeRenewal({
    chain: chain(),
    provenBy: renewal.former,
    renewal,
    reading: readCaCertificate(Buffer.from(renewal.caCertificate, 'base64')),
    isOurs: () => false,
    isRevoked: () => false,
    isOfAnother: () => false,
    ...question,
  })
  return verdict.kind === 'refused' ? verdict.error.code : verdict.kind
}

describe('what a peer announces', () => {
  test('is pinned when its former key and the new one have both signed it', () => {
    expect(judged(said(first, second))).toBe('pin')
  })

  test('may be said again: the answer was lost', () => {
    const renewal = said(first, second)
    expect(judged(renewal, { chain: chain(kept(renewal, false)) })).toBe('known')
  })

  test('may replace what was announced and not used', () => {
    const before = chain(kept(said(first, second, 1), false))
    expect(judged(said(first, third, 2), { chain: before })).toBe('pin')
  })

  test('may follow what was announced, from a session that this has proven', () => {
    const before = chain(kept(said(first, second, 1), false))
    expect(judged(said(second, third, 2), { chain: before })).toBe('pin')
  })

  const refusals: [string, () => string, string][] = [
    [
      'the former key has not signed it',
      () => judged(said(first, second, 1, { former: stranger })),
      'RenewalInvalid',
    ],
    [
      'the new key has not signed it: a CA of somebody else',
      () => judged(said(first, stranger, 1, { next: second })),
      'RenewalInvalid',
    ],
    [
      'the signatures are exchanged',
      () => {
        const { formerSignature, signature, ...renewal } = said(first, second)
        return judged({ ...renewal, formerSignature: signature, signature: formerSignature })
      },
      'RenewalInvalid',
    ],
    [
      'the number was changed',
      () => judged({ ...said(first, second, 1), sequence: 2 }),
      'RenewalInvalid',
    ],
    [
      'it comes over a session that another CA has proven',
      () => judged(said(first, second), { provenBy: stranger.fingerprint }),
      'RenewalOutdated',
    ],
    [
      'it is in the name of a CA that was given up, whoever says it',
      () => judged(said(first, third, 9), { chain: chain(kept(said(first, second), true)) }),
      'RenewalOutdated',
    ],
    [
      'it is the statement of a renewal that is done, played again',
      () => judged(said(first, second, 1), { chain: chain(kept(said(first, second), true)) }),
      'RenewalOutdated',
    ],
    [
      'it is older than the last one',
      () => judged(said(first, third, 1), { chain: chain(kept(said(first, second, 2), false)) }),
      'RenewalOutdated',
    ],
    [
      'it goes back to a CA that was given up',
      () => judged(said(second, first, 2), { chain: chain(kept(said(first, second), true)) }),
      'RenewalInvalid',
    ],
    [
      'the new CA is ours',
      () => judged(said(first, second), { isOurs: () => true }),
      'RenewalInvalid',
    ],
    [
      'the new CA is that of a removed peer',
      () => judged(said(first, second), { isRevoked: () => true }),
      'RenewalInvalid',
    ],
    [
      'the new CA is that of another peer',
      () => judged(said(first, second), { isOfAnother: () => true }),
      'RenewalInvalid',
    ],
    [
      'it is no CA certificate',
      () => judged({ ...said(first, second), caCertificate: 'AAAA' }),
      'RenewalInvalid',
    ],
  ]
  test.each(refusals)('is refused when %s', (_, refusal, code) => {
    expect(refusal()).toBe(code)
  })
})

describe('the CAs of a Peer', () => {
  test('are the first one alone while nothing was announced', () => {
    expect(chain()).toMatchObject({
      id: first.fingerprint,
      current: { fingerprint: first.fingerprint },
      next: undefined,
    })
  })

  test('are two while the announced one is not in use', () => {
    expect(chain(kept(said(first, second), false))).toMatchObject({
      id: first.fingerprint,
      current: { fingerprint: first.fingerprint },
      next: { fingerprint: second.fingerprint },
    })
  })

  test('end with the one in use; the identity stays that of the first', () => {
    const twice = chain(kept(said(first, second, 1), true), kept(said(second, third, 2), true))
    expect(twice).toMatchObject({
      id: first.fingerprint,
      current: { fingerprint: third.fingerprint },
      next: undefined,
      sequence: 2,
    })
    expect(twice.cas).toHaveLength(3)
  })

  test.each([
    ['signed by somebody else', () => spec(kept(said(stranger, second), true))],
    ['of which the one before it is missing', () => spec(kept(said(second, third, 2), true))],
    [
      'after one that never came up',
      () => spec(kept(said(first, second, 1), false), kept(said(second, third, 2), true)),
    ],
  ])('are not believed with a renewal %s', (_, tampered) => {
    expect(readChain(tampered(), readCaCertificate)).toMatchObject({
      kind: 'invalid',
      reason: 'PeerIdentityMismatch',
    })
  })
})
