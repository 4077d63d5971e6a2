/**
 * Host → submitter: how its apps are. Coalesced per app, level-triggered: what is sent is what is, whenever the link
 * lets it through, and what was missed in between nobody needs.
 */
import {
  type ExecutingAppStatus,
  type ObservedAppStatus,
  type StatusReport,
} from '@porpulsion/contract'
import { isBeingDeleted, WorkQueue, type WorkQueueDeps, type WorkResult } from '@porpulsion/kube'
import { policyRevision, rulesFor } from '../policy/index.ts'
import { contentHash } from './canonical-json.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import { appKey, type KubeHostedAppStore } from './kube-hosted-app-store.ts'
import { canTalk, type Directory, type PeerLinks, type SettingsInForce } from './neighbours.ts'

export interface StatusReportControllerDeps extends WorkQueueDeps {
  readonly store: KubeHostedAppStore
  readonly links: PeerLinks
  readonly peers: Directory
  readonly settings: SettingsInForce
  /** Of this agent; sequences count within it. */
  readonly bootId: string
}

const GONE_POLL_MS = 1_000
const CALL_TIMEOUT_MS = 10_000

/** What is remembered of an app whose record is gone, to say so. */
type LastSeen = Pick<StatusReport, 'specHash' | 'generation'>

const nothing: ObservedAppStatus = {
  conditions: [],
  replicas: 0,
  readyReplicas: 0,
  updatedReplicas: 0,
}

export class StatusReportController {
  readonly #deps: StatusReportControllerDeps
  readonly #queue: WorkQueue
  readonly #gone = new Map<string, LastSeen>()
  #sequence = 0

  constructor(deps: StatusReportControllerDeps) {
    this.#deps = deps
    this.#queue = new WorkQueue(deps, {
      name: 'status-reports',
      process: (key, signal) => this.#report(key, signal),
      concurrency: 16,
      backoff: { minMs: 500, maxMs: 30_000 },
    })
    deps.store.records.on((change) => {
      const { peer, submitter, specHash } = change.object.spec
      const key = appKey(peer.fingerprint, submitter.uid)
      if (change.kind === 'deleted')
        this.#gone.set(key, { specHash, generation: submitter.generation })
      else this.#gone.delete(key)
      this.#queue.add(key)
    })
  }

  start(): void {
    this.#queue.start()
  }

  async stop(): Promise<void> {
    await this.#queue.stop()
  }

  async whenIdle(): Promise<void> {
    await this.#queue.whenIdle()
  }

  /** The submitter asked for it, or may have missed it. */
  send(fingerprint: string, uid: string): void {
    this.#queue.add(appKey(fingerprint, uid))
  }

  async #report(key: string, signal: AbortSignal): Promise<WorkResult | undefined> {
    const [fingerprint = '', uid = ''] = key.split('/')
    const { links, peers, store } = this.#deps
    const peer = peers.byFingerprint(fingerprint)
    // After a reconnect the inventories show what was not sent.
    if (peer === undefined || !canTalk(peer, links.view(fingerprint))) return undefined
    const record = store.find(fingerprint, uid)
    if (record === undefined) return await this.#reportGone(key, fingerprint, uid, signal)
    if (record.status === undefined || isBeingDeleted(record)) return undefined
    if (!isOfThisSpec(record)) return undefined
    await this.#put(
      peer.fingerprint,
      peer.name,
      uid,
      {
        specHash: record.spec.specHash,
        generation: record.spec.submitter.generation,
        status: observedStatus(record.status),
      },
      signal,
    )
    return undefined
  }

  async #reportGone(
    key: string,
    fingerprint: string,
    uid: string,
    signal: AbortSignal,
  ): Promise<WorkResult | undefined> {
    const { store, peers } = this.#deps
    const lastSeen = this.#gone.get(key)
    if (lastSeen === undefined) return undefined
    const left = await store.leftovers(fingerprint, uid, signal)
    if (left.length > 0) return { requeueAfterMs: GONE_POLL_MS }
    const name = peers.byFingerprint(fingerprint)?.name ?? ''
    await this.#put(fingerprint, name, uid, { ...lastSeen, status: nothing, gone: true }, signal)
    this.#gone.delete(key)
    return undefined
  }

  async #put(
    fingerprint: string,
    peerName: string,
    uid: string,
    what: Pick<StatusReport, 'specHash' | 'generation' | 'status' | 'gone'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { links, settings, bootId } = this.#deps
    this.#sequence += 1
    const body: StatusReport = {
      ...what,
      bootId,
      sequence: this.#sequence,
      statusHash: contentHash(what.status),
      policyRevision: policyRevision(rulesFor(settings.current(), peerName)),
    }
    await links.call(fingerprint, 'putStatus', {
      params: { uid },
      body,
      signal,
      timeoutMs: CALL_TIMEOUT_MS,
    })
  }
}

/** The part of a status that travels. */
function observedStatus(status: ExecutingAppStatus): ObservedAppStatus {
  const { phase: _phase, message: _message, resourceName: _resource, ...observed } = status
  return observed
}

/** Records in a cache are shared and frozen, so a hash can be kept with each. */
const hashes = new WeakMap<StoredExecutingApp, string>()

/** Undefined while there is no status yet. */
/** Still of the spec before, and sent with this spec's hash, yesterday's Ready would pass for today's. */
export const isOfThisSpec = ({ spec, status }: StoredExecutingApp): boolean =>
  status?.observedGeneration === spec.submitter.generation

export function statusHashOf(record: StoredExecutingApp): string | undefined {
  if (record.status === undefined) return undefined
  const known = hashes.get(record)
  if (known !== undefined) return known
  const hash = contentHash(observedStatus(record.status))
  hashes.set(record, hash)
  return hash
}
