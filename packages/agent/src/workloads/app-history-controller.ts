/**
 * Keeps the last specs of each RemoteApp, whoever wrote them: page, API, CLI or kubectl. Nothing is read of apps that do
 * not change, and what their status says is no change.
 */
import { FIELD_MANAGER, isPorpulsionError } from '@porpulsion/contract'
import {
  Controller,
  isBeingDeleted,
  isForbidden,
  isInvalid,
  objectKey,
  type ControllerDeps,
  type KubeClient,
  type ObjectRef,
} from '@porpulsion/kube'
import type { Clock, Logger } from '../observability/index.ts'
import { withSpec, type AppHistory, type SeenSpec } from './app-history.ts'
import { isSameContent } from './canonical-json.ts'
import { RemoteAppKind, type StoredRemoteApp } from './kube-app-kinds.ts'
import type { KubeAppHistoryStore } from './kube-app-history-store.ts'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import { refOf } from './kube-submitted-app.ts'
import type { SpecAuthors } from './spec-authors.ts'

export interface AppHistoryControllerDeps extends ControllerDeps {
  readonly client: KubeClient
  readonly clock: Clock
  readonly store: KubeRemoteAppStore
  readonly histories: KubeAppHistoryStore
  readonly authors: Pick<SpecAuthors, 'of'>
  readonly logger: Logger
}

interface Sighting {
  readonly app: StoredRemoteApp
  readonly time: string
}

/** Specs of one app that wait to be recorded while the API server is slow; beyond, the oldest of them are lost. */
const MAX_WAITING = 20

export class AppHistoryController {
  readonly #deps: AppHistoryControllerDeps
  readonly #controller: Controller
  readonly #waiting = new Map<string, readonly Sighting[]>()

  constructor(deps: AppHistoryControllerDeps) {
    this.#deps = deps
    this.#controller = new Controller(deps, {
      name: 'app-history',
      sources: deps.store.informers.map((informer) => ({
        whenSynced: (signal) => informer.whenSynced(signal),
        subscribe: (enqueue) =>
          informer.on((change) => {
            const { object: app } = change
            if (change.kind === 'deleted') this.#waiting.delete(objectKey(app.metadata))
            else if (change.kind === 'updated') this.#updated(change.old, app, enqueue)
            // Shown as of this generation, it was seen, and recorded, before.
            else if (app.status?.observedGeneration !== app.metadata.generation)
              this.#saw([app], enqueue)
          }),
      })),
      reconcile: (ref, signal) => this.#record(ref, signal),
      concurrency: 4,
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

  /** As it is stored, and as it will be in a moment. */
  async historyOf(app: StoredRemoteApp, signal: AbortSignal): Promise<AppHistory> {
    const { history } = await this.#deps.histories.read(app, signal)
    const waiting = this.#waiting.get(objectKey(app.metadata)) ?? []
    return await this.#continued(history, [...waiting, this.#sighting(app)], signal)
  }

  #updated(old: StoredRemoteApp, app: StoredRemoteApp, enqueue: (ref: ObjectRef) => void): void {
    if (old.metadata.generation === app.metadata.generation || isBeingDeleted(app)) return
    // What it was before need not be known: an earlier agent kept no history.
    if (!isSameContent(old.spec, app.spec)) this.#saw([old, app], enqueue)
  }

  #saw(apps: readonly StoredRemoteApp[], enqueue: (ref: ObjectRef) => void): void {
    const [first] = apps
    if (first === undefined) return
    const key = objectKey(first.metadata)
    const waiting = [...(this.#waiting.get(key) ?? []), ...apps.map((app) => this.#sighting(app))]
    this.#waiting.set(key, waiting.slice(-MAX_WAITING))
    enqueue(first.metadata)
  }

  #sighting(app: StoredRemoteApp): Sighting {
    return { app, time: new Date(this.#deps.clock.now()).toISOString() }
  }

  async #record(ref: ObjectRef, signal: AbortSignal): Promise<undefined> {
    const { histories, logger, store } = this.#deps
    const key = objectKey(ref)
    const waiting = this.#waiting.get(key) ?? []
    const app = store.get(ref)
    if (waiting.length === 0 || app === undefined || isBeingDeleted(app)) return
    try {
      const stored = await histories.read(app, signal)
      const history = await this.#continued(stored.history, waiting, signal)
      if (history !== stored.history || !stored.isOwned)
        await histories.write(app, history, stored, signal)
    } catch (err) {
      if (!isLasting(err)) throw err
      logger.warn({ err, remoteApp: refOf(app) }, 'Could not keep the history of an app')
    }
    const later = (this.#waiting.get(key) ?? []).filter((one) => !waiting.includes(one))
    if (later.length > 0) this.#waiting.set(key, later)
    else this.#waiting.delete(key)
  }

  async #continued(
    history: AppHistory,
    sightings: readonly Sighting[],
    signal: AbortSignal,
  ): Promise<AppHistory> {
    let continued = history
    for (const { app, time } of sightings) {
      const seen: SeenSpec = { time, spec: app.spec }
      // Asked only of what is new: the answer may take a request.
      if (withSpec(continued, seen) === continued) continue
      const by = await this.#authorOf(app, signal)
      continued = withSpec(continued, { ...seen, ...(by !== undefined && { by }) })
    }
    return continued
  }

  async #authorOf(app: StoredRemoteApp, signal: AbortSignal): Promise<string | undefined> {
    const { authors, client } = this.#deps
    const author = await authors.of(app)
    if (author !== undefined) return author
    // Caches leave out who manages which field.
    const now = await client.find(RemoteAppKind, app.metadata, { signal })
    const isAsSeen = now?.metadata.generation === app.metadata.generation
    return now !== undefined && isAsSeen ? fieldManagerOf(now) : undefined
  }
}

/** Tried again it would fail again: a foreign Secret of that name, no right to it, more than a Secret holds. */
const isLasting = (error: unknown): boolean =>
  isPorpulsionError(error) || isForbidden(error) || isInvalid(error)

/** Who wrote to the spec last; undefined when it was an agent, or several did within one second. */
export function fieldManagerOf({ metadata }: StoredRemoteApp): string | undefined {
  const writes = (metadata.managedFields ?? []).filter(
    ({ subresource, fieldsV1 }) =>
      (subresource ?? '') === '' && fieldsV1 !== undefined && 'f:spec' in fieldsV1,
  )
  const newest = writes
    .map(({ time = '' }) => time)
    .sort()
    .at(-1)
  const managers = new Set(
    writes.filter(({ time = '' }) => time === newest).map(({ manager }) => manager),
  )
  const [manager] = managers
  return managers.size === 1 && manager !== FIELD_MANAGER ? manager : undefined
}
