/**
 * Host → submitter: all that runs here for it, on every connect and every few minutes; and what is done about the
 * difference. That an app is not wanted any more is never concluded from silence: the submitter is asked about each.
 */
import { isPorpulsionError, type Inventory } from '@porpulsion/contract'
import { WorkQueue, type WorkQueueDeps, type WorkResult } from '@porpulsion/kube'
import type { Logger } from '../observability/index.ts'
import type { KnownPeer } from '../peers/index.ts'
import { policyRevision, rulesFor } from '../policy/index.ts'
import { mayDeleteUnasked } from './inventory-rules.ts'
import { ExecutingAppKind, type StoredExecutingApp } from './kube-app-kinds.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import {
  canTalk,
  type Directory,
  type Notify,
  type PeerLinks,
  type SettingsInForce,
} from './neighbours.ts'
import {
  isOfThisSpec,
  statusHashOf,
  type StatusReportController,
} from './status-report-controller.ts'

export interface InventoryControllerDeps extends WorkQueueDeps {
  readonly store: KubeHostedAppStore
  readonly reports: Pick<StatusReportController, 'send'>
  readonly links: PeerLinks
  readonly peers: Directory
  readonly settings: SettingsInForce
  readonly notify: Notify
  readonly logger: Logger
  readonly bootId: string
}

/** Whatever was lost on the way is noticed after this time at the latest, give or take a fifth. */
const EXCHANGE_EVERY_MS = 3 * 60_000
/** Many records go at once; all of them are one inventory. */
const AFTER_LOSS_MS = 2_000
const UNHEARD_CONFIRMATION_MS = 2_000
const CALL_TIMEOUT_MS = 30_000
/** Claims asked about at the same time. */
const CLAIM_BATCH = 16
/** Names in a notification; the rest is a number. */
const MAX_NAMED = 10
const UNKNOWN_HASH = '0'.repeat(64)

export class InventoryController {
  readonly #deps: InventoryControllerDeps
  readonly #queue: WorkQueue
  /** Records that no longer are what was submitted, by uid of the record and the version found spoilt. */
  readonly #spoilt = new Map<string, string>()
  readonly #unsubscribe: (() => void)[] = []
  /** Peers that were up when last heard of: an inventory is due when one comes up. */
  readonly #up = new Set<string>()

