import { createHash, X509Certificate, type KeyObject } from 'node:crypto'

/** A CA certificate that can be some agent's identity. */
export interface CaCertificate {
  readonly fingerprint: string
  /** Re-encoded from the one certificate that was read, so that nothing rides along behind it. */
  readonly pem: string
  readonly der: Buffer
  readonly publicKey: KeyObject
}

export type CaReading =
  | { readonly kind: 'ca'; readonly ca: CaCertificate }
  /** A clause that follows "the certificate". */
  | { readonly kind: 'invalid'; readonly message: string }

const maxCertificateCharacters = 8_192

/**
 * Reads PEM or DER of strangers. Only what we would make ourselves passes: self-signed, EC P-256, a CA. Anything
 * laxer would be pinned for years.
 */
export function readCaCertificate(encoded: string | Buffer): CaReading {
  if (encoded.length > maxCertificateCharacters) return invalid('is too large')
  const certificate = parse(encoded)
  if (certificate === undefined) return invalid('cannot be parsed')
  if (!certificate.ca) return invalid('is not a CA certificate')
  const { publicKey } = certificate
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    return invalid('has a key that is not EC P-256')
  if (!certificate.verify(publicKey)) return invalid('is not signed by its own key')
  const der = certificate.raw
  return {
    kind: 'ca',
    ca: { fingerprint: fingerprintOf(der), pem: certificate.toString(), der, publicKey },
  }
}

/** SHA-256 of the DER, lower-case hex. */
function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex')
}

function parse(encoded: string | Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(encoded)
  } catch {
    return undefined
  }
}

const invalid = (message: string): CaReading => ({ kind: 'invalid', message })
