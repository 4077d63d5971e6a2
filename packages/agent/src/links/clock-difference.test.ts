import { expect, test } from 'vitest'
import { explainHandshake } from './clock-difference.ts'
import { HandshakeError } from './inner-tls.ts'

const now = Date.UTC(2030, 0, 1)
const expired = new HandshakeError('CertificateExpired', 'expired')
const explain = (theirs: string | undefined): string =>
  explainHandshake(expired, 'peer "b"', { oursMs: now, theirs })

test.each([
  [25 * 3_600_000, '25 hours ahead of ours'],
  [-90 * 60_000, '90 minutes behind ours'],
  [-400 * 86_400_000, '400 days behind ours'],
])('a difference of %i ms reads as "%s"', (differenceMs, words) => {
  const message = explain(new Date(now + differenceMs).toISOString())
  expect(message).toContain('The certificate of peer "b" has expired')
  expect(message).toContain(words)
})

test('clocks that agree, or are not known, are not blamed', () => {
  expect(explain(new Date(now + 5_000).toISOString())).toBe(
    'The certificate of peer "b" has expired',
  )
  expect(explain(undefined)).toBe('The certificate of peer "b" has expired')
  expect(explain('<script>')).toBe('The certificate of peer "b" has expired')
})
