import type { Clock } from './clock.ts'
import { kubeTime } from './conditions.ts'
import type { KubeClient } from './kube-client.ts'
import { isForbidden, isInvalid, isNotFound } from './kube-error.ts'
import { KubeEvent } from './kinds.ts'
import type { KubeObject, ObjectRef, Stored } from './kube-object.ts'
import { shortHash } from './metadata.ts'
import type { Random } from './random.ts'
import type { ReportSink } from './report.ts'
import { WorkQueue } from './work-queue.ts'

export interface EventRecorderDeps {
  readonly client: KubeClient
  readonly clock: Clock
  readonly random: Random
  readonly report: ReportSink
}

export interface EventRecorderOptions {
  /** Who says it: `porpulsion-agent`. */
  readonly component: string
  /** Which one of them: the pod's or host's name. */
  readonly instance: string
}

export interface EventText {
  readonly type: 'Normal' | 'Warning'
  /** One specific CamelCase word. */
  readonly reason: string
  /** A sentence in the past tense, with the particulars. */
  readonly message: string
}

/** Series remembered; the longest silent is forgotten first. */
const maxSeries = 1_024
/** A series is written at most this often; what happens in between is in its count. */
const minUpdateIntervalMs = 10_000
const maxWriteAttempts = 4
const flushTimeoutMs = 3_000
/** The API server refuses longer messages. */
const maxMessageCharacters = 1_024
const writeTimeoutMs = 10_000

/** The same thing happening to the same object, again and again: one Event with a count. */
interface Series {
  readonly subject: Stored<KubeObject>
  readonly firstAt: number
  text: EventText
  lastAt: number
  count: number
  /** The Event in the API server, once there is one. */
  stored: ObjectRef | undefined
  writtenCount: number
  writtenAt: number
  failedAttempts: number
}

/**
 * Tells people, through Events on the objects they know, what was done. Recording returns at once and never fails:
 * Events are news, not state, and a slow API server must not hold up the work they are about.
 */
export class EventRecorder {
  readonly #deps: EventRecorderDeps
  readonly #options: EventRecorderOptions
  /** In order of their last occurrence. */
  readonly #series = new Map<string, Series>()
  readonly #queue: WorkQueue

  constructor(deps: EventRecorderDeps, options: EventRecorderOptions) {
    this.#deps = deps
    this.#options = options
    this.#queue = new WorkQueue(deps, {
      name: 'events',
      process: (key, signal) => this.#write(key, signal),
      processTimeoutMs: writeTimeoutMs,
      drainTimeoutMs: flushTimeoutMs,
      // Reported once, when given up.
      isExpected: () => true,
    })
    this.#queue.start()
  }

  record(subject: Stored<KubeObject>, text: EventText): void {
    const key = shortHash([subject.metadata.uid, text.type, text.reason])
    const now = this.#deps.clock.now()
    const series = this.#series.get(key) ?? newSeries(subject, text, now)
    series.text = { ...text, message: text.message.slice(0, maxMessageCharacters) }
    series.lastAt = now
    series.count += 1
    this.#series.delete(key)
    this.#series.set(key, series)
    this.#forgetOldest()
    this.#queue.addAfter(key, Math.max(0, series.writtenAt + minUpdateIntervalMs - now))
  }

  /** Writes what is waiting, within bounds. */
  async stop(): Promise<void> {
    for (const [key, { count, writtenCount }] of this.#series)
      if (count > writtenCount) this.#queue.add(key)
    let cancel = (): void => undefined
    const time = new Promise<void>((resolve) => {
      cancel = this.#deps.clock.setTimeout(resolve, flushTimeoutMs)
    })
    await Promise.race([this.#queue.whenIdle(), time])
    cancel()
    await this.#queue.stop()
  }

  #forgetOldest(): void {
    for (const [key, series] of this.#series) {
      if (this.#series.size <= maxSeries) return
      this.#series.delete(key)
      if (series.count > series.writtenCount)
        this.#drop(series, new Error(`More than ${maxSeries} kinds of events at once`))
    }
  }

  async #write(key: string, signal: AbortSignal): Promise<void> {
    const series = this.#series.get(key)
    if (series === undefined || series.count === series.writtenCount) return
    const { count } = series
    try {
      series.stored = await this.#store(series, signal)
      series.writtenCount = count
      series.writtenAt = this.#deps.clock.now()
      series.failedAttempts = 0
    } catch (error) {
      series.failedAttempts += 1
      // The namespace is going away, we have no right, or it is malformed: trying again cannot help.
      const isHopeless = isNotFound(error) || isForbidden(error) || isInvalid(error)
      if (!isHopeless && series.failedAttempts < maxWriteAttempts) throw error
      this.#series.delete(key)
      this.#drop(series, error)
    }
  }

  async #store(series: Series, signal: AbortSignal): Promise<ObjectRef> {
    if (series.stored !== undefined) {
      try {
        const body = {
          count: series.count,
          lastTimestamp: kubeTime(series.lastAt),
          message: series.text.message,
        }
        await this.#deps.client.patch(KubeEvent, series.stored, { kind: 'merge', body }, { signal })
        return series.stored
      } catch (error) {
        // Events live an hour; this one outlived its own.
        if (!isNotFound(error)) throw error
      }
    }
    const { metadata } = await this.#deps.client.create(KubeEvent, this.#event(series), { signal })
    return metadata
  }

  #event({ subject, text, firstAt, lastAt, count }: Series): KubeEvent {
    const { metadata, apiVersion, kind } = subject
    const { component, instance } = this.#options
    return {
      metadata: {
        // Of a cluster-scoped object's events Kubernetes keeps in `default`.
        namespace: metadata.namespace ?? 'default',
        name: `${metadata.name}.${this.#suffix()}`,
      },
      involvedObject: {
        apiVersion,
        kind,
        name: metadata.name,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
        ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      },
      type: text.type,
      reason: text.reason,
      message: text.message,
      source: { component },
      reportingComponent: component,
      reportingInstance: instance,
      firstTimestamp: kubeTime(firstAt),
      lastTimestamp: kubeTime(lastAt),
      count,
    }
  }

  /** Unique among one object's events without asking. */
  #suffix(): string {
    const chance = Math.floor(this.#deps.random.next() * 2 ** 32)
    return this.#deps.clock.now().toString(16) + chance.toString(16).padStart(8, '0')
  }

  #drop({ text }: Series, error: unknown): void {
    this.#deps.report({ kind: 'event-dropped', reason: text.reason, error })
  }
}

function newSeries(subject: Stored<KubeObject>, text: EventText, now: number): Series {
  return {
    subject,
    text,
    firstAt: now,
    lastAt: now,
    count: 0,
    stored: undefined,
    writtenCount: 0,
    writtenAt: -Infinity,
    failedAttempts: 0,
  }
}
