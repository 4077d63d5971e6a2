import { X509Certificate } from 'node:crypto'

/** What the API server shows and what its clients trust; all PEM. */
export interface TlsIdentity {
  readonly caCert: string
  readonly key: string
  readonly cert: string
}

const minRemainingMs = 30 * 24 * 3_600_000

/** True if a stored identity still serves: for this host, and for some time yet. */
export function isUsable({ cert }: TlsIdentity, host: string, nowMs: number): boolean {
  const certificate = new X509Certificate(cert)
  if (Date.parse(certificate.validTo) < nowMs + minRemainingMs) return false
  return certificate.checkIP(host) !== undefined || certificate.checkHost(host) !== undefined
}
