/** Who we are to peers: a CA, whose certificate's SHA-256 is our name on the wire. May be renewed: ask each time. */
export interface Identity extends OwnCa {
  /** DNS-1123 label; what peers call us unless they choose another name. */
  readonly name: string
  /** Fingerprint of the first CA: for names that must outlive a renewal. */
  readonly origin: string
  /** Whether this is, was or shall be a CA of ours. */
  isOurs(fingerprint: string): boolean
  /** The CA to prove ourselves with to this peer: the one it knows. By the peer's fingerprint. */
  forPeer(fingerprint: string): OwnCa
  /** Some peer may be shown another CA from here on. The returned function unsubscribes. */
  onChange(listener: () => void): () => void
}

/** A CA of ours whose key we hold. */
export interface OwnCa {
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
