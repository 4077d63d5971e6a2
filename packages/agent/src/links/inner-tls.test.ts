import { createPrivateKey } from 'node:crypto'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test } from 'vitest'
import { duplexPair } from '../../test/support/duplex-pair.ts'
import { anIdentity } from '../../test/support/identities.ts'
import { systemClock } from '../observability/index.ts'
import type { Identity, Leaf } from '../peers/index.ts'
import { issueCa, issueLeaf, type CaKeyPair } from '../peers/issue-certificates.ts'
import { identityOf } from '../peers/load-identity.ts'
import type { HandshakeError } from './inner-tls.ts'
import { secureAsAcceptor, secureAsDialler } from './inner-tls.ts'

interface Side {
  readonly leaf: Leaf
  /** Whom this side believes to talk to. */
  readonly peer: Identity
}

/** Resolves with how each side ended. A dialler may believe in it although the acceptor refused. */
async function handshake(dialler: Side, acceptor: Side) {
  const [a, b] = duplexPair()
  onTestFinished(() => {
    a.destroy()
    b.destroy()
  })
  const options = ({ leaf, peer }: Side) => ({
    leaf,
    caCertificatePem: peer.caCertificatePem,
    fingerprint: peer.fingerprint,
  })
  const outcome = (side: Promise<unknown>): Promise<string> =>
    side.then(
      () => 'secured',
      (error: unknown) => (error as HandshakeError).failure,
    )
  const [dialled, accepted] = await Promise.all([
    outcome(secureAsDialler(a, options(dialler))),
    outcome(secureAsAcceptor(b, options(acceptor))),
  ])
  return { dialled, accepted }
}

async function identities() {
  const [a, b, x] = await Promise.all([anIdentity('a'), anIdentity('b'), anIdentity('x')])
  return { a, b, x }
}

test('two agents that pinned each other are secured', async () => {
  const { a, b } = await identities()
  expect(
    await handshake({ leaf: await a.issueLeaf(), peer: b }, { leaf: await b.issueLeaf(), peer: a }),
  ).toEqual({ dialled: 'secured', accepted: 'secured' })
})

test('an acceptor refuses a dialler whose leaf another CA signed', async () => {
  const { a, b, x } = await identities()
  const { accepted } = await handshake(
    { leaf: await x.issueLeaf(), peer: b },
    { leaf: await b.issueLeaf(), peer: a },
  )
  expect(accepted).toBe('NotThePeer')
})

test('a dialler refuses whoever answers with a leaf of another CA', async () => {
  const { a, b, x } = await identities()
  const { dialled } = await handshake(
    { leaf: await a.issueLeaf(), peer: b },
    { leaf: await x.issueLeaf(), peer: a },
  )
  expect(dialled).toBe('NotThePeer')
})

test('the CA certificate of the peer without its key gets nobody in', async () => {
  const { a, b } = await identities()
  // The best a thief can make of it: a leaf that says it is `a`, signed by a CA that is named like a's.
  const thief = await issueCa('a', Date.now())
  const forged = await leafSaying(a.fingerprint, thief)
  const { accepted } = await handshake(
    { leaf: forged, peer: b },
    { leaf: await b.issueLeaf(), peer: a },
  )
  expect(accepted).toBe('NotThePeer')
})

/** Says that it is `fingerprint`, under whatever CA. */
function leafSaying(fingerprint: string, ca: CaKeyPair): Promise<Leaf> {
  return issueLeaf({
    name: 'a',
    fingerprint,
    caCertificatePem: ca.certificatePem,
    caKey: createPrivateKey(ca.keyPem),
    nowMs: Date.now(),
  })
}

test('a leaf of the right CA that names another identity is refused by both ends', async () => {
  const keys = await issueCa('a', Date.now())
  const a = identityOf(keys, { name: 'a' }, systemClock)
  const { b } = await identities()
  const misnamed = await leafSaying('0'.repeat(64), keys)
  const asDialler = await handshake(
    { leaf: misnamed, peer: b },
    { leaf: await b.issueLeaf(), peer: a },
  )
  expect(asDialler.accepted).toBe('NotThePeer')
  const asAcceptor = await handshake(
    { leaf: await b.issueLeaf(), peer: a },
    { leaf: misnamed, peer: b },
  )
  expect(asAcceptor.dialled).toBe('NotThePeer')
})

test.each([
  ['expired', -3 * 86_400_000, 'CertificateExpired'],
  ['not valid yet', 3 * 86_400_000, 'CertificateNotYetValid'],
] as const)('a leaf that is %s is refused by that name', async (_what, skewMs, failure) => {
  const clock = new FakeClock(Date.now() + skewMs)
  const a = await anIdentity('a', clock)
  const b = await anIdentity('b')
  const fromA = { leaf: await a.issueLeaf(), peer: b }
  const fromB = { leaf: await b.issueLeaf(), peer: a }
  expect((await handshake(fromA, fromB)).accepted).toBe(failure)
  expect((await handshake(fromB, fromA)).dialled).toBe(failure)
})

test('what is not TLS ends the handshake instead of hanging it', async () => {
  const { a, b } = await identities()
  const [near, far] = duplexPair()
  const accepting = secureAsAcceptor(near, {
    leaf: await b.issueLeaf(),
    caCertificatePem: a.caCertificatePem,
    fingerprint: a.fingerprint,
  })
  far.write('GET / HTTP/1.1\r\n\r\n')
  await expect(accepting).rejects.toMatchObject({ failure: 'Broken' })
})
