/**
 * The registry over memory and a storage: decides what a write makes of an object. Everything up to the storage is
 * synchronous, so each write is decided against the state it changes and no two writes can interleave.
 */
import { alreadyExists, ApiError, forbidden, notFound } from './api-error.ts'
import type { Catalog } from './catalog.ts'
import { CommittedObjects } from './committed-objects.ts'
import { decode, type FieldValidation } from './decode.ts'
import { isHeld, startDeletion } from './deletion.ts'
import { clone, deepFreeze, isObject } from './json.ts'
import { isSameObject, trackUpdate, type Writer } from './managed-fields.ts'
import { bumpGeneration, carryOverMetadata, prepareNewMetadata } from './metadata.ts'
import { patchObject } from './patch.ts'
import type { Clock, Logger } from './ports.ts'
import type {
  DeleteOptions,
  Kind,
  KubeObject,
  ListOptions,
  ModifyOptions,
  ObjectKey,
  ObjectList,
  Patch,
  Registry,
  StopWatch,
  Stored,
  WatchEvent,
  WatchHandler,
  WatchOptions,
  WriteOptions,
} from './registry.ts'
import {
  asDraft,
  type Draft,
  groupVersion,
  type Resource,
  type ServedVersion,
  servedVersion,
  storageId,
  type StrategyContext,
} from './resource.ts'
import type { RestoredState, Storage } from '../storage/storage.ts'
import {
  checkIdentity,
  checkPreconditions,
  refuseExcess,
  refuseInvalid,
  withinSubresource,
} from './write-rules.ts'

export interface LocalRegistryDeps {
  readonly catalog: Catalog
  readonly storage: Storage
  readonly clock: Clock
  readonly logger: Logger
}

/** What the HTTP API asks for beyond what controllers do. */
export interface ApiWriteOptions extends ModifyOptions {
  /** Left out: the object is taken as its type says, as from code in this process. */
  readonly fieldValidation?: FieldValidation
  /** Told what was mended or dropped on the way. */
  readonly warn?: (message: string) => void
}

const defaultManager = 'embedded-cluster'

export class LocalRegistry implements Registry {
  readonly catalog: Catalog
  readonly #clock: Clock
  readonly #committed: CommittedObjects
  readonly #table: CommittedObjects['table']
  readonly #views = new WeakMap<Stored, Map<string, Stored>>()

  constructor(
    deps: LocalRegistryDeps,
    restored: RestoredState = { resourceVersion: 1, objects: [] },
  ) {
    this.catalog = deps.catalog
    this.#clock = deps.clock
    this.#committed = new CommittedObjects(deps, restored)
    this.#table = this.#committed.table
  }

  /** The newest resourceVersion given out. */
  get resourceVersion(): string {
    return String(this.#committed.resourceVersion)
  }

  /** The newest resourceVersion whose change watchers have been told of. */
  get publishedVersion(): string {
    return String(this.#committed.publishedVersion)
  }

  /** Why nothing can be written any more, if so. */
  get failure(): unknown {
    return this.#committed.failure
  }

  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): Stored<T> | undefined
  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): Stored<T> | undefined {
    const resource = this.catalog.require(kind)
    const object = this.#table.get(storageId(resource), key.namespace, key.name)
    return object && this.#view<T>(resource, object, kind.version)
  }

