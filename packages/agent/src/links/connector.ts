import type { KnownPeer, LinkTrouble } from '../peers/index.ts'
import type { SecureConnection } from './secure-connection.ts'

/** Dials a peer. Rejects with an Error whose message is for the operator; the signal ends the attempt. */
export interface Connector {
  dial(peer: KnownPeer & { readonly url: string }, signal: AbortSignal): Promise<SecureConnection>
}

/** The peer is there, and has no room for a handshake at the moment. */
export class BusyError extends Error {
  override readonly name = 'BusyError'
  /** In the peer's words: unproven, and to be bounded by who waits. */
  readonly retryAfterMs: number

  constructor(message: string, retryAfterMs: number) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** A dial that failed for something that trying again does not mend. */
export class DialError extends Error {
  override readonly name = 'DialError'
  readonly trouble: LinkTrouble

  constructor(trouble: LinkTrouble, message: string, options?: ErrorOptions) {
    super(message, options)
    this.trouble = trouble
  }
}
