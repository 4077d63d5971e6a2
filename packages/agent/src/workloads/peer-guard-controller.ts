/** Keeps the guards of every peer's namespace as the owner's rules are. */
import { WorkQueue, type WorkQueueDeps } from '@porpulsion/kube'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import { inCluster } from './kube-cluster-error.ts'
import type { Directory, SettingsInForce } from './neighbours.ts'

export interface PeerGuardControllerDeps extends WorkQueueDeps {
  readonly store: Pick<KubeHostedAppStore, 'namespaces'>
  readonly peers: Directory
  readonly settings: SettingsInForce
  /** What Kubernetes refused under the guards as they were may be let through now. */
  readonly onGuarded: (fingerprint: string) => void
}

/** What somebody deleted by hand is back after this time at the latest. */
const RESYNC_MS = 10 * 60_000

export class PeerGuardController {
  readonly #deps: PeerGuardControllerDeps
  readonly #queue: WorkQueue
  readonly #unsubscribe: (() => void)[] = []

  constructor(deps: PeerGuardControllerDeps) {
    this.#deps = deps
    this.#queue = new WorkQueue(deps, {
      name: 'peer-guards',
      process: async (fingerprint, signal) => {
        const { namespaces } = deps.store
        await inCluster('the guards of a peer’s namespace', () =>
          namespaces.guardIfThere(fingerprint, signal),
        )
        deps.onGuarded(fingerprint)
        return deps.peers.byFingerprint(fingerprint) === undefined
          ? undefined
          : { requeueAfterMs: RESYNC_MS }
      },
      concurrency: 2,
      backoff: { minMs: 1_000, maxMs: 60_000 },
    })
  }

  start(): void {
    const { peers, settings } = this.#deps
    this.#unsubscribe.push(
      settings.onChange(() => this.#guardAll()),
      peers.onChange(() => this.#guardAll()),
    )
    this.#guardAll()
    this.#queue.start()
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
    await this.#queue.stop()
  }

  async whenIdle(): Promise<void> {
    await this.#queue.whenIdle()
  }

  #guardAll(): void {
    for (const { fingerprint } of this.#deps.peers.list()) this.#queue.add(fingerprint)
  }
}
