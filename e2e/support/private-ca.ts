/** A certificate for this machine from an authority that nobody knows, as an ingress inside a company has it. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'

export interface PrivateCa {
  /** What must be trusted: a file with the certificate of the authority. */
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
  /** Certificate and key in one file, as HAProxy wants it. */
  readonly bothFile: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export async function makePrivateCa(dir: string): Promise<PrivateCa> {
  const [ca, own] = await Promise.all([aKeyPair(), aKeyPair()])
  const valid = {
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    signingAlgorithm: algorithm,
  }
  const authority = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...valid,
      name: 'CN=Private CA',
      keys: ca,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    },
    webcrypto,
  )
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...valid,
      subject: 'CN=localhost',
      issuer: authority.subject,
      publicKey: own.publicKey,
      signingKey: ca.privateKey,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
    },
    webcrypto,
  )
  const cert = `${certificate.toString('pem')}\n`
  const key = pem(await webcrypto.subtle.exportKey('pkcs8', own.privateKey))
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(dir, name)
    await writeFile(path, text, { mode: 0o600 })
    return path
  }
  return {
    caFile: await file('ca.crt', `${authority.toString('pem')}\n`),
    certFile: await file('tls.crt', cert),
    keyFile: await file('tls.key', key),
    bothFile: await file('tls.pem', cert + key),
  }
}

const aKeyPair = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const pem = (key: ArrayBuffer): string =>
  `-----BEGIN PRIVATE KEY-----\n${Buffer.from(key).toString('base64')}\n-----END PRIVATE KEY-----\n`
