import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { PorpulsionError } from '@porpulsion/contract'

/** How the TLS around everything is judged: that of a peer's ingress. Who the peer is, other proofs decide. */
export interface OuterTrust {
  /** Undefined: the system's roots. */
  readonly ca?: readonly string[]
  readonly rejectUnauthorized: boolean
}

export interface OuterTrustSettings {
  readonly outerCaFile: string
  readonly allowUntrustedIngress: boolean
}

/** Reads the file each time: it is small, dials are rare, and a renewed private CA takes effect without a restart. */
export async function readOuterTrust(settings: OuterTrustSettings): Promise<OuterTrust> {
  const rejectUnauthorized = !settings.allowUntrustedIngress
  if (settings.outerCaFile === '') return { rejectUnauthorized }
  try {
    const pem = await readFile(settings.outerCaFile, 'utf8')
    // Beside the public roots, not instead of them: other peers have public certificates.
    return { ca: [...rootCertificates, pem], rejectUnauthorized }
  } catch (cause) {
    throw new PorpulsionError(
      'Unavailable',
      'PeerUnreachable',
      `The private CA of settings peering.outerCaFile cannot be read: ${settings.outerCaFile}`,
      { cause },
    )
  }
}
