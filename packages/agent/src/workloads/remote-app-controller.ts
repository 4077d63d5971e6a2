/**
 * Makes peers agree with our RemoteApps: submits what differs, shows what they report, and sees deletions through to
 * their end.
 */
import {
  Annotation,
  AppReason,
  FINALIZER,
  type RemoteApp,
  type RemoteAppStatus,
} from '@porpulsion/contract'
import {
  changesOf,
  Controller,
  hasFinalizer,
  isBeingDeleted,
  removeFinalizer,
  type ControllerDeps,
  type EventRecorder,
  type KubeClient,
  type ObjectRef,
  type ReconcileResult,
} from '@porpulsion/kube'
import type { Logger } from '../observability/index.ts'
import type { KnownPeer } from '../peers/index.ts'
import { decideDeletion } from './deletion-rules.ts'
import { RemoteAppKind, type StoredRemoteApp } from './kube-app-kinds.ts'
import { withLocalService, type LocalServiceOf } from './kube-exposed-apps.ts'
import { HostCalls } from './kube-host-calls.ts'
import { KubeOwnWrites } from './kube-own-writes.ts'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import { isSameStatus, remoteAppStatus } from './kube-remote-app-status.ts'
import { appIdOf, hostedAs, refOf } from './kube-submitted-app.ts'
import type { KubeSubmittedSpecs } from './kube-submitted-specs.ts'
import type { LinkWatch } from './link-watch.ts'
import type { Directory, Notify, PeerLinks } from './neighbours.ts'
import {
  appNews,
  hasJustBeenRefused,
  hasJustBeenRejected,
  hasJustTimedOut,
} from './remote-app-events.ts'
import { obstacleOf } from './remote-app-obstacle.ts'
import type { Obstacle } from './submission-record.ts'
import type { Submissions } from './submissions.ts'
import { namesSharedSecrets } from './submitted-spec.ts'
import type { TombstoneController } from './tombstone-controller.ts'
import { WritePace } from './write-pace.ts'

export interface RemoteAppControllerDeps extends ControllerDeps {
  readonly client: KubeClient
  readonly store: KubeRemoteAppStore
  readonly submissions: Submissions
  readonly specs: KubeSubmittedSpecs
  readonly tombstones: Pick<TombstoneController, 'add' | 'forget'>
  readonly links: PeerLinks
  readonly linkWatch: LinkWatch
  readonly peers: Directory
  readonly events: EventRecorder
  readonly notify: Notify
  readonly logger: Logger
  readonly localServiceOf: LocalServiceOf
  /** Generations are comparable within it: an agent restored from a backup has another. */
  readonly epoch: string
}

/** Apps of a link that went, shown as such: at most this many a second. */
const STALE_WRITES_PER_SECOND = 50

export class RemoteAppController {
  readonly #deps: RemoteAppControllerDeps
  readonly #controller: Controller
  readonly #pace: WritePace
  readonly #hosts: HostCalls
  readonly #unsubscribe: (() => void)[] = []
  readonly #ownWrites = new KubeOwnWrites<RemoteApp>()

