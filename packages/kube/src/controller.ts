import type { BackoffOptions } from './backoff.ts'
import { onAbort } from './abort.ts'
import type { Informer } from './informer.ts'
import { isConflict } from './kube-error.ts'
import { objectKey, refOfKey, type KubeObject, type ObjectRef, type Stored } from './kube-object.ts'
import { WorkQueue, type WorkQueueDeps, type WorkResult } from './work-queue.ts'

export type ControllerDeps = WorkQueueDeps

export type ReconcileResult = WorkResult

export type Reconcile = (
  ref: ObjectRef,
  signal: AbortSignal,
) => Promise<ReconcileResult | undefined> | Promise<void>

export interface ControllerOptions {
  /** For reports and metrics. */
  readonly name: string
  /** What makes objects of the root kind worth a look. */
  readonly sources: readonly ControllerSource[]
  /**
   * Makes the world agree with one object. Level-triggered: reads all it needs, does not know why it is called, and is
   * called again after whatever it throws. Never runs twice at once for one object.
   */
  readonly reconcile: Reconcile
  readonly concurrency?: number
  readonly backoff?: BackoffOptions
  readonly reconcileTimeoutMs?: number
  readonly drainTimeoutMs?: number
}

/** A cache to wait for, and which root objects its changes concern. */
export interface ControllerSource {
  whenSynced(signal: AbortSignal): Promise<void>
  /** Returns how to unsubscribe. */
  subscribe(enqueue: (ref: ObjectRef) => void): () => void
}

/** Every change of a root object concerns itself. */
export function changesOf<T extends KubeObject>(informer: Informer<T, string>): ControllerSource {
  return changesMapped(informer, ({ metadata }) => [metadata])
}

/** A change of an owned object concerns its controlling owner of the given kind. */
export function changesOfOwned<T extends KubeObject>(
  informer: Informer<T, string>,
  ownerKind: { readonly kind: string; readonly namespaced: boolean },
): ControllerSource {
  return changesMapped(informer, ({ metadata }) =>
    (metadata.ownerReferences ?? [])
      .filter(({ controller, kind }) => controller === true && kind === ownerKind.kind)
      .map(({ name }) =>
        ownerKind.namespaced ? { namespace: metadata.namespace, name } : { name },
      ),
  )
}

/** A change concerns what `refsOf` says, asked of the object before and after. */
export function changesMapped<T extends KubeObject>(
  informer: Informer<T, string>,
  refsOf: (object: Stored<T>) => readonly ObjectRef[],
): ControllerSource {
  return {
    whenSynced: (signal) => informer.whenSynced(signal),
    subscribe: (enqueue) =>
      informer.on((change) => {
        if (change.kind === 'updated') refsOf(change.old).forEach(enqueue)
        refsOf(change.object).forEach(enqueue)
      }),
  }
}

/** Runs `reconcile` for every object that may need it. The informers belong to whoever made them. */
export class Controller {
  readonly #options: ControllerOptions
  readonly #queue: WorkQueue
  readonly #subscriptions: (() => void)[] = []
  #stopped = false

  constructor(deps: ControllerDeps, options: ControllerOptions) {
    this.#options = options
    this.#queue = new WorkQueue(deps, {
      name: options.name,
      process: (key, signal) => options.reconcile(refOfKey(key), signal),
      // Somebody wrote in between; reading again is all there is to do.
      isExpected: isConflict,
      ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
      ...(options.backoff && { backoff: options.backoff }),
      ...(options.reconcileTimeoutMs !== undefined && {
        processTimeoutMs: options.reconcileTimeoutMs,
      }),
      ...(options.drainTimeoutMs !== undefined && { drainTimeoutMs: options.drainTimeoutMs }),
    })
  }

  get name(): string {
    return this.#options.name
  }

  get stats(): WorkQueue['stats'] {
    return this.#queue.stats
  }

  /** Resolves once work has begun, which is not before every cache is complete. Stops when the signal aborts. */
  async start(signal: AbortSignal): Promise<void> {
    const { sources } = this.#options
    await Promise.all(sources.map((source) => source.whenSynced(signal)))
    signal.throwIfAborted()
    if (this.#stopped) return
    for (const source of sources)
      this.#subscriptions.push(source.subscribe((ref) => this.enqueue(ref)))
    this.#subscriptions.push(onAbort(signal, () => void this.stop()))
    this.#queue.start()
  }

  /** Looks at one object now, for reasons outside its caches. */
  enqueue(ref: ObjectRef): void {
    this.#queue.add(objectKey(ref))
  }

  enqueueAfter(ref: ObjectRef, delayMs: number): void {
    this.#queue.addAfter(objectKey(ref), delayMs)
  }

  /** Resolves when nothing is due or being worked on. */
  async whenIdle(): Promise<void> {
    await this.#queue.whenIdle()
  }

  /** Takes nothing new and waits, within bounds, for reconciles in hand. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe()
    await this.#queue.stop()
  }
}