  list<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}): ObjectList<T> {
    const resource = this.catalog.require(kind)
    const items: Stored<T>[] = []
    for (const object of this.#table.list(storageId(resource), options.namespace)) {
      if (matches(object, options.labels)) items.push(this.#view<T>(resource, object, kind.version))
    }
    return { resourceVersion: this.resourceVersion, items }
  }

  count(resource: Resource): number {
    return this.#table.count(storageId(resource))
  }

  getByUid(uid: string): Stored | undefined {
    return this.#table.getByUid(uid)
  }

  dependentsOf(ownerUid: string): readonly Stored[] {
    return this.#table.dependentsOf(ownerUid)
  }

  kinds(): readonly Kind[] {
    return this.catalog
      .all()
      .filter((resource) => !resource.virtual && resource.alias === undefined)
  }

  kindOf(type: { readonly apiVersion?: string; readonly kind?: string }): Kind | undefined {
    return this.catalog.byTypeMeta(type.apiVersion ?? '', type.kind ?? '')
  }

  watch<T extends KubeObject>(
    kind: Kind<T>,
    options: WatchOptions,
    handler: WatchHandler<T>,
  ): StopWatch {
    const resource = this.catalog.require(kind)
    const { namespace, since } = options
    const after = since === undefined ? this.#committed.resourceVersion : Number(since)
    if (since === undefined) {
      for (const object of this.list(kind, namespace === undefined ? {} : { namespace }).items) {
        handler({ type: 'ADDED', object })
      }
    }
    return this.#committed.hub.watch(storageId(resource), namespace, after, (event) =>
      handler(this.#viewEvent<T>(resource, event, kind.version)),
    )
  }

  watchAll(handler: WatchHandler): StopWatch {
    for (const { object } of [...this.#table.all()]) handler({ type: 'ADDED', object })
    return this.#committed.hub.watchAll(this.#committed.resourceVersion, handler)
  }

  /** Forgets the history of changes, as time does; watches from before get 410. */
  compact(): void {
    this.#committed.hub.compact()
  }

  /** Resolves when all that can be read now is on disk: no reader may learn what a crash could take back. */
  settled(): Promise<void> {
    return this.#committed.settled()
  }

  /** Everything present; the objects are frozen, so the result stays as it is. */
  state(): RestoredState {
    return this.#committed.state()
  }

  async create<T extends KubeObject>(
    kind: Kind<T>,
    object: T,
    options: WriteOptions & ApiWriteOptions = {},
  ): Promise<Stored<T>> {
    const resource = this.catalog.require(kind)
    const served = this.#served(resource, kind.version)
    const draft = incoming(object, resource, served, options)
    return this.#insert<T>(resource, served, draft, options, false)
  }

  async update<T extends KubeObject>(
    kind: Kind<T>,
    object: T,
    options: ApiWriteOptions = {},
  ): Promise<Stored<T>> {
    const resource = this.catalog.require(kind)
    const served = this.#served(resource, kind.version)
    const draft = incoming(object, resource, served, options)
    const old = this.#require(resource, keyOf(draft, resource))
    return this.#replace<T>(resource, served, draft, old, options, false)
  }

  async updateStatus<T extends KubeObject>(
    kind: Kind<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    return this.update(kind, object, { ...options, subresource: 'status' })
  }

  async modify<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    change: (draft: Stored<T>) => unknown,
    options: ApiWriteOptions = {},
  ): Promise<Stored<T> | undefined> {
    const resource = this.catalog.require(kind)
    const served = this.#served(resource, kind.version)
    const old = this.#table.get(storageId(resource), key.namespace, key.name)
    if (old === undefined) return undefined
    const before = this.#view<T>(resource, old, kind.version)
    const draft = clone(before)
    if (change(draft) === false) return before
    return this.#replace<T>(resource, served, asDraft(draft), old, options, false)
  }

  async patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: Patch,
    options: ApiWriteOptions = {},
  ): Promise<Stored<T>> {
    const resource = this.catalog.require(kind)
    const served = this.#served(resource, kind.version)
    const old = this.#table.get(storageId(resource), key.namespace, key.name)
    const isApply = patch.type === 'apply'
    if (old === undefined && (!isApply || options.subresource !== undefined)) {
      throw notFound(resource, key.name)
    }
    const live = old && this.#view(resource, old, kind.version)
    const writer = this.#writer(resource, served, options)
    const patched = patchObject(live, patch, { resource, served, key, writer })
    const draft = decoded(patched, resource, served, options)
    return old === undefined
      ? this.#insert<T>(resource, served, draft, options, true)
      : this.#replace<T>(resource, served, draft, old, options, isApply)
  }

  async delete<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<Stored<T>> {
    const resource = this.catalog.require(kind)
    const old = this.#require(resource, key)
    checkPreconditions(old, resource, options)
    const refusal = resource.strategy.checkDelete?.(old)
    if (refusal !== undefined) throw refusal
    const draft = asDraft(clone(old))
    startDeletion(draft, resource, options, this.#context())
    if (!isHeld(draft, resource)) {
      return this.#view<T>(
        resource,
        await this.#committed.remove(storageId(resource), draft, old, options),
        kind.version,
      )
    }
    if (isSameObject(draft, old)) return this.#view<T>(resource, old, kind.version)
    return this.#view<T>(
      resource,
      await this.#committed.put(storageId(resource), draft, old, options),
      kind.version,
    )
  }

  async #insert<T extends KubeObject>(
    resource: Resource,
    served: ServedVersion,
    draft: Draft,
    options: ApiWriteOptions,
    isTracked: boolean,
  ): Promise<Stored<T>> {
    const context = this.#context()
    if (!resource.creatable) {
      throw new ApiError(
        'MethodNotAllowed',
        'create not allowed while custom resource definition is terminating',
      )
    }
    prepareNewMetadata(draft, resource, context.nowMs)
    if (served.status) delete draft['status']
    served.applyDefaults?.(draft)
    resource.strategy.applyDefaults?.(draft)
    this.#checkNamespace(resource, draft)
    resource.strategy.prepareCreate?.(draft, context)
    refuseInvalid(draft, undefined, resource, served, true)
    refuseExcess(resource, draft, undefined, context)
    if (!isTracked) {
      trackUpdate(draft, undefined, served.shape, this.#writer(resource, served, options))
    }
    const name = draft.metadata.name ?? ''
    if (this.#table.get(storageId(resource), draft.metadata.namespace, name) !== undefined) {
      throw alreadyExists(resource, name)
    }
    const stored = await this.#committed.put(
      storageId(resource),
      toStorage(draft, resource),
      undefined,
      options,
    )
    return this.#view<T>(resource, stored, served.name)
  }

  async #replace<T extends KubeObject>(
    resource: Resource,
    served: ServedVersion,
    draft: Draft,
    old: Stored,
    options: ApiWriteOptions,
    isTracked: boolean,
  ): Promise<Stored<T>> {
    const context = this.#context()
    const before = this.#view(resource, old, served.name)
    checkIdentity(draft, before, resource)
    const { subresource } = options
    const next = withinSubresource(draft, before, served, subresource)
    carryOverMetadata(next, before)
    served.applyDefaults?.(next)
    resource.strategy.applyDefaults?.(next)
    const isMain = subresource === undefined || subresource === 'scale'
    if (isMain) resource.strategy.prepareUpdate?.(next, before, context)
    bumpGeneration(next, before, resource)
    refuseInvalid(next, before, resource, served, isMain)
    if (isMain) refuseExcess(resource, next, before, context)
    if (!isTracked) {
      trackUpdate(next, before, served.shape, this.#writer(resource, served, options))
    }
    if (isSameObject(next, before)) return this.#view<T>(resource, old, served.name)
    const storedForm = toStorage(next, resource)
    const isOver = next.metadata.deletionTimestamp !== undefined && !isHeld(storedForm, resource)
    const stored = await (isOver
      ? this.#committed.remove(storageId(resource), storedForm, old, options)
      : this.#committed.put(storageId(resource), storedForm, old, options))
    return this.#view<T>(resource, stored, served.name)
  }

  #require(resource: Resource, key: ObjectKey): Stored {
    const object = this.#table.get(storageId(resource), key.namespace, key.name)
    if (object === undefined) throw notFound(resource, key.name)
    return object
  }

  #served(resource: Resource, version: string): ServedVersion {
    const served = servedVersion(resource, version)
    if (served === undefined) throw new Error(`${resource.id} is not served as ${version}`)
    return served
  }

  #writer(resource: Resource, served: ServedVersion, options: ModifyOptions): Writer {
    return {
      manager: options.fieldManager ?? defaultManager,
      apiVersion: groupVersion(resource, served.name),
      subresource: options.subresource,
      nowMs: this.#clock.now(),
    }
  }

  #context(): StrategyContext {
    return {
      nowMs: this.#clock.now(),
      resources: () => this.catalog.all(),
      find: (id, namespace, name) => this.#table.get(id, namespace, name),
      list: (id, namespace) => this.#table.list(id, namespace),
      allocateClusterIp: (wanted, uid) => this.#committed.clusterIps.choose(wanted, uid),
    }
  }

  /** Nothing is made in a namespace that is not there or on its way out. */
  #checkNamespace(resource: Resource, draft: Draft): void {
    if (!resource.namespaced) return
    const name = draft.metadata.namespace ?? ''
    const namespace = this.#table.get('namespaces', undefined, name)
    if (namespace === undefined) throw notFound({ group: '', plural: 'namespaces' }, name)
    if (namespace.metadata.deletionTimestamp === undefined) return
    throw forbidden(
      resource,
      draft.metadata.name ?? '',
      `unable to create new content in namespace ${name} because it is being terminated`,
    )
  }

  /** The object in another version of its resource; remembered, so that a list does not copy each time. */
  #view<T extends KubeObject>(resource: Resource, object: Stored, version: string): Stored<T> {
    const apiVersion = groupVersion(resource, version)
    if (object.apiVersion === apiVersion) return object as Stored<T> // The catalogue pairs kind and object type.
    const views = this.#views.get(object) ?? new Map<string, Stored>()
    this.#views.set(object, views)
    let view = views.get(apiVersion)
    if (view === undefined) {
      view = deepFreeze(resource.alias?.fromStored(object) ?? { ...object, apiVersion })
      views.set(apiVersion, view)
    }
    return view as Stored<T> // As above.
  }

  #viewEvent<T extends KubeObject>(
    resource: Resource,
    event: WatchEvent,
    version: string,
  ): WatchEvent<T> {
    const { type, object, previous } = event
    return {
      type,
      object: this.#view<T>(resource, object, version),
      ...(previous !== undefined && { previous: this.#view<T>(resource, previous, version) }),
    }
  }
}

function matches(object: Stored, labels: Readonly<Record<string, string>> | undefined): boolean {
  if (labels === undefined) return true
  return Object.entries(labels).every(([key, value]) => object.metadata.labels?.[key] === value)
}

/** A private copy of what came in, with the type it is taken for. */
function incoming(
  object: object,
  resource: Resource,
  served: ServedVersion,
  options: ApiWriteOptions,
): Draft {
  return decoded({ ...clone(object) }, resource, served, options)
}

function decoded(
  object: object,
  resource: Resource,
  served: ServedVersion,
  options: ApiWriteOptions,
): Draft {
  const draft = {
    ...object,
    apiVersion: groupVersion(resource, served.name),
    kind: resource.kind,
    metadata: metadataOf(object),
  }
  if (options.fieldValidation === undefined) return draft
  return decode(draft, served.shape, {
    validation: options.fieldValidation,
    warn: options.warn,
    isCustom: resource.custom,
  })
}

function metadataOf(object: object): Draft['metadata'] {
  const metadata: unknown = Object.entries(object).find(([key]) => key === 'metadata')?.[1]
  return isObject(metadata) ? metadata : {}
}

function toStorage(draft: Draft, resource: Resource): Draft {
  if (resource.alias !== undefined) return resource.alias.toStored(draft)
  return { ...draft, apiVersion: groupVersion(resource, resource.version) }
}

function keyOf(draft: Draft, resource: Resource): ObjectKey {
  const { namespace, name } = draft.metadata
  return {
    name: name ?? '',
    ...(resource.namespaced && namespace !== undefined && { namespace }),
  }
}
