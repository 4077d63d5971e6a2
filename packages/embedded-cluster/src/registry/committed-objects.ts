/**
 * The objects there are: in memory, on disk, and told to watchers in that order. A change is in memory at once, so that
 * the next write is decided against it; whoever made it, and all that watch, hear of it once it lasts.
 */
import type { RestoredState, Storage } from '../storage/storage.ts'
import { ApiError } from './api-error.ts'
import { ClusterIpPool } from './cluster-ip-pool.ts'
import { deepFreeze, isObject } from './json.ts'
import { ObjectTable } from './object-table.ts'
import type { Logger } from './ports.ts'
import type { Stored, WatchEvent, WriteOptions } from './registry.ts'
import type { Draft } from './resource.ts'
import { WatchHub } from './watch-hub.ts'

export interface CommittedObjectsDeps {
  readonly storage: Storage
  readonly logger: Logger
}

export class CommittedObjects {
  readonly #storage: Storage
  readonly #table = new ObjectTable()
  readonly #clusterIps = new ClusterIpPool()
  readonly #hub: WatchHub
  #resourceVersion: number
  #publishedVersion: number
  #lastWrite: Promise<void> = Promise.resolve()
  #failure: unknown

  constructor({ storage, logger }: CommittedObjectsDeps, restored: RestoredState) {
    this.#storage = storage
    this.#resourceVersion = restored.resourceVersion
    this.#publishedVersion = restored.resourceVersion
    this.#hub = new WatchHub(restored.resourceVersion, logger)
    for (const { resource, object } of restored.objects) {
      if (object !== undefined) this.#put(resource, deepFreeze(object))
    }
  }

  /** The newest one given out. */
  get resourceVersion(): number {
    return this.#resourceVersion
  }

  /** The newest one whose change watchers have been told of. */
  get publishedVersion(): number {
    return this.#publishedVersion
  }

  /** Why nothing can be written any more, if so. */
  get failure(): unknown {
    return this.#failure
  }

  get table(): Omit<ObjectTable, 'put' | 'remove'> {
    return this.#table
  }

  get hub(): Omit<WatchHub, 'publish'> {
    return this.#hub
  }

  get clusterIps(): Pick<ClusterIpPool, 'choose'> {
    return this.#clusterIps
  }

  /** Resolves when all that is in memory now is on disk. */
  settled(): Promise<void> {
    return this.#lastWrite
  }

  /** Everything present; the objects are frozen, so the result stays as it is. */
  state(): RestoredState {
    const objects = [...this.#table.all()].map(({ resource, object }) => ({
      ...coordinates(resource, object),
      resourceVersion: Number(object.metadata.resourceVersion),
      object,
    }))
    return { resourceVersion: this.#resourceVersion, objects }
  }

  /** Resolves, once it lasts, to the object with its new version. */
  async put(
    id: string,
    draft: Draft,
    previous: Stored | undefined,
    options: WriteOptions,
  ): Promise<Stored> {
    if (options.dryRun === true)
      return deepFreeze(completed(draft, previous?.metadata.resourceVersion))
    const { object, resourceVersion } = this.#next(draft)
    this.#put(id, object, previous)
    await this.#commit(
      { ...coordinates(id, object), resourceVersion, object },
      {
        type: previous === undefined ? 'ADDED' : 'MODIFIED',
        object,
        ...(previous !== undefined && { previous }),
      },
    )
    return object
  }

  /** Resolves, once it lasts, to the object as it was when it went. */
  async remove(id: string, draft: Draft, previous: Stored, options: WriteOptions): Promise<Stored> {
    if (options.dryRun === true)
      return deepFreeze(completed(draft, previous.metadata.resourceVersion))
    const { object, resourceVersion } = this.#next(draft)
    this.#table.remove(id, previous)
    this.#trackAddress(id, previous, 'release')
    await this.#commit(
      { ...coordinates(id, object), resourceVersion },
      { type: 'DELETED', object, previous },
    )
    return object
  }

  #next(draft: Draft): { readonly object: Stored; readonly resourceVersion: number } {
    if (this.#failure !== undefined) throw unavailable(this.#failure)
    const resourceVersion = ++this.#resourceVersion
    return { object: deepFreeze(completed(draft, String(resourceVersion))), resourceVersion }
  }

  async #commit(change: Parameters<Storage['append']>[0], event: WatchEvent): Promise<void> {
    const lasting = this.#storage.append(change).then(
      () => {
        this.#publishedVersion = change.resourceVersion
        this.#hub.publish(change.resource, change.resourceVersion, event)
      },
      (error: unknown) => {
        // Memory is now ahead of the disk, and stays so: readers are refused too, until a restart.
        this.#failure = error
        throw unavailable(error)
      },
    )
    this.#lastWrite = lasting
    await lasting
  }

  #put(id: string, object: Stored, previous?: Stored): void {
    if (previous !== undefined) this.#trackAddress(id, previous, 'release')
    this.#table.put(id, object)
    this.#trackAddress(id, object, 'take')
  }

  #trackAddress(id: string, object: Stored, action: 'take' | 'release'): void {
    if (id !== 'services') return
    const spec: unknown = Object.entries(object).find(([field]) => field === 'spec')?.[1]
    const address = isObject(spec) ? spec['clusterIP'] : undefined
    if (typeof address === 'string' && address !== '' && address !== 'None') {
      this.#clusterIps[action](address, object.metadata.uid)
    }
  }
}

function coordinates(
  resource: string,
  object: Stored,
): { resource: string; namespace?: string; name: string } {
  const { namespace, name } = object.metadata
  return { resource, ...(namespace !== undefined && { namespace }), name }
}

function completed(draft: Draft, resourceVersion: string | undefined): Stored {
  if (resourceVersion === undefined) delete draft.metadata.resourceVersion
  else draft.metadata.resourceVersion = resourceVersion
  return draft as unknown as Stored // Name, uid and creation time were set by prepareNewMetadata.
}

function unavailable(cause: unknown): ApiError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new ApiError(
    'ServiceUnavailable',
    `the cluster's storage failed (${why}); mend it and restart`,
  )
}
