import { backoffMs, type BackoffOptions } from './backoff.ts'
import type { Clock } from './clock.ts'
import { Deadline } from './deadline.ts'
import type { Random } from './random.ts'
import type { ReportSink } from './report.ts'

export interface WorkQueueDeps {
  readonly clock: Clock
  readonly random: Random
  readonly report: ReportSink
}

export interface WorkResult {
  /** Run again after this time even if nothing happens. */
  readonly requeueAfterMs?: number
}

export interface WorkQueueOptions {
  /** For reports and metrics. */
  readonly name: string
  /** Does the work for one key. Never runs twice at once for the same key. Throwing means: again, after a backoff. */
  readonly process: (
    key: string,
    signal: AbortSignal,
  ) => Promise<WorkResult | undefined> | Promise<void>
  /** Keys worked on at the same time. */
  readonly concurrency?: number
  readonly backoff?: BackoffOptions
  /** After this the signal of one run fires, and the run counts as failed. */
  readonly processTimeoutMs?: number
  /** How long `stop` waits for work in hand before it aborts it, and after that before it leaves it. */
  readonly drainTimeoutMs?: number
  /** Failures that belong to the business (conflicts): tried again like others, but not reported. */
  readonly isExpected?: (error: unknown) => boolean
}

const defaultBackoff: BackoffOptions = { minMs: 200, maxMs: 60_000 }
const defaultConcurrency = 4
const defaultProcessTimeoutMs = 120_000
const defaultDrainTimeoutMs = 10_000

/** Where a key is. It may be active and wanted again at the same time. */
interface Entry {
  state: 'waiting' | 'queued' | 'active'
  /** Ends the wait. */
  cancelTimer: (() => void) | undefined
  /** When the wait ends; for an active key: when it is wanted again. */
  dueAt: number | undefined
  /** Asked for again while active: runs once more, with what is new. */
  isDirty: boolean
}

/**
 * Keys of things to look at. Adding a key twice is adding it once; a key being worked on is worked on again afterwards.
 * Keys carry no payload, so nothing can be lost or out of date, and memory is bounded by the number of things.
 */
export class WorkQueue {
  readonly #deps: WorkQueueDeps
  readonly #options: WorkQueueOptions
  readonly #entries = new Map<string, Entry>()
  readonly #queued: string[] = []
  readonly #failures = new Map<string, number>()
  readonly #active = new Map<string, Promise<void>>()
  readonly #aborting = new AbortController()
  readonly #idleWaiters = new Set<() => void>()
  #state: 'idle' | 'running' | 'stopped' = 'idle'
  #isDispatchScheduled = false
  #stopped: Promise<void> | undefined

