import { beforeAll, expect, test } from 'vitest'
import { anIdentity } from '../../test/support/identities.ts'
import { readCaCertificate, type Identity } from '../peers/index.ts'
import { DialProofs, proofOfDial, type DialFacts } from './dial-proof.ts'

let a: Identity
let mallory: Identity
const acceptor = 'b'.repeat(64)
const nowMs = Date.parse('2030-01-01T12:00:00.000Z')
const at = (ms: number): string => new Date(nowMs + ms).toISOString()

beforeAll(async () => {
  ;[a, mallory] = await Promise.all([anIdentity('a'), anIdentity('mallory')])
})

const facts = (time = at(0)): DialFacts => ({ time, dialler: a.fingerprint, acceptor })
const by = ({ caCertificateDer }: Identity) => {
  const reading = readCaCertificate(caCertificateDer)
  if (reading.kind === 'invalid') throw new Error(reading.message)
  return { key: reading.ca.publicKey, peer: 'a', nowMs }
}
const signed = (what: DialFacts, identity = a): string =>
  proofOfDial(what, (bytes) => identity.sign(bytes))

test('who holds the key is told from who copied the certificate', () => {
  const proofs = new DialProofs()
  expect(proofs.isFresh(facts(), signed(facts(), mallory), by(a))).toBe(false)
  expect(proofs.isFresh(facts(), '', by(a))).toBe(false)
  expect(proofs.isFresh(facts(), signed(facts()), by(a))).toBe(true)
})

test('a proof counts once, and none after it that is older', () => {
  const proofs = new DialProofs()
  const later = facts(at(10))
  expect(proofs.isFresh(later, signed(later), by(a))).toBe(true)
  expect(proofs.isFresh(later, signed(later), by(a))).toBe(false)
  expect(proofs.isFresh(facts(), signed(facts()), by(a))).toBe(false)
})

test.each([
  ['another agent', () => ({ ...facts(), acceptor: 'c'.repeat(64) })],
  ['another dialler', () => ({ ...facts(), dialler: 'c'.repeat(64) })],
  ['another time', () => facts(at(1))],
])('a proof for %s is none', (_, other) => {
  expect(new DialProofs().isFresh(facts(), signed(other()), by(a))).toBe(false)
})

test.each([at(-300_001), at(300_001), 'yesterday', ''])('%s is not now', (time) => {
  expect(new DialProofs().isFresh(facts(time), signed(facts(time)), by(a))).toBe(false)
})

test('clocks that differ by minutes do not matter', () => {
  const time = at(-299_000)
  expect(new DialProofs().isFresh(facts(time), signed(facts(time)), by(a))).toBe(true)
})
