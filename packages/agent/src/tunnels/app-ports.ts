/** What tunnels ask of the feature that knows the apps; `agent.ts` wires it. */
import type { Duplex } from 'node:stream'
import type { AppRecord } from '../policy/index.ts'

/** One of our apps at a peer, as far as a tunnel to it is concerned. */
export interface TunnelApp {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  /** Where it runs. */
  readonly peerFingerprint: string
  readonly ports: readonly TunnelPort[]
}

export interface TunnelPort {
  readonly name?: string
  readonly port: number
  /** Default TCP. */
  readonly protocol?: string
}

/**
 * Submitter: finds our apps. Asked for every request to an app, so it answers from memory. Both throw `AppNotFound`
 * and `AppAmbiguous`.
 */
export interface AppResolver {
  /** `id` is a uid, a bare name, or `namespace,name`. */
  resolve(id: string): TunnelApp
  /** By the first characters of its uid, at least 8: what is left of an app in a host name too long for its name. */
  resolveUidPrefix(prefix: string): TunnelApp
}

/** Host: the apps that run here, by the peer they run for. */
export interface AppTargets {
  /** Our own record, to decide by; from memory. */
  find(peerFingerprint: string, uid: string): AppRecord | undefined
  /** Connects to a ready pod of the app. Throws `AppNotReady`, `PortUnreachable`. */
  dial(peerFingerprint: string, uid: string, port: number, signal: AbortSignal): Promise<Duplex>
  /** Told when our record of an app is another one, or gone. The returned function unsubscribes. */
  onChange(listener: (peerFingerprint: string, uid: string) => void): () => void
}
