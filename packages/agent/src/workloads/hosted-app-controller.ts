/** Keeps every app that runs here as its record says, and its status as it is, for as long as it lives. */
import {
  AppConditionType,
  AppReason,
  type ExecutingApp,
  type ExecutingAppStatus,
} from '@porpulsion/contract'
import {
  changesMapped,
  changesOf,
  changesOfOwned,
  Controller,
  findCondition,
  isBeingDeleted,
  type Clock,
  type ControllerDeps,
  type ControllerSource,
  type Informer,
  type KubeClient,
  type KubeObject,
  type ObjectRef,
  type ReconcileResult,
} from '@porpulsion/kube'
import type { Logger } from '../observability/index.ts'
import { isSameContent } from './canonical-json.ts'
import type { HeldApps } from './kube-held-apps.ts'
import type { KubeAppDeployer } from './kube-app-deployer.ts'
import { ExecutingAppKind, type StoredExecutingApp } from './kube-app-kinds.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import type { KubeLastWords } from './kube-last-words.ts'
import { readyDeadlineMs } from './kube-app-conditions.ts'
import { observeApp } from './kube-observe-app.ts'
import { KubeOwnWrites } from './kube-own-writes.ts'
import type { KubeSecretValues } from './kube-secret-values.ts'
import type { Notify } from './neighbours.ts'
import { heldPart, isIntact } from './submission-rules.ts'

export interface HostedAppControllerDeps extends ControllerDeps {
  readonly client: KubeClient
  readonly store: KubeHostedAppStore
  readonly deployer: KubeAppDeployer
  readonly secretValues: KubeSecretValues
  readonly lastWords: KubeLastWords
  readonly heldApps: Pick<HeldApps, 'release'>
  readonly notify: Notify
  readonly logger: Logger
  /** The record is not what was submitted any more: only the submitter can put it right. */
  readonly onSpoiltRecord: (record: StoredExecutingApp) => void
}

/** Secrets are not watched; this often everything is applied again. Spread, so that not all apps come due at once. */
const RESYNC_MS = 10 * 60_000
/** A quota that refused an object may have room for it later, which nothing announces. */
const REFUSED_RETRY_MS = 30_000
const RESYNC_SPREAD = 0.2

export class HostedAppController {
  readonly #deps: HostedAppControllerDeps
  readonly #controller: Controller
  readonly #resyncedAt = new Map<string, number>()
  readonly #ownWrites = new KubeOwnWrites<ExecutingApp>()

