/**
 * Recent changes per resource, and who wants to hear of new ones. History is bounded per resource, so that a busy kind
 * does not push a quiet one's watchers into a relist.
 */
import { ApiError } from './api-error.ts'
import type { Logger } from './ports.ts'
import type { StopWatch, Stored, WatchEvent, WatchHandler } from './registry.ts'

/** Changes kept per resource; a watch that starts before them is told 410 and lists anew. */
const maxHistoryPerResource = 1_024

export interface HistoryEntry {
  readonly resourceVersion: number
  readonly event: WatchEvent
}

interface Channel {
  /** Everything up to here is forgotten. */
  forgottenUpTo: number
  history: HistoryEntry[]
  readonly watchers: Set<Watcher>
}

interface Watcher {
  readonly after: number
  readonly namespace: string | undefined
  readonly handler: WatchHandler
}

export class WatchHub {
  readonly #channels = new Map<string, Channel>()
  readonly #everything = new Set<Watcher>()
  readonly #startedAt: number
  readonly #logger: Logger

  constructor(startedAt: number, logger: Logger) {
    this.#startedAt = startedAt
    this.#logger = logger
  }

  publish(resource: string, resourceVersion: number, event: WatchEvent): void {
    const channel = this.#channel(resource)
    channel.history.push({ resourceVersion, event })
    if (channel.history.length >= 2 * maxHistoryPerResource)
      this.#forget(channel, maxHistoryPerResource)
    for (const watcher of channel.watchers) {
      if (resourceVersion > watcher.after && isIn(watcher.namespace, event.object)) {
        this.#deliver(watcher.handler, event)
      }
    }
    for (const watcher of this.#everything) {
      if (resourceVersion > watcher.after) this.#deliver(watcher.handler, event)
    }
  }

  /** Events after `after`, past ones first. Throws `Expired` if the past is no longer known. */
  watch(
    resource: string,
    namespace: string | undefined,
    after: number,
    handler: WatchHandler,
  ): StopWatch {
    const channel = this.#channel(resource)
    if (after < channel.forgottenUpTo) throw expired(after, channel.forgottenUpTo)
    for (const { resourceVersion, event } of channel.history) {
      if (resourceVersion > after && isIn(namespace, event.object)) this.#deliver(handler, event)
    }
    const watcher = { after, namespace, handler }
    channel.watchers.add(watcher)
    return () => channel.watchers.delete(watcher)
  }

  watchAll(after: number, handler: WatchHandler): StopWatch {
    const watcher = { after, namespace: undefined, handler }
    this.#everything.add(watcher)
    return () => this.#everything.delete(watcher)
  }

  /** Forgets all history, as time does: watches from before are told 410. For tests of clients. */
  compact(): void {
    for (const channel of this.#channels.values()) this.#forget(channel, 0)
  }

  #channel(resource: string): Channel {
    let channel = this.#channels.get(resource)
    if (channel === undefined) {
      channel = { forgottenUpTo: this.#startedAt, history: [], watchers: new Set() }
      this.#channels.set(resource, channel)
    }
    return channel
  }

  #forget(channel: Channel, keep: number): void {
    const forgotten = channel.history.length - keep
    channel.forgottenUpTo = channel.history[forgotten - 1]?.resourceVersion ?? channel.forgottenUpTo
    channel.history = channel.history.slice(forgotten)
  }

  #deliver(handler: WatchHandler, event: WatchEvent): void {
    try {
      handler(event)
    } catch (error) {
      // One watcher's mistake must neither stop the others nor fail the write that is being announced.
      this.#logger.error({ err: error, kind: event.object.kind }, 'Watch handler threw')
    }
  }
}

function isIn(namespace: string | undefined, object: Stored): boolean {
  return namespace === undefined || namespace === object.metadata.namespace
}

function expired(after: number, forgottenUpTo: number): ApiError {
  return new ApiError('Expired', `too old resource version: ${after} (${forgottenUpTo})`)
}
