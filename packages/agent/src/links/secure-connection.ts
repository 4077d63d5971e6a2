import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { readInTurns, type WebSocketDuplex } from '@porpulsion/streams'
import { casOf, type Leaf, type PinnedIdentity, type SeenOutside } from '../peers/index.ts'
import { HandshakeError, provenBy } from './inner-tls.ts'

/** An ordered connection whose other end has proven to be one certain peer. What a session runs on. */
export interface SecureConnection {
  readonly direction: 'outbound' | 'inbound'
  readonly transport: 'ws' | 'wss'
  /** What the peer's certificate calls it. */
  readonly remoteName: string | undefined
  /** Fingerprint of the CA that proves us in it. */
  readonly ownCa: string
  /** Of the CA that proved the peer. */
  readonly peerCa: string
  /** Our own certificate in it: when it was made and until when it is good. */
  readonly leaf: Pick<Leaf, 'notBeforeMs' | 'notAfterMs'>
  /** From when until when the peer's certificate is good. */
  readonly peerNotBeforeMs: number
  readonly peerNotAfterMs: number
  /** Only of one we dialled. */
  readonly seenOutside?: SeenOutside
  /** Once, before anything else; bytes that came before wait. */
  attach(handler: ConnectionHandler): void
  /** False: enough for now, `onDrain` will say when there is room. */
  write(chunks: readonly Uint8Array[]): boolean
  /** Sends what was written, then ends; gives up on a peer that does not take it. */
  close(): void
  /** Ends now. */
  destroy(): void
}

export interface ConnectionHandler {
  onBytes(bytes: Uint8Array): void
  onDrain(): void
  /** Once, last. */
  onClosed(message: string | undefined): void
}

/** Unsent beyond this, the session shall hold back: what lies here can no longer be overtaken. */
const maxUnsentBytes = 64 * 1024
/** What a goodbye may take. Revocation must have ended the session within a second. */
const farewellMs = 500

export interface TlsConnectionOptions {
  readonly direction: 'outbound' | 'inbound'
  readonly transport: 'ws' | 'wss'
  readonly leaf: Leaf
  readonly ownCa: string
  /** Whom the handshake was to prove. */
  readonly peer: PinnedIdentity
  readonly seenOutside?: SeenOutside
}

/** The inner TLS over its WebSocket. */
export function tlsConnection(
  socket: TLSSocket,
  webSocket: WebSocketDuplex,
  { direction, transport, leaf, ownCa, peer, seenOutside }: TlsConnectionOptions,
): SecureConnection {
  // Once: at the end that dials, Node 20 answers the first time only.
  const certificate = socket.getPeerX509Certificate()
  const proven = provenBy(certificate, casOf(peer))
  if (certificate === undefined || proven === undefined)
    throw new HandshakeError('NotThePeer', 'The certificate is of no CA of the peer')
  let isClosing = false
  // An error says no more than the close that follows, but without a listener it would end the process.
  let failure: Error | undefined
  socket.on('error', (error: Error) => {
    failure = error
  })
  socket.pause()

  return {
    direction,
    transport,
    ownCa,
    peerCa: proven.fingerprint,
    remoteName: commonName(certificate),
    leaf,
    ...(seenOutside !== undefined && { seenOutside }),
    peerNotBeforeMs: Date.parse(certificate.validFrom),
    peerNotAfterMs: Date.parse(certificate.validTo),
    attach(handler) {
      readInTurns(socket, (bytes) => handler.onBytes(bytes))
      socket.on('drain', () => handler.onDrain())
      const closed = (): void => handler.onClosed(lastWords())
      if (socket.destroyed) queueMicrotask(closed)
      else socket.once('close', closed)
      // Half-open means nothing to a session: who sent its last byte is gone.
      socket.once('end', () => socket.destroy())
      socket.resume()
    },
    write(chunks) {
      if (socket.destroyed || isClosing) return true
      socket.cork()
      for (const chunk of chunks) socket.write(chunk)
      socket.uncork()
      return socket.writableLength < maxUnsentBytes
    },
    close() {
      if (isClosing) return
      isClosing = true
      const giveUp = setTimeout(() => destroy(), farewellMs).unref()
      socket.end(() => webSocket.end())
      socket.once('close', () => clearTimeout(giveUp))
    },
    destroy,
  }

  function destroy(): void {
    isClosing = true
    socket.destroy()
    webSocket.terminate()
  }

  function lastWords(): string | undefined {
    const said = webSocket.ending?.reason ?? ''
    return said === '' ? failure?.message : `the other end closed it: "${said}"`
  }
}

/** `CN=name`, the only part of the subject of our leaves. A peer may sign thirty thousand characters of it for itself. */
function commonName(certificate: X509Certificate): string | undefined {
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1]?.slice(0, maxNameCharacters)
}

/** What X.509 has for a common name, and more than a name of ours may have. */
const maxNameCharacters = 64
