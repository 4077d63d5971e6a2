import { WorkQueue, type ReportSink } from '@porpulsion/kube'
import type { Clock, Random } from '../observability/index.ts'
import type { LinkViews } from './link-view.ts'
import type { PeerDirectory } from './known-peer.ts'
import type { PeerReconciler } from './peer-reconciler.ts'
import type { PeerStore } from './peer-store.ts'

export interface PeerControllerDeps {
  readonly store: PeerStore
  readonly directory: PeerDirectory
  readonly reconciler: PeerReconciler
  readonly clock: Clock
  readonly random: Random
  readonly report: ReportSink
}

/** Runs the reconciler for every peer whose resource, standing or link changed; many changes at once are one run. */
export class PeerController {
  readonly #deps: PeerControllerDeps
  readonly #queue: WorkQueue
  readonly #unsubscribe: (() => void)[] = []

  constructor(deps: PeerControllerDeps) {
    this.#deps = deps
    this.#queue = new WorkQueue(deps, {
      name: 'peers',
      process: (name, signal) => deps.reconciler.reconcile(name, signal),
    })
  }

  /** The store is complete by now. */
  start(): void {
    const { store } = this.#deps
    this.#unsubscribe.push(store.onChange((name) => this.#queue.add(name)))
    for (const { metadata } of store.list()) this.#queue.add(metadata.name)
    this.#queue.start()
  }

  /** The standing of any peer may depend on any other, and on the revoked list. */
  all(): void {
    for (const { metadata } of this.#deps.store.list()) this.#queue.add(metadata.name)
  }

  follow(links: LinkViews): void {
    this.#unsubscribe.push(
      links.onChange((fingerprint) => {
        const peer = this.#deps.directory.byFingerprint(fingerprint)
        if (peer !== undefined) this.#queue.add(peer.name)
      }),
    )
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
    await this.#queue.stop()
  }
}
