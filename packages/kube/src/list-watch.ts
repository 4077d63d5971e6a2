import { backoffMs, type BackoffOptions } from './backoff.ts'
import { abortReason } from './abort.ts'
import { sleep, type Clock } from './clock.ts'
import type { KubeClient } from './kube-client.ts'
import { isGone, isResourceVersionTooLarge, KubeError } from './kube-error.ts'
import type { KubeObject, Stored } from './kube-object.ts'
import type { Random } from './random.ts'
import type { ReportSink } from './report.ts'
import { resourceName, type ResourceKind } from './resource-kind.ts'
import type { Selector } from './selectors.ts'
import type { WatchEvent } from './watch-stream.ts'

export interface ListWatchDeps {
  readonly client: KubeClient
  readonly clock: Clock
  readonly random: Random
  readonly report: ReportSink
}

export interface ListWatchOptions<T extends KubeObject> {
  readonly kind: ResourceKind<T>
  /** Left out: all namespaces. */
  readonly namespace?: string | undefined
  readonly labelSelector?: Selector
  readonly fieldSelector?: Selector
  readonly pageSize?: number
  /** Silence after which a watch counts as dead. Default `defaultWatchIdleMs`. */
  readonly idleTimeoutMs?: number
  readonly backoff?: BackoffOptions
}

/** Where the objects go. Called in order, never concurrently. */
export interface ListWatchSink<T extends KubeObject> {
  /** The complete collection as of now. */
  replace(objects: readonly Stored<T>[]): void
  change(event: Exclude<WatchEvent<T>, { kind: 'bookmark' }>): void
}

const defaultBackoff: BackoffOptions = { minMs: 500, maxMs: 30_000 }
/** A watch that lasted this long was a good one, even if nothing happened. */
const goodWatchMs = 10_000
/** Watches that fail in a row without a word: perhaps it is our position that the server cannot serve. */
const failuresBeforeRelist = 3
/** Servers end a watch after this time, or up to twice it: spread, so that not all come back together. */
const minWatchSeconds = 300
/** A server may ask for patience, but not for so much that our cache looks abandoned. */
const maxRetryAfterMs = 120_000

/**
 * Keeps a sink equal to a collection on the API server: lists once, then watches from there, and from wherever the
 * watch broke off. Watches die in every way there is (reset, silence, half an event, 410 as status or as event); only
 * the signal ends this.
 */
export class ListWatch<T extends KubeObject> {
  readonly #deps: ListWatchDeps
  readonly #options: ListWatchOptions<T>
  readonly #sink: ListWatchSink<T>
  readonly #resource: string
  /** The resourceVersion the sink is at; undefined when only a list can tell. */
  #position: string | undefined
  /** Failures since the last sign of life of a watch. */
  #failures = 0
  #lastContactAt: number | undefined

  constructor(deps: ListWatchDeps, options: ListWatchOptions<T>, sink: ListWatchSink<T>) {
    this.#deps = deps
    this.#options = options
    this.#sink = sink
    this.#resource = resourceName(options.kind)
  }

  /** When the server last proved that the sink is current; undefined before the first list. */
  get lastContactAt(): number | undefined {
    return this.#lastContactAt
  }

  /** Resolves when the signal aborts, never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        const delayMs = await this.#round(signal)
        await sleep(this.#deps.clock, delayMs, signal)
      }
    } catch {
      // Only an abort gets here: every failure of a round became a delay.
    }
  }

  /** One list, if needed, and one watch. Returns how long to wait before the next. */
  async #round(signal: AbortSignal): Promise<number> {
    const startedAt = this.#deps.clock.now()
    try {
      this.#position ??= await this.#list(signal)
      await this.#watch(this.#position, signal)
      return this.#afterOrderlyEnd(startedAt)
    } catch (error) {
      if (signal.aborted) throw abortReason(signal)
      return this.#afterFailure(error, startedAt)
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { kind, namespace, labelSelector, fieldSelector, pageSize } = this.#options
    const { items, resourceVersion } = await this.#deps.client.list(kind, {
      namespace,
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(pageSize !== undefined && { pageSize }),
      signal,
    })
    this.#sink.replace(items)
    this.#contact()
    this.#deps.report({ kind: 'listed', resource: this.#resource, objects: items.length })
    return resourceVersion
  }

  async #watch(position: string, signal: AbortSignal): Promise<void> {
    const { kind, namespace, labelSelector, fieldSelector, idleTimeoutMs } = this.#options
    const events = this.#deps.client.watch(kind, {
      namespace,
      resourceVersion: position,
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
      onOpen: () => this.#contact(),
      timeoutSeconds: Math.floor(minWatchSeconds * (1 + this.#deps.random.next())),
      signal,
    })
    for await (const event of events) {
      if (event.kind === 'bookmark') this.#position = event.resourceVersion
      else {
        this.#sink.change(event)
        this.#position = event.object.metadata.resourceVersion
      }
      this.#contact()
      this.#failures = 0
    }
  }

  /** Going on at once is right after a watch that was of use, and a storm after one that was not. */
  #afterOrderlyEnd(startedAt: number): number {
    const lastedMs = this.#deps.clock.now() - startedAt
    if (lastedMs >= goodWatchMs) {
      this.#failures = 0
      return 0
    }
    return this.#nextDelay()
  }

  #afterFailure(error: unknown, startedAt: number): number {
    if (this.#deps.clock.now() - startedAt >= goodWatchMs) this.#failures = 0
    const mustRelist = isGone(error) || isResourceVersionTooLarge(error)
    const delayMs = this.#nextDelay(error)
    if (this.#position !== undefined && (mustRelist || this.#failures >= failuresBeforeRelist)) {
      this.#position = undefined
      this.#deps.report({ kind: 'relisting', resource: this.#resource, error })
    } else
      this.#deps.report({
        kind: 'watch-failed',
        resource: this.#resource,
        error,
        attempt: this.#failures,
        delayMs,
      })
    return delayMs
  }

  #nextDelay(error?: unknown): number {
    const askedMs = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0
    const backoff = this.#options.backoff ?? defaultBackoff
    const plainMs = backoffMs(this.#failures, backoff, this.#deps.random)
    this.#failures += 1
    return Math.max(plainMs, Math.min(askedMs, maxRetryAfterMs))
  }

  #contact(): void {
    this.#lastContactAt = this.#deps.clock.now()
  }
}