  constructor(deps: InventoryControllerDeps) {
    this.#deps = deps
    this.#queue = new WorkQueue(deps, {
      name: 'inventories',
      process: (fingerprint, signal) => this.#exchange(fingerprint, signal),
      concurrency: 8,
      backoff: { minMs: 1_000, maxMs: 60_000 },
    })
  }

  /** The store must have synced: what is not in an inventory counts as not running. */
  start(): void {
    const { links, peers, settings, store } = this.#deps
    this.#unsubscribe.push(
      links.onChange((fingerprint) => this.#onLink(fingerprint)),
      peers.onChange(() => this.sendToAll()),
      // Other rules may admit what was refused.
      settings.onChange(() => this.sendToAll()),
      // Deleted here, perhaps with its whole namespace: if that was not its submitter's wish, it comes again.
      store.records.on(({ kind, object }) => {
        if (kind === 'deleted') this.#queue.addAfter(object.spec.peer.fingerprint, AFTER_LOSS_MS)
      }),
    )
    this.sendToAll()
    this.#queue.start()
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
    await this.#queue.stop()
  }

  async whenIdle(): Promise<void> {
    await this.#queue.whenIdle()
  }

  sendToAll(): void {
    for (const { fingerprint } of this.#deps.peers.list()) this.#queue.add(fingerprint)
  }

  /** A record was edited: tell its submitter that this is not what it sent. */
  onSpoiltRecord({ metadata, spec }: StoredExecutingApp): void {
    if (this.#spoilt.get(metadata.uid) === metadata.resourceVersion) return
    this.#spoilt.set(metadata.uid, metadata.resourceVersion)
    this.#queue.add(spec.peer.fingerprint)
  }

  #onLink(fingerprint: string): void {
    const peer = this.#deps.peers.byFingerprint(fingerprint)
    const isUp = peer !== undefined && canTalk(peer, this.#deps.links.view(fingerprint))
    if (isUp && !this.#up.has(fingerprint)) this.#queue.add(fingerprint)
    if (isUp) this.#up.add(fingerprint)
    else this.#up.delete(fingerprint)
  }

  async #exchange(fingerprint: string, signal: AbortSignal): Promise<WorkResult | undefined> {
    const { links, peers, reports, random } = this.#deps
    const peer = peers.byFingerprint(fingerprint)
    if (peer === undefined || !canTalk(peer, links.view(fingerprint))) return undefined
    const body = this.#inventory(peer)
    const reply = await links
      .call(fingerprint, 'postInventory', { body, signal, timeoutMs: CALL_TIMEOUT_MS })
      .catch((error: unknown) => {
        if (!isPorpulsionError(error) || error.code !== 'NotConfirmed') throw error
        return undefined
      })
    // It has yet to hear that we confirmed it, from a session that is on its way.
    if (reply === undefined) return { requeueAfterMs: UNHEARD_CONFIRMATION_MS }
    for (const uid of reply.wanted) reports.send(fingerprint, uid)
    await this.#askAbout(peer, reply.unknown, signal)
    return { requeueAfterMs: EXCHANGE_EVERY_MS * (0.8 + 0.4 * random.next()) }
  }

  #inventory({ fingerprint, name }: KnownPeer): Inventory {
    const { store, settings, bootId } = this.#deps
    return {
      bootId,
      policyRevision: policyRevision(rulesFor(settings.current(), name)),
      apps: store.ofPeer(fingerprint).map((record) => {
        // Of the spec before it says nothing of this one, and would not be sent either.
        const statusHash = isOfThisSpec(record) ? statusHashOf(record) : undefined
        return {
          uid: record.spec.submitter.uid,
          generation: record.spec.submitter.generation,
          specHash: this.#isSpoilt(record) ? UNKNOWN_HASH : record.spec.specHash,
          ...(statusHash !== undefined && { statusHash }),
        }
      }),
    }
  }

  #isSpoilt({ metadata }: StoredExecutingApp): boolean {
    return this.#spoilt.get(metadata.uid) === metadata.resourceVersion
  }

  async #askAbout(peer: KnownPeer, uids: readonly string[], signal: AbortSignal): Promise<void> {
    const { store, logger } = this.#deps
    // Only what really runs here: a peer may name anything.
    const records = uids.flatMap((uid) => store.find(peer.fingerprint, uid) ?? [])
    const gone: StoredExecutingApp[] = []
    for (let start = 0; start < records.length; start += CLAIM_BATCH) {
      const batch = records.slice(start, start + CLAIM_BATCH)
      const answers = await Promise.all(batch.map((record) => this.#isGone(peer, record, signal)))
      gone.push(...batch.filter((_, index) => answers[index]))
    }
    if (gone.length === 0) return
    const hosted = store.ofPeer(peer.fingerprint).length
    if (!mayDeleteUnasked(gone.length, hosted)) {
      await this.#askOperator(peer, gone, hosted)
      return
    }
    for (const { metadata } of gone) {
      await store.remove(ExecutingAppKind, metadata, signal)
      logger.info(
        { peer: peer.name, executingApp: metadata.name },
        'Removed app that its submitter deleted',
      )
    }
  }

  /** Only a clear "deleted" counts; whoever cannot be asked, or does not know yet, has not said so. */
  async #isGone(
    peer: KnownPeer,
    record: StoredExecutingApp,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      const params = { uid: record.spec.submitter.uid }
      await this.#deps.links.call(peer.fingerprint, 'getAppClaim', {
        params,
        signal,
        timeoutMs: CALL_TIMEOUT_MS,
      })
      return false
    } catch (error) {
      signal.throwIfAborted()
      return isPorpulsionError(error) && error.code === 'AppGone'
    }
  }

  async #askOperator(
    peer: KnownPeer,
    gone: readonly StoredExecutingApp[],
    hosted: number,
  ): Promise<void> {
    const { notify, logger } = this.#deps
    logger.warn(
      { peer: peer.name, gone: gone.length, hosted },
      'Kept apps that their submitter says are deleted',
    )
    const names = gone.slice(0, MAX_NAMED).map(({ metadata }) => metadata.name)
    const more = gone.length > MAX_NAMED ? ` and ${gone.length - MAX_NAMED} more` : ''
    const namespace = gone[0]?.metadata.namespace ?? ''
    await notify({
      reason: 'TooManyDeletions',
      message: `Peer "${peer.name}" says that ${gone.length} of its ${hosted} apps here are deleted (${names.join(', ')}${more}). That many at once may mean that it lost its data, so nothing was deleted. If it is right, run: kubectl -n ${namespace} delete executingapp NAME`,
      severity: 'warning',
      about: { kind: 'Peer', name: peer.name },
    })
  }
}
