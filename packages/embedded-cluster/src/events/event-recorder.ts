/**
 * Events tell the owner of an object what happened to it. What happens again is counted on the event there is, rather
 * than told again: a crash loop is one line with a number.
 */
import { randomBytes } from 'node:crypto'
import type { Event } from 'kubernetes-types/core/v1.js'
import type { Clock, Logger } from '../registry/ports.ts'
import { Kinds } from '../registry/kinds.ts'
import { isReason } from '../registry/api-error.ts'
import { timestamp } from '../registry/metadata.ts'
import type { Registry, Stored } from '../registry/registry.ts'

export interface EventRecorderDeps {
  readonly registry: Registry
  readonly clock: Clock
  readonly logger: Logger
}

export interface EventSource {
  readonly component: string
  readonly host?: string
}

export interface EventText {
  readonly type: 'Normal' | 'Warning'
  /** One CamelCase word. */
  readonly reason: string
  readonly message: string
  /** Part of the object: `spec.containers{app}`. */
  readonly fieldPath?: string
}

/** Kept that long after they last happened. */
export const eventTtlMs = 3_600_000

/** Texts in mind, so as to find the event to count on; at the bound the oldest is forgotten, and told anew. */
const maxRemembered = 4096

export class EventRecorder {
  readonly #deps: EventRecorderDeps
  readonly #source: EventSource
  /** Name of the event for each text. */
  readonly #told = new Map<string, string>()
  /** Writes in order, so that a count is never lost to a write that overtook it. */
  #writes: Promise<unknown> = Promise.resolve()

  constructor(deps: EventRecorderDeps, source: EventSource) {
    this.#deps = deps
    this.#source = source
  }

  /** Does not wait and does not fail: an event that cannot be written must not hold up what it tells of. */
  record(about: Stored, text: EventText): void {
    this.#writes = this.#writes
      .then(() => this.#write(about, text))
      .catch((err: unknown) => {
        // A namespace on its way out takes no new events.
        if (isReason(err, 'Forbidden', 'NotFound', 'ServiceUnavailable')) return
        this.#deps.logger.warn({ err, reason: text.reason }, 'Event was not recorded')
      })
  }

  /** Resolves once everything told so far is written. */
  async flush(): Promise<void> {
    await this.#writes
  }

  async #write(about: Stored, text: EventText): Promise<void> {
    const key = [
      about.metadata.uid,
      text.type,
      text.reason,
      text.fieldPath ?? '',
      text.message,
    ].join('\0')
    const namespace = about.metadata.namespace ?? 'default'
    const now = timestamp(this.#deps.clock.now())
    const told = this.#told.get(key)
    if (told !== undefined && (await this.#countOn({ namespace, name: told }, now))) return
    const event = await this.#deps.registry.create(
      Kinds.Event,
      this.#newEvent(about, text, namespace, now),
    )
    this.#remember(key, event.metadata.name)
  }

  async #countOn(key: { namespace: string; name: string }, now: string): Promise<boolean> {
    const counted = await this.#deps.registry.modify(Kinds.Event, key, (event) => {
      event.count = (event.count ?? 1) + 1
      event.lastTimestamp = now
    })
    return counted !== undefined
  }

  #newEvent(about: Stored, text: EventText, namespace: string, now: string): Event {
    const { name, uid, resourceVersion } = about.metadata
    const { type, reason, message, fieldPath } = text
    return {
      metadata: { name: `${name.slice(0, 200)}.${randomBytes(8).toString('hex')}`, namespace },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        name,
        uid,
        resourceVersion,
        ...(about.metadata.namespace !== undefined && { namespace: about.metadata.namespace }),
        ...(fieldPath !== undefined && { fieldPath }),
      },
      type,
      reason,
      // The API server refuses longer ones.
      message: message.slice(0, 1024),
      source: { ...this.#source },
      reportingComponent: this.#source.component,
      reportingInstance: this.#source.host ?? '',
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
    }
  }

  #remember(key: string, name: string): void {
    const oldest = this.#told.keys().next().value
    if (this.#told.size >= maxRemembered && oldest !== undefined) this.#told.delete(oldest)
    this.#told.set(key, name)
  }
}
