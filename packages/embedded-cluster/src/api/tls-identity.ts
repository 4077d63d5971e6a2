/** The API server's own certificate authority and certificate: made once, kept beside the state. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { TlsIdentity } from './tls-validity.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 24 * 3_600_000
const lifetimeMs = 3_650 * dayMs

/** Good for the address it is asked for and for loopback. */
export async function createTlsIdentity(host: string, nowMs: number): Promise<TlsIdentity> {
  x509.cryptoProvider.set(webcrypto)
  const notBefore = new Date(nowMs - dayMs)
  const notAfter = new Date(nowMs + lifetimeMs)
  const ca = await generateKeys()
  const caCert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=porpulsion-embedded-cluster',
    notBefore,
    notAfter,
    keys: ca,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  })
  const server = await generateKeys()
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=kube-apiserver',
    issuer: caCert.subject,
    notBefore,
    notAfter,
    publicKey: server.publicKey,
    signingKey: ca.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(namesFor(host)),
    ],
  })
  return {
    caCert: `${caCert.toString('pem')}\n`,
    cert: `${cert.toString('pem')}\n`,
    key: await privateKeyPem(server.privateKey),
  }
}

function namesFor(host: string): x509.JsonGeneralName[] {
  const names: x509.JsonGeneralName[] = [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
    { type: 'dns', value: 'kubernetes.default.svc' },
  ]
  if (host === 'localhost' || host === '127.0.0.1') return names
  return [...names, { type: /^[\d.:]+$/.test(host) ? 'ip' : 'dns', value: host }]
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key)
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`
}
