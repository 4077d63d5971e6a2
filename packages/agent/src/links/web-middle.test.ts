/** Somebody between two agents whose web certificate is good: an ingress, or who took its place. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultSettings, type Settings } from '@porpulsion/contract'
import { expect, onTestFinished, test } from 'vitest'
import { anIdentity } from '../../test/support/identities.ts'
import { anIngressCertificate } from '../../test/support/ingress-certificate.ts'
import { knownAs } from '../../test/support/memory-directory.ts'
import {
  aSocketAgent,
  acquaint,
  connected,
  whenLink,
  type SocketAgent,
} from '../../test/support/socket-agents.ts'
import { aWebMiddle, type WebMiddle } from '../../test/support/web-middle.ts'

const signal = new AbortController().signal
const down = ({ state }: { readonly state: string }): boolean => state === 'Disconnected'

async function trusting(cert: string): Promise<Settings> {
  const folder = await mkdtemp(join(tmpdir(), 'porpulsion-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const outerCaFile = join(folder, 'ca.pem')
  await writeFile(outerCaFile, cert)
  return { ...defaultSettings, peering: { ...defaultSettings.peering, outerCaFile } }
}

/** `a` believes that `b` lives at the address of somebody in the middle, whose web certificate it trusts. */
async function withMiddle(
  rewrite?: (head: string) => string,
): Promise<{ a: SocketAgent; b: SocketAgent; middle: WebMiddle }> {
  const certificate = await anIngressCertificate()
  const a = await aSocketAgent('a', { settings: await trusting(certificate.cert) })
  const b = await aSocketAgent('b')
  const middle = await aWebMiddle(b.port, certificate, rewrite)
  acquaint(a, b, middle.url)
  b.links.start()
  return { a, b, middle }
}

test('an ingress that ends the outer TLS passes everything on, and reads none of it', async () => {
  const { a, b, middle } = await withMiddle()
  a.links.start()
  await Promise.all([whenLink(a, b, connected), whenLink(b, a, connected)])
  const { name } = await a.links.call(b.identity.fingerprint, 'getSelf', { signal })
  expect(name).toBe('b')
  const seen = middle.seen().toString('latin1')
  expect(seen).toContain('porpulsion.v1')
  expect(seen).not.toContain('/v1/self')
  expect(seen).not.toContain('policyRevision')
})

test('whoever answers there with a good web certificate, and another identity, is refused', async () => {
  const certificate = await anIngressCertificate()
  const a = await aSocketAgent('a', { settings: await trusting(certificate.cert) })
  const impostor = await aSocketAgent('impostor', { outerTls: certificate })
  const b = await anIdentity('b')
  a.directory.put(knownAs('b', b, { url: impostor.url }))
  impostor.directory.put(knownAs('a', a.identity))
  impostor.links.start()
  a.links.start()
  await whenLink(a, { identity: b }, down)
  expect(a.links.view(b.fingerprint)).toMatchObject({
    message: expect.stringContaining('not the peer that was added') as string,
    trouble: 'CertificateRefused',
  })
  expect(impostor.links.view(a.identity.fingerprint).state).not.toBe('Connected')
})

test('an X-Agent-Ca written into the request on its way links nobody, whomever it names', async () => {
  const c = await anIdentity('c')
  const claim = `X-Agent-Ca: ${c.caCertificateDer.toString('base64')}`
  const { a, b } = await withMiddle((head) => head.replace(/^x-agent-ca:.*$/im, claim))
  b.directory.put(knownAs('c', c))
  a.links.start()
  await whenLink(a, b, down)
  expect(b.links.view(a.identity.fingerprint).state).not.toBe('Connected')
  expect(b.links.view(c.fingerprint).state).not.toBe('Connected')
})

test('what it recorded inside the outer TLS opens nothing when it is played again', async () => {
  const { a, b, middle } = await withMiddle()
  a.links.start()
  await Promise.all([whenLink(a, b, connected), whenLink(b, a, connected)])
  await a.stop()
  await whenLink(b, a, down)
  const states: string[] = []
  b.links.onChange((_fingerprint, { state }) => states.push(state))
  const replay = connect({ port: b.port, host: '127.0.0.1' })
  const closed = once(replay, 'close')
  replay.on('error', () => undefined)
  replay.resume()
  for (const bytes of middle.recorded[0] ?? []) replay.write(bytes)
  await closed
  expect(states).not.toContain('Connected')
})
