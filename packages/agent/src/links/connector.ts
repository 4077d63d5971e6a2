import type { KnownPeer, LinkTrouble } from '../peers/index.ts'
import type { SecureConnection } from './secure-connection.ts'

/** Dials a peer. Rejects with an Error whose message is for the operator; the signal ends the attempt. */
export interface Connector {
  dial(peer: KnownPeer & { readonly url: string }, signal: AbortSignal): Promise<SecureConnection>
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
