import { X509Certificate } from 'node:crypto'
import { evenRandom, FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createLogger } from '../observability/index.ts'
import { neverRenewed } from './identity-record.ts'
import type { IdentityStore } from './identity-store.ts'
import { issueCa, type CaKeyPair } from './issue-certificates.ts'
import { loadIdentity } from './load-identity.ts'
import type { Identity } from './identity.ts'

interface Memory extends IdentityStore {
  keys: CaKeyPair | undefined
  failure: Error | undefined
  peers: boolean
  creations: number
}

function memory(given: Partial<Pick<Memory, 'keys' | 'failure' | 'peers'>> = {}): Memory {
  const store: Memory = {
    keys: undefined,
    failure: undefined,
    peers: false,
    creations: 0,
    ...given,
    read: () => (store.failure ? Promise.reject(store.failure) : Promise.resolve(stored())),
    create: (keys) => {
      store.creations++
      if (store.keys !== undefined) return Promise.resolve(undefined)
      store.keys = keys
      return Promise.resolve(stored())
    },
    replace: () => Promise.reject(new Error('Nothing here renews it')),
    hasPeers: () => Promise.resolve(store.peers),
  }
  const stored = () => store.keys && { record: { keys: store.keys, ...neverRenewed }, version: '1' }
  return store
}

function loading(store: IdentityStore, clock = new FakeClock()) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const problems: (string | undefined)[] = []
  const identity = loadIdentity(
    {
      store,
      clock,
      random: evenRandom,
      logger: createLogger({ level: 'silent', agent: 'a' }),
      onWaiting: (problem) => problems.push(problem?.code),
    },
    { name: 'a' },
    stop.signal,
  )
  identity.catch(() => undefined) // the test may end while it waits
  return { identity, problems, clock }
}

/** Waits for real work (key generation), not for time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

test('the first start makes an identity, every later one finds it', async () => {
  const store = memory()
  const first = await loading(store).identity
  const second = await loading(store).identity
  expect(second.fingerprint).toBe(first.fingerprint)
  expect(store.creations).toBe(1)
})

test('an identity that cannot be read is waited for, never replaced', async () => {
  const store = memory({ keys: await issueCa('a', Date.now()), failure: new Error('503') })
  const { identity, problems, clock } = loading(store)
  await until(() => problems.length > 0)
  await clock.advance(60_000)
  expect(problems).toContain('IdentityUnreadable')
  store.failure = undefined
  await clock.advance(5_000)
  expect((await identity).caCertificatePem).toContain('BEGIN CERTIFICATE')
  expect(problems.at(-1)).toBeUndefined()
  expect(store.creations).toBe(0)
})

test('a damaged identity is unreadable, not absent', async () => {
  const [mine, other] = [await issueCa('a', Date.now()), await issueCa('a', Date.now())]
  const store = memory({ keys: { ...mine, keyPem: other.keyPem } })
  const { problems } = loading(store)
  await until(() => problems.length > 0)
  expect(problems).toEqual(['IdentityUnreadable'])
  expect(store.creations).toBe(0)
})

test('an identity that is gone while peers exist is not made anew', async () => {
  const store = memory({ peers: true })
  const { problems, clock } = loading(store)
  await until(() => problems.length > 0)
  await clock.advance(60_000)
  expect(problems).toContain('IdentityMissing')
  expect(store.creations).toBe(0)
})

test('of two agents that start at once, both take the identity that was stored first', async () => {
  const winner = await issueCa('a', Date.now())
  const store = memory()
  store.create = () => {
    store.keys = winner
    return Promise.resolve(undefined)
  }
  const identity = await loading(store).identity
  expect(identity.caCertificatePem.trim()).toBe(winner.certificatePem.trim())
})

async function aLeaf(clock = new FakeClock()) {
  const identity: Identity = await loading(memory(), clock).identity
  const leaf = await identity.issueLeaf()
  return { identity, leaf, certificate: new X509Certificate(leaf.certificatePem), clock }
}

test('a leaf names its identity, serves both ends of a session, and is good for a day', async () => {
  const { identity, certificate, clock } = await aLeaf()
  expect(certificate.subjectAltName).toBe(`URI:porpulsion://${identity.fingerprint}`)
  expect(certificate.keyUsage).toEqual(
    expect.arrayContaining(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']),
  )
  expect(Date.parse(certificate.validFrom)).toBe(clock.now() - 3_600_000)
  expect(Date.parse(certificate.validTo)).toBe(clock.now() + 86_400_000)
  expect(certificate.ca).toBe(false)
  const ca = new X509Certificate(identity.caCertificatePem)
  expect(certificate.verify(ca.publicKey)).toBe(true)
})

test('every leaf has a key of its own and a serial number that is positive', async () => {
  const { identity, certificate } = await aLeaf()
  const next = new X509Certificate((await identity.issueLeaf()).certificatePem)
  expect(next.publicKey.equals(certificate.publicKey)).toBe(false)
  for (const { serialNumber } of [certificate, next])
    expect(parseInt(serialNumber.slice(0, 2), 16)).toBeLessThan(0x80)
})

test('the CA is good for ten years and can sign leaves only', async () => {
  const { identity, clock } = await aLeaf()
  const ca = new X509Certificate(identity.caCertificatePem)
  expect(ca.ca).toBe(true)
  const years = (Date.parse(ca.validTo) - clock.now()) / (365 * 86_400_000)
  expect(Math.round(years)).toBe(10)
})