  constructor(deps: HostedAppControllerDeps) {
    this.#deps = deps
    const { store } = deps
    const byLabel = <T extends KubeObject>(informer: Informer<T, string>): ControllerSource =>
      changesMapped(informer, (object) =>
        store.recordsOfObject(object).map(({ metadata }) => metadata),
      )
    this.#controller = new Controller(deps, {
      name: 'hosted-apps',
      sources: [
        changesOf(store.records),
        changesOfOwned(store.deployments, ExecutingAppKind),
        changesOfOwned(store.services, ExecutingAppKind),
        changesOfOwned(store.configMaps, ExecutingAppKind),
        byLabel(store.replicaSets),
        byLabel(store.pods),
      ],
      reconcile: (ref, signal) => this.#reconcile(ref, signal),
      concurrency: 8,
    })
    store.onEvent((ref) => this.#controller.enqueue(ref))
    store.records.on(({ kind, object }) => {
      if (kind !== 'deleted') return
      this.#deps.deployer.forget(object)
      this.#resyncedAt.delete(object.metadata.uid)
      this.#ownWrites.forget(object.metadata.uid)
    })
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#controller.start(signal)
  }

  async stop(): Promise<void> {
    await this.#controller.stop()
  }

  async whenIdle(): Promise<void> {
    await this.#controller.whenIdle()
  }

  /** Every app of this peer is looked at once more. */
  enqueuePeer(fingerprint: string): void {
    for (const { metadata } of this.#deps.store.ofPeer(fingerprint))
      this.#controller.enqueue(metadata)
  }

  async #reconcile(ref: ObjectRef, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const { client, store, clock, heldApps } = this.#deps
    const cached = store.records.get(ref)
    if (cached === undefined || isBeingDeleted(cached)) return undefined
    const record = this.#ownWrites.latest(cached)
    // Its changed record comes back here.
    if (heldPart(record.spec) !== undefined && (await heldApps.release(record, signal)))
      return undefined
    const { status, isRefused } = await this.#observed(record, signal)
    if (!isSameContent(record.status, status)) {
      // Told before it is written: whoever dies in between tells it again, and none is lost.
      await this.#tell(record, status)
      const written = await client.updateStatus(ExecutingAppKind, { ...record, status }, { signal })
      this.#ownWrites.note(record, written)
    }
    const nextLookMs = this.#nextLookMs({ ...record, status }, clock)
    return { requeueAfterMs: isRefused ? Math.min(nextLookMs, REFUSED_RETRY_MS) : nextLookMs }
  }

  async #observed(
    record: StoredExecutingApp,
    signal: AbortSignal,
  ): Promise<{ readonly status: ExecutingAppStatus; readonly isRefused: boolean }> {
    const { store, lastWords, clock } = this.#deps
    const { serviceName, problem } = await this.#deploy(record, signal)
    const pods = store.podsOf(record)
    await lastWords.fetch(pods, signal)
    const deployment = store.deployments.get(record.metadata)
    const status = observeApp(
      {
        record,
        deployment,
        replicaSets: deployment === undefined ? [] : store.replicaSetsOf(deployment),
        pods,
        events: store.eventsOf(record),
        serviceName,
        deployProblem: problem,
        lastLogLine: (pod) => lastWords.of(pod),
      },
      clock,
    )
    return { status, isRefused: problem !== undefined }
  }

  async #deploy(
    record: StoredExecutingApp,
    signal: AbortSignal,
  ): Promise<{ readonly serviceName: string | undefined; readonly problem: string | undefined }> {
    const { deployer, secretValues, onSpoiltRecord } = this.#deps
    if (record.spec.hold !== undefined) {
      await deployer.withdraw(record, signal)
      return { serviceName: undefined, problem: undefined }
    }
    const force = this.#isResyncDue(record)
    if (force) secretValues.forget(record)
    const whole = await secretValues.wholeSpec(record, signal)
    if (whole === undefined || !isIntact(record.spec, whole)) {
      onSpoiltRecord(record)
      return {
        serviceName: record.status?.serviceName,
        problem:
          'The record here was edited or lost its secrets; waiting for its submitter to send it again',
      }
    }
    return await deployer.deploy(record, whole, { force }, signal)
  }

  #isResyncDue({ metadata }: StoredExecutingApp): boolean {
    const now = this.#deps.clock.now()
    const last = this.#resyncedAt.get(metadata.uid)
    if (last !== undefined && now - last < RESYNC_MS * (1 - RESYNC_SPREAD)) return false
    this.#resyncedAt.set(metadata.uid, now)
    // At first sight there is nothing to forget, and everything is applied anyway.
    return last !== undefined
  }

  /** At the latest when the time to become ready is up, which no event announces. */
  #nextLookMs(record: StoredExecutingApp, clock: Clock): number {
    const deadline = readyDeadlineMs(record)
    const resyncMs = RESYNC_MS * (1 + RESYNC_SPREAD * (2 * this.#deps.random.next() - 1))
    const leftMs = deadline === undefined ? resyncMs : deadline - clock.now()
    return leftMs > 0 ? Math.min(leftMs, resyncMs) : resyncMs
  }

  async #tell(record: StoredExecutingApp, status: ExecutingAppStatus): Promise<void> {
    const { logger, notify } = this.#deps
    const { namespace, name } = record.metadata
    const executingApp = { namespace, name }
    if (record.status?.phase !== status.phase)
      logger.info(
        { executingApp, phase: status.phase, was: record.status?.phase },
        'Changed phase of hosted app',
      )
    const ready = findCondition(status.conditions, AppConditionType.Ready)
    const was = findCondition(record.status?.conditions, AppConditionType.Ready)
    if (ready?.reason !== AppReason.NotReadyInTime || was?.reason === ready.reason) return
    const { submitter, peer } = record.spec
    await notify({
      reason: 'AppNotReadyInTime',
      message: `App "${submitter.name}" of peer "${peer.name}": ${ready.message}`,
      severity: 'warning',
      about: {
        kind: 'ExecutingApp',
        name,
        uid: record.metadata.uid,
        ...(namespace !== undefined && { namespace }),
      },
    })
  }
}
