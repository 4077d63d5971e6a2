/** Who we are to peers: a CA made once, whose certificate's SHA-256 is our name on the wire. */
export interface Identity {
  /** DNS-1123 label; what peers call us unless they choose another name. */
  readonly name: string
  /** SHA-256 of the CA certificate in DER, lower-case hex. */
  readonly fingerprint: string
  readonly caCertificatePem: string
  readonly caCertificateDer: Buffer
  /** A certificate with a new key, signed by our CA. */
  issueLeaf(): Promise<Leaf>
  /** ECDSA with SHA-256 by the CA key: proof that we hold it. */
  sign(bytes: Uint8Array): Buffer
}

/** What proves us inside one session. */
export interface Leaf {
  readonly certificatePem: string
  readonly keyPem: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** The URI in a leaf's subject alternative name; both ends of a session compare it with the peer they pinned. */
export const identityUri = (fingerprint: string): string => `porpulsion://${fingerprint}`
