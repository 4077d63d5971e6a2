/** Tells hosts that were away what was deleted meanwhile, until nothing of it is left. */
import { isPorpulsionError } from '@porpulsion/contract'
import { kubeTime, WorkQueue, type WorkQueueDeps, type WorkResult } from '@porpulsion/kube'
import type { StoredRecord } from '../documents/index.ts'
import type { Logger } from '../observability/index.ts'
import type { KnownPeer } from '../peers/index.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import { appIdOf } from './kube-submitted-app.ts'
import type { LinkWatch } from './link-watch.ts'
import type { Directory, Notify, PeerLinks } from './neighbours.ts'
import { withoutPeer, withoutTombstone, withTombstone, type Tombstones } from './tombstones.ts'

export interface TombstoneControllerDeps extends WorkQueueDeps {
  readonly record: StoredRecord<Tombstones>
  readonly links: PeerLinks
  readonly linkWatch: LinkWatch
  readonly peers: Directory
  readonly notify: Notify
  readonly logger: Logger
}

const CALL_TIMEOUT_MS = 15_000
const POLL_MS = 2_000

export class TombstoneController {
  readonly #deps: TombstoneControllerDeps
  readonly #queue: WorkQueue
  readonly #unsubscribe: (() => void)[] = []

  constructor(deps: TombstoneControllerDeps) {
    this.#deps = deps
    this.#queue = new WorkQueue(deps, {
      name: 'tombstones',
      process: (uid, signal) => this.#process(uid, signal),
      backoff: { minMs: 1_000, maxMs: 60_000 },
    })
  }

  /** The record must have been read. */
  start(): void {
    this.#unsubscribe.push(
      this.#deps.linkWatch.onChange(() => this.#enqueueAll()),
      this.#deps.peers.onChange(() => this.#enqueueAll()),
    )
    this.#enqueueAll()
    this.#queue.start()
  }

  async stop(): Promise<void> {
    for (const off of this.#unsubscribe.splice(0)) off()
    await this.#queue.stop()
  }

  async whenIdle(): Promise<void> {
    await this.#queue.whenIdle()
  }

  isBuried(uid: string): boolean {
    return this.#deps.record.current().some((one) => one.uid === uid)
  }

  /** Resolves once it is stored: only then may the app go here. */
  async add(app: StoredRemoteApp, peer: KnownPeer, remaining: readonly string[]): Promise<void> {
    const { clock, record, notify } = this.#deps
    const { name, namespace = '' } = app.metadata
    const uid = appIdOf(app)
    const left = remaining.length > 0 ? [...remaining] : lastKnownObjects(app)
    await record.update((all) =>
      withTombstone(all, {
        uid,
        name,
        namespace,
        peerName: peer.name,
        peerFingerprint: peer.fingerprint,
        deletedAt: kubeTime(clock.now()),
        remaining: left,
      }),
    )
    await notify({
      reason: 'AppDeletedUnconfirmed',
      message: `App "${name}" was deleted here while peer "${peer.name}" was away. It may still run there (${left.join(', ')}), and is removed as soon as the peer is back`,
      severity: 'warning',
      about: { kind: 'RemoteApp', name, namespace, uid },
    })
    this.#queue.add(uid)
  }

  /** It is wanted again: restored from a backup, it is what it was. */
  async forget(uid: string): Promise<void> {
    if (this.isBuried(uid)) await this.#deps.record.update((all) => withoutTombstone(all, uid))
  }

  /** The peer was removed: what is there is not ours to delete any more. */
  async forgetPeer(fingerprint: string): Promise<void> {
    await this.#deps.record.update((all) => withoutPeer(all, fingerprint))
  }

  #enqueueAll(): void {
    for (const { uid } of this.#deps.record.current()) this.#queue.add(uid)
  }

  async #process(uid: string, signal: AbortSignal): Promise<WorkResult | undefined> {
    const { record, links, linkWatch, peers, logger } = this.#deps
    const tombstone = record.current().find((one) => one.uid === uid)
    if (tombstone === undefined) return undefined
    const { peerFingerprint, peerName, name } = tombstone
    // Being told that the link is up, or the peer gone for good, brings us back.
    if (peers.byFingerprint(peerFingerprint) === undefined) return undefined
    if (linkWatch.now(peerFingerprint).kind === 'down') return undefined
    try {
      const { state } = await links.call(peerFingerprint, 'deleteApp', {
        params: { uid },
        signal,
        timeoutMs: CALL_TIMEOUT_MS,
      })
      if (state !== 'Gone') return { requeueAfterMs: POLL_MS }
    } catch (error) {
      if (isPorpulsionError(error) && error.code === 'LinkDown') return undefined
      throw error
    }
    await record.update((all) => withoutTombstone(all, uid))
    logger.info(
      { peer: peerName, app: name },
      'Removed app that was deleted while its host was away',
    )
    return undefined
  }
}

/** When the host cannot be asked, what it last said it had. */
function lastKnownObjects({ status }: StoredRemoteApp): string[] {
  const pods = (status?.pods ?? []).map(({ name }) => `Pod/${name}`)
  const service = status?.serviceName === undefined ? [] : [`Service/${status.serviceName}`]
  const all = [...service, ...pods]
  return all.length > 0 ? all : ['its pods and files']
}
