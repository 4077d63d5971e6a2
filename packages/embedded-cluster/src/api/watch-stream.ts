/** One watch over HTTP: a line of JSON per change, until the client goes, time is up, or the client is too slow. */
import type { ServerResponse } from 'node:http'
import { ApiError } from '../registry/api-error.ts'
import type { LocalRegistry } from '../registry/local-registry.ts'
import type { Clock } from '../registry/ports.ts'
import type { Kind, StopWatch, Stored, WatchEvent } from '../registry/registry.ts'
import { groupVersion } from '../registry/resource.ts'
import { type Presenter, presentObject } from './representation.ts'
import type { RecentJson } from './recent-json.ts'
import type { Selector } from './selectors.ts'

/** Events that wait for a client that does not read; one more ends the watch, and the client lists anew. */
const maxQueuedEvents = 8_192
/** Bytes handed to the socket before waiting for it to drain. */
const maxSocketBufferBytes = 256 * 1024
const bookmarkIntervalMs = 60_000

export interface WatchRequest {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly select: Selector
  /** Left out: present objects first, as ADDED. */
  readonly since: string | undefined
  readonly bookmarks: boolean
  /** Mark the end of the present objects with a bookmark. */
  readonly markInitialEnd: boolean
  readonly timeoutMs: number
  readonly presenter: Omit<Presenter, 'nowMs'>
}

export interface WatchDeps {
  readonly registry: LocalRegistry
  readonly clock: Clock
  readonly json: RecentJson
}

type Line =
  | { readonly type: WatchEvent['type']; readonly object: Stored }
  | { readonly bookmark: string; readonly isInitialEnd: boolean }

/** Resolves when the watch is over and the response ended. */
export function streamWatch(
  response: ServerResponse,
  request: WatchRequest,
  deps: WatchDeps,
): Promise<void> {
  return new Promise((resolve) => {
    new WatchStream(response, request, deps, resolve).start()
  })
}

class WatchStream {
  readonly #response: ServerResponse
  readonly #request: WatchRequest
  readonly #registry: LocalRegistry
  readonly #clock: Clock
  readonly #json: RecentJson
  readonly #onEnd: () => void
  #queue: Line[] = []
  #bound = maxQueuedEvents
  #isBlocked = false
  #isFirst = true
  #isOver = false
  #stopWatch: StopWatch = () => undefined
  #cancelTimeout: () => void = () => undefined
  #cancelBookmark: () => void = () => undefined

  constructor(response: ServerResponse, request: WatchRequest, deps: WatchDeps, onEnd: () => void) {
    this.#response = response
    this.#request = request
    this.#registry = deps.registry
    this.#clock = deps.clock
    this.#json = deps.json
    this.#onEnd = onEnd
  }

  start(): void {
    const { kind, namespace, since, timeoutMs, bookmarks, markInitialEnd } = this.#request
    this.#response.writeHead(200, { 'content-type': 'application/json' })
    this.#response.flushHeaders()
    this.#response.on('close', () => this.#finish())
    this.#response.on('drain', () => {
      this.#isBlocked = false
      this.#flush()
    })
    this.#cancelTimeout = this.#clock.setTimeout(() => this.#end(), timeoutMs)
    if (since === undefined) this.#queueInitial()
    const after = since ?? this.#registry.resourceVersion
    if (markInitialEnd) this.#queue.push({ bookmark: after, isInitialEnd: true })
    try {
      this.#stopWatch = this.#registry.watch(
        kind,
        { since: after, ...(namespace !== undefined && { namespace }) },
        (event) => this.#offer(event),
      )
    } catch (error) {
      this.#fail(error)
      return
    }
    if (bookmarks) this.#scheduleBookmark()
    this.#flush()
  }

  #queueInitial(): void {
    const { kind, namespace, select } = this.#request
    const { items } = this.#registry.list(kind, namespace === undefined ? {} : { namespace })
    this.#queue = items.filter(select).map((object) => ({ type: 'ADDED', object }))
    // What is there anyway costs references only, and does not count against the bound.
    this.#bound = this.#queue.length + maxQueuedEvents
  }

  /** An object that enters or leaves the selection is one that appears or disappears. */
  #offer(event: WatchEvent): void {
    const { select } = this.#request
    const { object, previous, type } = event
    const wasIn = previous !== undefined && select(previous)
    const isIn = type !== 'DELETED' && select(object)
    if (!wasIn && !isIn) return
    const seen = isIn ? (wasIn ? 'MODIFIED' : 'ADDED') : 'DELETED'
    this.#enqueue({ type: seen, object })
  }

  #enqueue(line: Line): void {
    if (this.#isOver) return
    if (this.#isBlocked && this.#queue.length >= this.#bound) {
      this.#response.destroy()
      this.#finish()
      return
    }
    this.#queue.push(line)
    this.#flush()
  }

  #flush(): void {
    let next = 0
    while (next < this.#queue.length && !this.#isBlocked && !this.#isOver) {
      const line = this.#queue[next]
      next += 1
      if (line === undefined) break
      this.#response.write(this.#render(line))
      this.#isBlocked = this.#response.writableLength > maxSocketBufferBytes
    }
    if (next > 0) this.#queue.splice(0, next)
  }

  #render(line: Line): string {
    if ('bookmark' in line)
      return `${JSON.stringify({ type: 'BOOKMARK', object: this.#bookmark(line) })}\n`
    return `{"type":"${line.type}","object":${this.#present(line.object)}}\n`
  }

  #present(object: Stored): string {
    const { presenter } = this.#request
    if (presenter.form === 'object') return this.#json.of(object)
    // Columns are described once, with the first row.
    const withColumns = this.#isFirst
    this.#isFirst = false
    return presentObject(object, { ...presenter, nowMs: this.#clock.now() }, withColumns)
  }

  #bookmark({ bookmark, isInitialEnd }: Extract<Line, { bookmark: string }>): object {
    const { resource, served } = this.#request.presenter
    return {
      kind: resource.kind,
      apiVersion: groupVersion(resource, served.name),
      metadata: {
        resourceVersion: bookmark,
        creationTimestamp: null,
        ...(isInitialEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
      },
    }
  }

  #scheduleBookmark(): void {
    this.#cancelBookmark = this.#clock.setTimeout(() => {
      this.#offerBookmark()
      this.#scheduleBookmark()
    }, bookmarkIntervalMs)
  }

  /** Only with nothing queued: a bookmark promises that all before it was sent. */
  #offerBookmark(): void {
    if (this.#queue.length > 0) return
    this.#enqueue({ bookmark: this.#registry.publishedVersion, isInitialEnd: false })
  }

  #fail(error: unknown): void {
    if (!(error instanceof ApiError)) throw error
    this.#response.write(`${JSON.stringify({ type: 'ERROR', object: error.toStatus() })}\n`)
    this.#end()
  }

  #end(): void {
    if (this.#request.bookmarks && !this.#isBlocked) this.#offerBookmark()
    this.#response.end()
    this.#finish()
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#queue = []
    this.#stopWatch()
    this.#cancelTimeout()
    this.#cancelBookmark()
    this.#onEnd()
  }
}