  constructor(deps: WorkQueueDeps, options: WorkQueueOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** Counts for metrics: what is due, what waits for its time, what is being worked on. */
  get stats(): { readonly queued: number; readonly waiting: number; readonly active: number } {
    const queued = this.#queued.length
    const active = this.#active.size
    const dirty = [...this.#entries.values()].filter(({ isDirty }) => isDirty).length
    return { queued: queued + dirty, waiting: this.#entries.size - queued - active, active }
  }

  /** Keys added before are worked on from now on. */
  start(): void {
    if (this.#state !== 'idle') return
    this.#state = 'running'
    this.#scheduleDispatch()
  }

  /** As soon as possible, whatever delay the key was waiting for. */
  add(key: string): void {
    if (this.#state === 'stopped') return
    const entry = this.#entries.get(key)
    if (entry?.state === 'active') entry.isDirty = true
    else if (entry?.state !== 'queued') this.#enqueue(key)
  }

  /** After a delay; of several the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#state === 'stopped') return
    const dueAt = this.#deps.clock.now() + delayMs
    const entry = this.#entries.get(key)
    if (entry?.state === 'queued' || (entry?.dueAt !== undefined && entry.dueAt <= dueAt)) return
    if (entry?.state === 'active') entry.dueAt = dueAt
    else this.#wait(key, dueAt)
  }

  /** Resolves when nothing is due or being worked on; keys that wait for their time do not count. */
  async whenIdle(): Promise<void> {
    if (this.#isIdle()) return
    await new Promise<void>((resolve) => {
      this.#idleWaiters.add(resolve)
    })
  }

  /** Takes nothing new, and waits for work in hand; what was only queued comes back with the next start. */
  stop(): Promise<void> {
    this.#stopped ??= this.#drain()
    return this.#stopped
  }

  #enqueue(key: string): void {
    this.#entries.get(key)?.cancelTimer?.()
    this.#entries.set(key, {
      state: 'queued',
      cancelTimer: undefined,
      dueAt: undefined,
      isDirty: false,
    })
    this.#queued.push(key)
    this.#scheduleDispatch()
  }

  #wait(key: string, dueAt: number): void {
    this.#entries.get(key)?.cancelTimer?.()
    const delayMs = Math.max(0, dueAt - this.#deps.clock.now())
    const cancelTimer = this.#deps.clock.setTimeout(() => this.#enqueue(key), delayMs)
    this.#entries.set(key, { state: 'waiting', cancelTimer, dueAt, isDirty: false })
  }

  /** Not at once: what the same event adds several times is then worked on once. */
  #scheduleDispatch(): void {
    if (this.#isDispatchScheduled) return
    this.#isDispatchScheduled = true
    queueMicrotask(() => {
      this.#isDispatchScheduled = false
      this.#dispatch()
    })
  }

  #dispatch(): void {
    const { concurrency = defaultConcurrency } = this.#options
    while (this.#state === 'running' && this.#active.size < concurrency) {
      const key = this.#queued.shift()
      if (key === undefined) break
      const entry: Entry = {
        state: 'active',
        cancelTimer: undefined,
        dueAt: undefined,
        isDirty: false,
      }
      this.#entries.set(key, entry)
      this.#active.set(key, this.#work(key, entry))
    }
    if (this.#isIdle()) {
      for (const resolve of this.#idleWaiters) resolve()
      this.#idleWaiters.clear()
    }
  }

  /** Never rejects. */
  async #work(key: string, entry: Entry): Promise<void> {
    const requeueAfterMs = await this.#run(key)
    this.#active.delete(key)
    this.#entries.delete(key)
    if (entry.isDirty) this.add(key)
    else {
      if (entry.dueAt !== undefined) this.addAfter(key, entry.dueAt - this.#deps.clock.now())
      if (requeueAfterMs !== undefined) this.addAfter(key, requeueAfterMs)
    }
    this.#scheduleDispatch()
  }

  /** Returns after which time the key is wanted again, if at all. */
  async #run(key: string): Promise<number | undefined> {
    const deadline = this.#deadline(key)
    try {
      const result = await this.#options.process(key, deadline.signal)
      this.#failures.delete(key)
      return result?.requeueAfterMs
    } catch (error) {
      // A stopped queue aborts what it runs: that is no failure.
      if (this.#aborting.signal.aborted) return undefined
      return this.#failed(key, deadline.reasonFor(error))
    } finally {
      deadline.dispose()
    }
  }

  #failed(key: string, error: unknown): number {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    const { backoff = defaultBackoff, isExpected, name } = this.#options
    const delayMs = backoffMs(failures, backoff, this.#deps.random)
    if (isExpected?.(error) !== true)
      this.#deps.report({
        kind: 'reconcile-failed',
        queue: name,
        key,
        error,
        attempt: failures + 1,
        delayMs,
      })
    return delayMs
  }

  #deadline(key: string): Deadline {
    const { processTimeoutMs = defaultProcessTimeoutMs, name } = this.#options
    return new Deadline({
      clock: this.#deps.clock,
      signal: this.#aborting.signal,
      timeoutMs: processTimeoutMs,
      timeoutError: () =>
        new Error(`Work on ${key} in queue ${name} took longer than ${processTimeoutMs} ms`),
    })
  }

  async #drain(): Promise<void> {
    this.#state = 'stopped'
    for (const { cancelTimer } of this.#entries.values()) cancelTimer?.()
    this.#queued.length = 0
    for (const key of this.#entries.keys()) if (!this.#active.has(key)) this.#entries.delete(key)
    if (!(await this.#endsInTime())) {
      this.#aborting.abort(new Error(`Queue ${this.#options.name} was stopped`))
      if (!(await this.#endsInTime()))
        this.#deps.report({
          kind: 'reconcile-abandoned',
          queue: this.#options.name,
          keys: [...this.#active.keys()],
        })
    }
    for (const resolve of this.#idleWaiters) resolve()
    this.#idleWaiters.clear()
  }

  async #endsInTime(): Promise<boolean> {
    const { drainTimeoutMs = defaultDrainTimeoutMs } = this.#options
    let cancel = (): void => undefined
    const time = new Promise<boolean>((resolve) => {
      cancel = this.#deps.clock.setTimeout(() => resolve(false), drainTimeoutMs)
    })
    const ended = Promise.all(this.#active.values()).then(() => true)
    return await Promise.race([ended, time]).finally(() => cancel())
  }

  #isIdle(): boolean {
    return this.#queued.length === 0 && this.#active.size === 0
  }
}
