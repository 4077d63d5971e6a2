import { createPrivateKey, randomBytes, webcrypto, type KeyObject } from 'node:crypto'
import type * as X509 from '@peculiar/x509'
import { identityUri, type Leaf } from './identity.ts'

const hourMs = 60 * 60 * 1_000
const dayMs = 24 * hourMs

const caLifeMs = 10 * 365 * dayMs
const defaultLeafLifeMs = dayMs
/** Certificates begin an hour ago, so that a peer whose clock is a little behind takes them. */
const backdateMs = hourMs
/** Of a shorter life it is as large a part: an age is reckoned from the beginning. */
const backdateFraction = backdateMs / defaultLeafLifeMs

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const

export interface CaKeyPair {
  readonly certificatePem: string
  readonly keyPem: string
}

/** A new identity: EC P-256, self-signed, may sign leaves and nothing below them. */
export async function issueCa(name: string, nowMs: number): Promise<CaKeyPair> {
  const x509 = await loadX509()
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: `CN=${name}, O=porpulsion`,
      ...validity(nowMs, caLifeMs),
      signingAlgorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { certificatePem: pem(certificate), keyPem: await exportKey(keys.privateKey) }
}

export interface LeafOptions {
  readonly name: string
  readonly fingerprint: string
  readonly caCertificatePem: string
  readonly caKey: KeyObject
  readonly nowMs: number
  /** Default: a day. */
  readonly lifeMs?: number
}

/** For both ends of a session, naming the identity it speaks for. */
export async function issueLeaf(options: LeafOptions): Promise<Leaf> {
  const x509 = await loadX509()
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
  const { notBefore, notAfter } = validity(options.nowMs, options.lifeMs ?? defaultLeafLifeMs)
  const ca = new x509.X509Certificate(options.caCertificatePem)
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: `CN=${options.name}`,
      issuer: ca.subject,
      notBefore,
      notAfter,
      signingAlgorithm,
      publicKey: keys.publicKey,
      signingKey: await importSigningKey(options.caKey),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        // Either agent may be the one that dials.
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.clientAuth,
          x509.ExtendedKeyUsage.serverAuth,
        ]),
        new x509.SubjectAlternativeNameExtension([
          { type: 'url', value: identityUri(options.fingerprint) },
        ]),
        await x509.AuthorityKeyIdentifierExtension.create(ca, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return {
    certificatePem: pem(certificate),
    keyPem: await exportKey(keys.privateKey),
    notBeforeMs: notBefore.getTime(),
    notAfterMs: notAfter.getTime(),
  }
}

/** Loaded when first needed: parsing certificates is node:crypto's, and most starts issue but one. */
async function loadX509(): Promise<typeof X509> {
  return (await import('./x509.ts')).x509
}

function validity(
  nowMs: number,
  lifeMs: number,
): { readonly notBefore: Date; readonly notAfter: Date } {
  // ASN.1 times have whole seconds.
  const seconds = (ms: number): Date => new Date(Math.floor(ms / 1_000) * 1_000)
  const backdate = Math.min(backdateMs, lifeMs * backdateFraction)
  return { notBefore: seconds(nowMs - backdate), notAfter: seconds(nowMs + lifeMs) }
}

/** Positive whatever the chance: with the top bit set, DER would need a zero byte before it that not all readers expect. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0)
  return bytes.toString('hex')
}

/** The library leaves the last line open; concatenated PEM files would be unreadable. */
function pem(certificate: { toString(format: 'pem'): string }): string {
  return `${certificate.toString('pem').trimEnd()}\n`
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  const exported = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return exported.export({ format: 'pem', type: 'pkcs8' }).toString()
}

async function importSigningKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const der = key.export({ format: 'der', type: 'pkcs8' })
  return await webcrypto.subtle.importKey('pkcs8', der, keyAlgorithm, false, ['sign'])
}
