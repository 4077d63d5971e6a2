/**
 * Keeps what is served in step with the definitions that are stored, and takes the objects of a deleted definition
 * with it.
 */
import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1.js'
import type { BuiltinShapes } from '../registry/builtin-shapes.ts'
import { isReason } from '../registry/api-error.ts'
import { Kinds } from '../registry/kinds.ts'
import type { LocalRegistry } from '../registry/local-registry.ts'
import type { Logger, Stoppable } from '../registry/ports.ts'
import type { Kind, StopWatch, Stored, WatchEvent } from '../registry/registry.ts'
import { customResource } from './custom-resource.ts'
import { cleanupFinalizer } from './definition-strategy.ts'

export interface CustomResourcesDeps {
  readonly registry: LocalRegistry
  readonly shapes: BuiltinShapes
  readonly logger: Logger
}

export class CustomResources implements Stoppable {
  readonly #deps: CustomResourcesDeps
  /** Definitions being deleted, by name: the watch that waits for their last object. */
  readonly #cleanups = new Map<string, StopWatch>()
  readonly #work = new Set<Promise<void>>()
  #stopWatch: StopWatch = () => undefined

  constructor(deps: CustomResourcesDeps) {
    this.#deps = deps
  }

  /** Serves what is stored before it returns. */
  start(): void {
    this.#stopWatch = this.#deps.registry.watch(Kinds.CustomResourceDefinition, {}, (event) => {
      this.#changed(event)
    })
  }

  async stop(): Promise<void> {
    this.#stopWatch()
    for (const stop of this.#cleanups.values()) stop()
    await Promise.all(this.#work)
  }

  #changed({ type, object }: WatchEvent<CustomResourceDefinition>): void {
    const { catalog } = this.#deps.registry
    const { name } = object.metadata
    if (type === 'DELETED') {
      this.#endCleanup(name)
      if (catalog.byId(name)?.custom === true) catalog.remove(name)
      return
    }
    if (!isEstablished(object)) return
    const resource = customResource(object, this.#deps.shapes.of('meta.ObjectMeta'))
    if (resource === undefined) return
    catalog.add(resource)
    if (object.metadata.deletionTimestamp !== undefined) this.#cleanUp(name, resource)
  }

  #cleanUp(name: string, kind: Kind): void {
    if (this.#cleanups.has(name)) return
    const { registry } = this.#deps
    const stop = registry.watch(kind, { since: registry.resourceVersion }, ({ type }) => {
      if (type === 'DELETED') this.#finishIfEmpty(name, kind)
    })
    this.#cleanups.set(name, stop)
    for (const object of registry.list(kind).items) this.#run(() => this.#deleteOne(kind, object))
    this.#finishIfEmpty(name, kind)
  }

  async #deleteOne(kind: Kind, { metadata }: Stored): Promise<void> {
    const { name, namespace } = metadata
    try {
      const key = { name, ...(namespace !== undefined && { namespace }) }
      await this.#deps.registry.delete(kind, key)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error // Gone already: as wanted.
    }
  }

  #finishIfEmpty(name: string, kind: Kind): void {
    const { registry } = this.#deps
    if (registry.list(kind).items.length > 0) return
    this.#endCleanup(name)
    this.#run(async () => {
      await registry.modify(Kinds.CustomResourceDefinition, { name }, ({ metadata }) => {
        metadata.finalizers = (metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer)
      })
    })
  }

  #endCleanup(name: string): void {
    this.#cleanups.get(name)?.()
    this.#cleanups.delete(name)
  }

  #run(work: () => Promise<void>): void {
    const running = work()
      .catch((err: unknown) =>
        this.#deps.logger.error({ err }, 'Custom resource was not cleaned up'),
      )
      .finally(() => this.#work.delete(running))
    this.#work.add(running)
  }
}

function isEstablished({ status }: Stored<CustomResourceDefinition>): boolean {
  return (status?.conditions ?? []).some(
    (condition) => condition.type === 'Established' && condition.status === 'True',
  )
}
