import type { ApiEvent, Peer, PeerStatus } from '@porpulsion/contract'
import type { Clock, Logger } from '../observability/index.ts'
import type { Identity } from './identity.ts'
import type { LinkView } from './link-view.ts'
import type { KnownPeer, RemovalChoices, RemovalCounts, RemovalHandler } from './known-peer.ts'
import { KnownWords } from './known-words.ts'
import type { CaChain } from './ca-chain.ts'
import { isWorthWriting, peerStatus } from './peer-status.ts'
import type { PeerStore, StoredPeer } from './peer-store.ts'
import { revokeChain, type Revocations } from './revocations.ts'
import type { StoredPeerDirectory } from './stored-peer-directory.ts'

export interface PeerReconcilerDeps {
  readonly identity: Pick<Identity, 'forPeer' | 'origin'>
  readonly store: PeerStore
  readonly directory: StoredPeerDirectory
  readonly revocations: Revocations
  readonly clock: Clock
  readonly logger: Logger
  readonly publish: (event: ApiEvent) => void
  /** Undefined before links exist. */
  readonly linkOf: (fingerprint: string) => LinkView | undefined
  readonly removalHandlers: () => readonly RemovalHandler[]
}

/** A Peer whose status is of this moment. */
export type LivePeer = StoredPeer & { readonly status: PeerStatus }

/** For one that was deleted with kubectl: as the API does when nothing is chosen. */
export const defaultRemovalChoices: RemovalChoices = { executingApps: 'delete', remoteApps: 'keep' }
/** A removal always ends: what a feature has not done by then is left, and logged. */
const removalTimeoutMs = 30_000

/** Makes a Peer resource, what it says of itself, and what is true of it agree. Level-triggered. */
export class PeerReconciler {
  readonly #deps: PeerReconcilerDeps
  readonly #words: KnownWords
  /** Who waits for a removal to end. By uid. */
  readonly #awaitedRemovals = new Map<string, (counts: RemovalCounts) => void>()
  /** As last published; told apart from now by `resourceVersion` and live status. By name. */
  readonly #published = new Map<string, { readonly shown: string; readonly peer: Peer }>()

  constructor(deps: PeerReconcilerDeps) {
    this.#deps = deps
    this.#words = new KnownWords(deps.identity)
  }

  async reconcile(name: string, signal: AbortSignal): Promise<void> {
    const peer = this.#deps.store.get(name)
    if (peer === undefined) this.#publishGone(name)
    else if (peer.metadata.deletionTimestamp !== undefined) await this.#finish(peer, signal)
    else await this.#keep(peer)
  }

  /** The resource with its status as of this moment, not as last written. */
  live(peer: StoredPeer): LivePeer {
    const standing = this.#deps.directory.standing(peer.metadata.name)
    const known = standing?.kind === 'refused' ? undefined : standing?.peer
    const fingerprint = known?.fingerprint
    const status = peerStatus({
      peer,
      standing,
      link: fingerprint === undefined ? undefined : this.#deps.linkOf(fingerprint),
      words: (known && this.#words.of(known)) ?? peer.status?.words,
      nowMs: this.#deps.clock.now(),
    })
    return { ...peer, status }
  }

  /** Resolves once the removal of this very peer has ended, with what it did. Ask before requesting it. */
  whenRemoved(uid: string): Promise<RemovalCounts> {
    return new Promise((resolve) => this.#awaitedRemovals.set(uid, resolve))
  }

  async #keep(peer: StoredPeer): Promise<void> {
    const { store, directory } = this.#deps
    await store.hold(peer)
    const known = directory.byName(peer.metadata.name)
    if (known !== undefined) await this.#words.learn(known, peer.status?.words)
    const live = this.live(peer)
    this.#publish(live)
    if (isWorthWriting(peer.status, live.status)) await store.writeStatus(peer, live.status)
  }

  /** Revoked first, so that it cannot come back while the rest is being cleared away. */
  async #finish(peer: StoredPeer, signal: AbortSignal): Promise<void> {
    const { store, revocations, clock, logger } = this.#deps
    const { name, uid } = peer.metadata
    const standing = this.#formerlyInForce(peer)
    const leaving = standing?.peer
    let counts = nothingRemoved
    if (standing !== undefined) {
      await revokeChain(revocations, standing.chain, name, clock)
      counts = await this.#clear(standing.peer, store.removalChoices(peer), signal)
      this.#words.forget(standing.peer)
    }
    await store.release(peer)
    logger.info({ peer: name, fingerprint: leaving?.fingerprint, ...counts }, 'Removed peer')
    this.#awaitedRemovals.get(uid)?.(counts)
    this.#awaitedRemovals.delete(uid)
  }

  /** Undefined for a resource that never was in force: a second Peer of one CA takes nobody with it. */
  #formerlyInForce({
    metadata,
    status,
  }: StoredPeer): { readonly peer: KnownPeer; readonly chain: CaChain } | undefined {
    const standing = this.#deps.directory.standing(metadata.name)
    if (standing?.kind !== 'leaving' || standing.peer === undefined) return undefined
    const { peer, chain } = standing
    const { fingerprint } = peer
    const wasExchanged = status?.fingerprint !== undefined && status.fingerprint !== fingerprint
    const another = this.#deps.directory.byFingerprint(fingerprint)
    return wasExchanged || another !== undefined ? undefined : { peer, chain }
  }

  async #clear(
    peer: KnownPeer,
    choices: RemovalChoices = defaultRemovalChoices,
    signal: AbortSignal,
  ): Promise<RemovalCounts> {
    let { deletedExecutingApps, forgottenRemoteApps } = nothingRemoved
    for (const handler of this.#deps.removalHandlers()) {
      try {
        const done = await this.#inTime(signal, (limited) => handler(peer, choices, limited))
        deletedExecutingApps += done.deletedExecutingApps
        forgottenRemoteApps += done.forgottenRemoteApps
      } catch (err) {
        signal.throwIfAborted()
        this.#deps.logger.error({ err, peer: peer.name }, 'Left something behind of a removed peer')
      }
    }
    return { deletedExecutingApps, forgottenRemoteApps }
  }

  /** A handler that ignores its signal does not hold up the removal either. */
  #inTime<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController()
    const limited = AbortSignal.any([signal, limit.signal])
    return new Promise<T>((resolve, reject) => {
      const cancel = this.#deps.clock.setTimeout(
        () => limit.abort(new Error('Clearing up after a removed peer took too long')),
        removalTimeoutMs,
      )
      limited.addEventListener('abort', () => reject(abortError(limited)), { once: true })
      work(limited).then(resolve, reject).finally(cancel)
    })
  }

  #publish(peer: Peer): void {
    const { name } = peer.metadata
    // Latency alone is no news of a Peer: who looks on is told of it by the `links` event.
    const { latencyMs: _, ...status } = peer.status ?? {}
    const shown = JSON.stringify([peer.metadata.uid, peer.spec, status])
    if (this.#published.get(name)?.shown === shown) return
    this.#published.set(name, { shown, peer })
    this.#deps.publish({ type: 'upsert', kind: 'Peer', object: peer })
  }

  #publishGone(name: string): void {
    const last = this.#published.get(name)?.peer.metadata
    if (last === undefined) return
    this.#published.delete(name)
    const { namespace, uid } = last
    this.#deps.publish({
      type: 'delete',
      kind: 'Peer',
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
    })
  }
}

const nothingRemoved: RemovalCounts = { deletedExecutingApps: 0, forgottenRemoteApps: 0 }

const abortError = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : new Error('Aborted')
