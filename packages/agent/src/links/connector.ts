import type { KnownPeer } from '../peers/index.ts'
import type { SecureConnection } from './secure-connection.ts'

/** Dials a peer. Rejects with an Error whose message is for the operator; the signal ends the attempt. */
export interface Connector {
  dial(peer: KnownPeer & { readonly url: string }, signal: AbortSignal): Promise<SecureConnection>
}