  constructor(deps: RemoteAppControllerDeps) {
    this.#deps = deps
    this.#hosts = new HostCalls(deps)
    this.#pace = new WritePace(deps.clock, { perSecond: STALE_WRITES_PER_SECOND })
    this.#controller = new Controller(deps, {
      name: 'remote-apps',
      sources: deps.store.informers.map((informer) => changesOf(informer)),
      reconcile: (ref, signal) => this.#reconcile(ref, signal),
      concurrency: 16,
    })
    this.#unsubscribe.push(
      deps.store.on(({ kind, app }) => {
        if (kind !== 'delete') return
        deps.submissions.forget(appIdOf(app))
        this.#hosts.startAnew(appIdOf(app))
        this.#ownWrites.forget(app.metadata.uid)
      }),
    )
  }

  async start(signal: AbortSignal): Promise<void> {
    const { linkWatch, peers } = this.#deps
    await this.#controller.start(signal)
    this.#unsubscribe.push(
      linkWatch.onChange((fingerprint) => this.enqueuePeer(fingerprint)),
      // A peer came, went, or was confirmed; whose apps that concerns is for the rules to say.
      peers.onChange(() => this.#enqueueAll()),
      this.#deps.specs.onChange((namespace) => this.#enqueueSharing(namespace)),
    )
  }

  async stop(): Promise<void> {
    for (const off of this.#unsubscribe.splice(0)) off()
    await this.#controller.stop()
  }

  async whenIdle(): Promise<void> {
    await this.#controller.whenIdle()
  }

  enqueue(uid: string): void {
    const app = this.#deps.store.byUid(uid)
    if (app !== undefined) this.#controller.enqueue(app.metadata)
  }

  enqueuePeer(fingerprint: string): void {
    const peer = this.#deps.peers.byFingerprint(fingerprint)
    if (peer === undefined) return
    for (const app of this.#deps.store.ofPeer(peer.name)) {
      this.#hosts.startAnew(appIdOf(app))
      this.#controller.enqueue(app.metadata)
    }
  }

  /** A Secret that apps may name changed: what they send may be another. */
  #enqueueSharing(namespace: string): void {
    for (const { metadata, spec } of this.#deps.store.list())
      if (metadata.namespace === namespace && namesSharedSecrets(spec))
        this.#controller.enqueue(metadata)
  }

  #enqueueAll(): void {
    for (const { metadata } of this.#deps.store.list()) this.#controller.enqueue(metadata)
  }

  async #reconcile(ref: ObjectRef, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const cached = this.#deps.store.get(ref)
    if (cached === undefined) return undefined
    const app = this.#ownWrites.latest(cached)
    return isBeingDeleted(app)
      ? await this.#reconcileDeletion(app, signal)
      : await this.#reconcileApp(app, signal)
  }

  async #reconcileApp(
    app: StoredRemoteApp,
    signal: AbortSignal,
  ): Promise<ReconcileResult | undefined> {
    const { submissions, tombstones } = this.#deps
    await tombstones.forget(appIdOf(app))
    const { hash } = this.#deps.specs.of(app)
    const obstacle = this.#obstacle(app)
    const peer = this.#peerOf(app)
    let current = app
    let retry: ReconcileResult | undefined
    if (obstacle === undefined && peer !== undefined) {
      current = await this.#pin(app, peer, signal)
      if (submissions.of(appIdOf(app)).verdict?.specHash !== hash)
        retry = await this.#hosts.submit(current, peer, signal)
    }
    return (await this.#show(current, hash, this.#obstacle(app), undefined, signal)) ?? retry
  }

  /**
   * Before the host hears of the app, and ever after: it may run there, so it must not vanish here without word, and
   * belongs to this very peer. `kubectl replace` takes finalizers away.
   */
  async #pin(app: StoredRemoteApp, peer: KnownPeer, signal: AbortSignal): Promise<StoredRemoteApp> {
    const { metadata } = app
    const isPinned = metadata.annotations?.[Annotation.PeerFingerprint] === peer.fingerprint
    const isNamed = metadata.annotations?.[Annotation.HostedAs] === hostedAs(app)
    if (isPinned && isNamed && hasFinalizer(app, FINALIZER)) return app
    const body = {
      metadata: {
        // A conflict, if somebody wrote meanwhile, brings us back with what they wrote.
        resourceVersion: metadata.resourceVersion,
        finalizers: [...(metadata.finalizers ?? []).filter((one) => one !== FINALIZER), FINALIZER],
        annotations: {
          [Annotation.PeerFingerprint]: peer.fingerprint,
          [Annotation.HostedAs]: hostedAs(app),
        },
      },
    }
    const patch = { kind: 'merge' as const, body }
    const pinned = await this.#deps.client.patch(RemoteAppKind, metadata, patch, { signal })
    this.#ownWrites.note(app, pinned)
    return pinned
  }

  async #reconcileDeletion(
    app: StoredRemoteApp,
    signal: AbortSignal,
  ): Promise<ReconcileResult | undefined> {
    const { clock, linkWatch, submissions, tombstones } = this.#deps
    const uid = appIdOf(app)
    if (!hasFinalizer(app, FINALIZER)) return undefined
    const peer = this.#pinnedPeer(app)
    const isGone = peer !== undefined && (await this.#hosts.remove(app, peer, signal))
    const decision = decideDeletion({
      peer: peer && { name: peer.name, message: this.#deps.links.view(peer.fingerprint).message },
      link: peer === undefined ? undefined : linkWatch.now(peer.fingerprint),
      isGone,
      failure: submissions.of(uid).failure,
      remaining: submissions.of(uid).remaining ?? [],
      deletedAtMs: Date.parse(app.metadata.deletionTimestamp ?? ''),
      isForced: app.metadata.annotations?.[Annotation.ForceDelete] === 'true',
      nowMs: clock.now(),
    })
    switch (decision.kind) {
      case 'let-go':
        await this.#letGo(app, decision.message, signal)
        return undefined
      case 'bury':
        if (peer !== undefined) await tombstones.add(app, peer, submissions.of(uid).remaining ?? [])
        await this.#letGo(app, decision.message, signal)
        return undefined
      case 'wait': {
        const shown = await this.#show(
          app,
          this.#deps.specs.of(app).hash,
          this.#obstacle(app),
          decision.deletion,
          signal,
        )
        const pollMs = decision.isAnswered ? this.#hosts.nextPollMs(uid) : decision.waitMs
        return shown ?? { requeueAfterMs: Math.min(pollMs, decision.waitMs) }
      }
      default:
        return decision satisfies never
    }
  }

  async #letGo(app: StoredRemoteApp, message: string, signal: AbortSignal): Promise<void> {
    const { client, events, logger } = this.#deps
    await removeFinalizer(client, RemoteAppKind, app, FINALIZER, { signal })
    events.record(app, { type: 'Normal', reason: 'Deleted', message })
    logger.info({ remoteApp: refOf(app), peer: app.spec.targetPeer }, 'Deleted app')
  }

  /** Writes the status if it says something new. Returns when to come back, if the write has to wait. */
  async #show(
    app: StoredRemoteApp,
    hash: string,
    obstacle: Obstacle | undefined,
    deletion: RemoteAppStatus['deletion'],
    signal: AbortSignal,
  ): Promise<ReconcileResult | undefined> {
    const { client, clock, submissions } = this.#deps
    const isStale = this.#isStale(app, obstacle)
    if (isStale.waitMs > 0 && app.status !== undefined && deletion === undefined)
      return { requeueAfterMs: isStale.waitMs }
    const record = submissions.of(appIdOf(app))
    const knowledge = { app, specHash: hash, record, obstacle, isStale: isStale.now, deletion }
    const exposure = this.#deps.localServiceOf(app.metadata.uid)
    const status = withLocalService(remoteAppStatus(knowledge, clock), app, exposure, clock)
    if (isSameStatus(app.status, status)) return undefined
    if (status.phase === 'Unknown' && app.status?.phase !== 'Unknown') {
      const waitMs = this.#pace.takeMs()
      if (waitMs > 0) return { requeueAfterMs: waitMs }
    }
    // Told before it is written: whoever dies in between tells it again, and none is lost.
    await this.#notify(app, status)
    const written = await client.updateStatus(RemoteAppKind, { ...app, status }, { signal })
    this.#ownWrites.note(app, written)
    this.#record(app, status)
    return undefined
  }

  #isStale(
    app: StoredRemoteApp,
    obstacle: Obstacle | undefined,
  ): { readonly now: boolean; readonly waitMs: number } {
    const peer = this.#peerOf(app)
    if (obstacle?.reason === AppReason.InvalidSpec) return { now: false, waitMs: 0 }
    // Nobody of that name, or another: whatever was known of a host is past; an app that never had one is Pending.
    if (peer === undefined || obstacle?.reason === AppReason.PeerNotFound)
      return { now: app.status?.observedAt !== undefined, waitMs: 0 }
    const link = this.#deps.linkWatch.now(peer.fingerprint)
    return link.kind === 'up'
      ? { now: false, waitMs: 0 }
      : { now: link.isStale, waitMs: link.staleInMs }
  }

  async #notify(app: StoredRemoteApp, status: RemoteAppStatus): Promise<void> {
    const { notify } = this.#deps
    const { name, namespace, uid } = app.metadata
    const about = {
      kind: 'RemoteApp' as const,
      name,
      uid,
      ...(namespace !== undefined && { namespace }),
    }
    const message = `App "${name}": ${status.message ?? ''}`
    if (hasJustTimedOut(app.status, status))
      await notify({ reason: 'AppNotReadyInTime', message, severity: 'warning', about })
    if (hasJustBeenRefused(app.status, status))
      await notify({ reason: 'AppRefused', message, severity: 'warning', about })
    if (hasJustBeenRejected(app.status, status))
      await notify({
        reason: 'AppRejected',
        message: `Peer "${app.spec.targetPeer}" rejected: ${message}`,
        severity: 'warning',
        about,
      })
  }

  #record(app: StoredRemoteApp, status: RemoteAppStatus): void {
    const { events, logger } = this.#deps
    if (app.status?.phase !== status.phase)
      logger.info(
        { remoteApp: refOf(app), phase: status.phase, was: app.status?.phase },
        'Changed phase of app',
      )
    for (const news of appNews(app.status, status)) events.record(app, news)
  }

  #obstacle(app: StoredRemoteApp): Obstacle | undefined {
    const { links, linkWatch, peers, specs } = this.#deps
    const peer = this.#peerOf(app)
    return obstacleOf({
      app,
      problems: specs.of(app).problems,
      peer,
      knownPeers: peers.list().map(({ name }) => name),
      link: peer === undefined ? { kind: 'up' } : linkWatch.now(peer.fingerprint),
      view: peer && links.view(peer.fingerprint),
    })
  }

  #peerOf(app: StoredRemoteApp): KnownPeer | undefined {
    return this.#deps.peers.byName(app.spec.targetPeer)
  }

  /** The peer it was sent to; a namesake of a removed one never had it. */
  #pinnedPeer(app: StoredRemoteApp): KnownPeer | undefined {
    const pinned = app.metadata.annotations?.[Annotation.PeerFingerprint]
    return pinned === undefined ? this.#peerOf(app) : this.#deps.peers.byFingerprint(pinned)
  }
}
