import { eventTtlMs } from '../events/event-recorder.ts'
import { Kinds } from '../registry/kinds.ts'
import type { Stoppable, WorkloadDeps } from '../registry/ports.ts'
import { deleteObject } from './ownership.ts'

const intervalMs = 60_000

/** Forgets events an hour after they last happened, or they would outnumber everything else. */
export class EventCleaner implements Stoppable {
  readonly #deps: WorkloadDeps
  #work: Promise<void> = Promise.resolve()
  #cancel = (): void => undefined

  constructor(deps: WorkloadDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#cancel = this.#deps.clock.setTimeout(() => {
      this.#work = this.#clean().catch((err: unknown) =>
        this.#deps.logger.warn({ err }, 'Old events were not removed'),
      )
      this.start()
    }, intervalMs)
  }

  async stop(): Promise<void> {
    this.#cancel()
    await this.#work
  }

  async #clean(): Promise<void> {
    const { registry, clock } = this.#deps
    const oldest = clock.now() - eventTtlMs
    for (const event of registry.list(Kinds.Event).items) {
      const { eventTime, lastTimestamp, series, metadata } = event
      const last =
        series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp
      if (Date.parse(last) < oldest) await deleteObject(registry, Kinds.Event, event)
    }
  }
}
