import { Annotation, PorpulsionError } from '@porpulsion/contract'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import type { Directory } from './neighbours.ts'
import { appIdOf } from './kube-submitted-app.ts'
import { normalisePort, type NormalisedPort } from './normalise-app-spec.ts'
import { unknownPeer } from './remote-app-obstacle.ts'

export interface ResolvedApp {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly peerFingerprint: string
  readonly ports: readonly NormalisedPort[]
}

/** Finds our apps for whoever wants to reach them, from memory. */
export class RemoteAppResolver {
  readonly #store: KubeRemoteAppStore
  readonly #peers: Directory

  constructor({ store, peers }: { readonly store: KubeRemoteAppStore; readonly peers: Directory }) {
    this.#store = store
    this.#peers = peers
  }

  /** `id` is a uid, a name, or "namespace,name"; `namespace` is for a bare name. */
  resolve(id: string, namespace?: string): ResolvedApp {
    return this.#resolved(this.#store.resolve(id, namespace))
  }

  resolveUidPrefix(prefix: string): ResolvedApp {
    const found = this.#store.byUidPrefix(prefix)
    const [app] = found
    if (app === undefined)
      throw new PorpulsionError(
        'NotFound',
        'AppNotFound',
        `There is no app whose uid begins with ${prefix}`,
      )
    if (found.length > 1)
      throw new PorpulsionError(
        'Conflict',
        'AppAmbiguous',
        `Several apps have a uid that begins with ${prefix}`,
      )
    return this.#resolved(app)
  }

  /** Fingerprint of the peer that runs it. */
  peerOf({ metadata, spec }: StoredRemoteApp): string {
    const pinned = metadata.annotations?.[Annotation.PeerFingerprint]
    const fingerprint = pinned ?? this.#peers.byName(spec.targetPeer)?.fingerprint
    if (fingerprint !== undefined) return fingerprint
    const names = this.#peers.list().map(({ name }) => name)
    throw new PorpulsionError('NotFound', 'PeerNotFound', unknownPeer(spec.targetPeer, names))
  }

  #resolved(app: StoredRemoteApp): ResolvedApp {
    return {
      uid: appIdOf(app),
      name: app.metadata.name,
      namespace: app.metadata.namespace ?? '',
      peerFingerprint: this.peerOf(app),
      ports: (app.spec.ports ?? []).map(normalisePort),
    }
  }
}
