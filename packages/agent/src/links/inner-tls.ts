import { X509Certificate } from 'node:crypto'
import type { Duplex } from 'node:stream'
import {
  connect,
  createServer,
  type CommonConnectionOptions,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls'
import {
  casOf,
  identityUri,
  type Leaf,
  type PinnedCa,
  type PinnedIdentity,
} from '../peers/index.ts'

/** What the inner TLS is judged by: the pinned CA, and the name that goes with it. Two, while the peer renews its own. */
export interface InnerTlsOptions extends PinnedIdentity {
  readonly leaf: Leaf
}

/** Why the inner TLS did not come about. */
export type HandshakeFailure =
  /** Their certificate is not valid at this time, by our clock. */
  | 'CertificateExpired'
  | 'CertificateNotYetValid'
  /** No certificate, or one that the pinned CA did not sign, or one that names somebody else. */
  | 'NotThePeer'
  /** The connection ended, or what came was not TLS. */
  | 'Broken'

export class HandshakeError extends Error {
  override readonly name = 'HandshakeError'
  readonly failure: HandshakeFailure

  constructor(failure: HandshakeFailure, message: string, cause?: unknown) {
    super(message, { cause })
    this.failure = failure
  }
}

/**
 * The dialler's end. Resolves when *we* have judged the peer; whether it takes us is known only when its Hello comes,
 * because in TLS 1.3 a client is done before the server has seen its certificate.
 */
export function secureAsDialler(duplex: Duplex, options: InnerTlsOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (duplex.destroyed) throw endedEarly()
    const socket = connect({
      ...common(options),
      socket: duplex,
      // Names the SAN instead of a host name; called only after the chain was found good.
      checkServerIdentity: (_host, { raw }) => wrongPeer(new X509Certificate(raw), casOf(options)),
    })
    socket.once('secureConnect', () => {
      socket.off('error', fail)
      socket.off('close', ended)
      resolve(socket)
    })
    const fail = (error: Error): void => reject(handshakeError(error))
    const ended = (): void => reject(endedEarly())
    socket.once('error', fail)
    socket.once('close', ended)
    tieTogether(duplex, socket)
  })
}

/** The acceptor's end: resolves only for a client with a certificate of the pinned CA that names the peer. */
export function secureAsAcceptor(duplex: Duplex, options: InnerTlsOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (duplex.destroyed) throw endedEarly()
    // A server of its own per connection: `new TLSSocket(…, { isServer: true })` would verify nothing, and a shared
    // server would share session tickets among peers.
    const server = createServer({
      ...common(options),
      requestCert: true,
      handshakeTimeout: 10_000,
    })
    server.once('secureConnection', (socket) => {
      const error = wrongPeer(socket.getPeerX509Certificate(), casOf(options))
      if (error === undefined) {
        tieTogether(duplex, socket)
        resolve(socket)
      } else {
        socket.destroy()
        reject(error)
      }
    })
    server.once('tlsClientError', (error, socket) => {
      // Set when Node refused the certificate; it then ends the connection without saying why.
      const refused: unknown = socket.authorizationError
      reject(handshakeError(error, typeof refused === 'string' ? refused : undefined))
    })
    // A refusal ends the connection first and says why some ticks later.
    duplex.once('close', () => setTimeout(() => reject(endedEarly()), refusalGraceMs).unref())
    server.emit('connection', duplex)
  })
}

/** TLS hears of an orderly end below it only, not of a stream that was destroyed. */
function tieTogether(duplex: Duplex, socket: TLSSocket): void {
  duplex.once('close', () => socket.destroy())
  // A record that was tampered with is an error after which Node leaves the socket open.
  socket.on('error', () => socket.destroy())
}

const refusalGraceMs = 100

const endedEarly = (): HandshakeError =>
  new HandshakeError('Broken', 'The connection ended during the inner TLS handshake')

function common(options: InnerTlsOptions): SecureContextOptions & CommonConnectionOptions {
  const { leaf } = options
  return {
    ca: casOf(options).map(({ certificatePem }) => certificatePem),
    cert: leaf.certificatePem,
    key: leaf.keyPem,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  }
}

/**
 * The CA that proved the other end: the one its certificate names, which must be the one that signed it. The chain says
 * only that one of them did, and the key of a CA that is being given up may be in strange hands.
 */
export function provenBy(
  certificate: X509Certificate | undefined,
  cas: readonly PinnedCa[],
): PinnedCa | undefined {
  return cas.find(
    ({ fingerprint, certificatePem }) =>
      certificate?.subjectAltName === `URI:${identityUri(fingerprint)}` &&
      certificate.verify(new X509Certificate(certificatePem).publicKey),
  )
}

function wrongPeer(
  certificate: X509Certificate | undefined,
  cas: readonly PinnedCa[],
): HandshakeError | undefined {
  if (provenBy(certificate, cas) !== undefined) return undefined
  const expected = cas.map(({ fingerprint }) => `URI:${identityUri(fingerprint)}`).join(' or ')
  return new HandshakeError(
    'NotThePeer',
    `The certificate is for ${certificate?.subjectAltName ?? 'nobody'}, not ${expected}`,
  )
}

function handshakeError(error: Error, code = codeOf(error)): HandshakeError {
  if (error instanceof HandshakeError) return error
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return new HandshakeError('CertificateExpired', 'The certificate has expired', error)
    case 'CERT_NOT_YET_VALID':
      return new HandshakeError('CertificateNotYetValid', 'The certificate is not valid yet', error)
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_SIGNATURE_FAILURE':
    case 'INVALID_CA':
    case 'INVALID_PURPOSE':
      return new HandshakeError(
        'NotThePeer',
        `The certificate is not of the pinned CA (${code})`,
        error,
      )
    default:
      return new HandshakeError('Broken', error.message, error)
  }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
