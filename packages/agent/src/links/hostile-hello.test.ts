/** What a peer says of itself, in its Hello and in its certificate, must not stand in the way of the link or of others. */
import { createPrivateKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { maxHelloCount } from '@porpulsion/protocol'
import { encodeHello } from '../../../protocol/src/hello.ts'
import { FrameType } from '../../../protocol/src/frame.ts'
import { defaultLimits } from '../../../protocol/src/limits.ts'
import { frameBytes } from '../../../protocol/test/support/raw-peer.ts'
import { aHello, HostileSession } from '../../test/support/hostile-session.ts'
import { knownAs } from '../../test/support/memory-directory.ts'
import { issueCa, issueLeaf } from '../peers/issue-certificates.ts'
import { readCaCertificate } from '../peers/index.ts'
import { aSocketAgent, connected, link, whenLink } from '../../test/support/socket-agents.ts'

test('a peer that claims to replace the last session there can be is dialled again', async () => {
  const a = await aSocketAgent('a')
  const b = await aSocketAgent('b')
  a.directory.put(knownAs('b', b.identity))
  const session = await HostileSession.connect(b.identity, { ...a.identity, port: a.port })
  const hello = {
    bootId: 'e'.repeat(32),
    dialSeq: 1,
    replaces: maxHelloCount,
    confirmed: true,
    agentVersion: '0.0.0',
  }
  await session.send(frameBytes(FrameType.Hello, 0, encodeHello(hello, defaultLimits)))
  await session.answerPings()
  await whenLink(a, b, connected)
  session.destroy()
  await whenLink(a, b, ({ state }) => state === 'Disconnected')
  await link(a, b)
  expect(a.links.view(b.identity.fingerprint).direction).toBe('outbound')
})

test('a name of thousands of characters in a certificate is shown as far as a name goes', async () => {
  const a = await aSocketAgent('a')
  const { certificatePem, keyPem } = await issueCa('mallory', Date.now())
  const ca = readCaCertificate(certificatePem)
  if (ca.kind === 'invalid') throw new Error('A CA of ours cannot be read')
  const { fingerprint } = ca.ca
  const leaf = await issueLeaf({
    name: 'x'.repeat(30_000),
    fingerprint,
    caCertificatePem: certificatePem,
    caKey: createPrivateKey(keyPem),
    nowMs: Date.now(),
  })
  const mallory = {
    ...a.identity,
    fingerprint,
    caCertificatePem: certificatePem,
    caCertificateDer: ca.ca.der,
    issueLeaf: () => Promise.resolve(leaf),
  }
  a.directory.put(knownAs('mallory', mallory))
  const session = await HostileSession.connect(mallory, { ...a.identity, port: a.port })
  await session.send(aHello(1))
  await session.answerPings()
  await whenLink(a, { identity: mallory }, connected)
  expect(a.links.view(fingerprint).remoteName).toBe('x'.repeat(64))
  session.destroy()
})
