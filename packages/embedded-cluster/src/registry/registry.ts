/**
 * The in-process face of the cluster's state: what the controllers and the runtime read, write and watch, and what
 * the HTTP API is built on. Semantics are those of a Kubernetes API server, minus HTTP: validation, defaulting,
 * generation, finalizers, graceful deletion and optimistic concurrency happen here, for every caller alike.
 *
 * Reads are synchronous, from memory. Objects that come out are shared and deeply frozen: `modify` hands out a draft,
 * everything else copies before it changes. Writes resolve once the change is on disk; watchers are told after that,
 * so nobody ever acts on a change that a crash could take back.
 */
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js'

/** Any API object. Typed kinds use the interfaces of `kubernetes-types`. */
export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: ObjectMeta
}

/** What the registry guarantees about the metadata of an object it holds. */
export type StoredMeta = ObjectMeta & {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly creationTimestamp: string
}

/** An object as the registry holds it: complete, frozen. */
export type Stored<T extends KubeObject = KubeObject> = T & {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: StoredMeta
}

/** One version of one resource. Built-in ones are in `kinds.ts`; custom ones come from `kindOf` and `kinds`. */
export interface Kind<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  /** The resource's name in paths, lower-case plural: `deployments`. */
  readonly plural: string
  readonly namespaced: boolean
  /** Never set: carries the object type for inference. */
  readonly objectType?: T
}

/** `namespace` is left out for cluster-scoped kinds. */
export interface ObjectKey {
  readonly namespace?: string
  readonly name: string
}

export interface ListOptions {
  /** Left out: all namespaces. */
  readonly namespace?: string
  /** Equality-based labels that must all match. */
  readonly labels?: Readonly<Record<string, string>>
}

export interface ObjectList<T extends KubeObject> {
  /** Watch from here to miss nothing. */
  readonly resourceVersion: string
  readonly items: readonly Stored<T>[]
}

export interface WriteOptions {
  /** Recorded in managedFields; controllers pass their own name (`deployment-controller`). */
  readonly fieldManager?: string
  /** Everything is checked, nothing is kept. */
  readonly dryRun?: boolean
}

/** Subresources that are written like the object itself. */
export type Subresource = 'status' | 'finalize' | 'scale'

export interface ModifyOptions extends WriteOptions {
  readonly subresource?: Subresource
}

export type PropagationPolicy = 'Foreground' | 'Background' | 'Orphan'

export interface DeleteOptions extends Pick<WriteOptions, 'dryRun'> {
  /** Pods: absent means `spec.terminationGracePeriodSeconds`; 0 removes at once (what the runtime does when a pod is gone). */
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: PropagationPolicy
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

export type Patch =
  | { readonly type: 'json'; readonly body: readonly unknown[] }
  | { readonly type: 'merge'; readonly body: unknown }
  | { readonly type: 'strategic'; readonly body: unknown }
  /** Server-side apply: creates what does not exist; `fieldManager` is required. */
  | { readonly type: 'apply'; readonly body: unknown; readonly force?: boolean }

export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** For DELETED: the last state, with the resourceVersion of the deletion. */
  readonly object: Stored<T>
  /** The state before; absent for ADDED. */
  readonly previous?: Stored<T>
}

export interface WatchOptions {
  /** Left out: all namespaces. */
  readonly namespace?: string
  /**
   * Events after this resourceVersion; throws `Expired` (410) if the history no longer reaches back. Left out: the
   * present objects come first, as ADDED, then what changes.
   */
  readonly since?: string
}

/** Must not throw and must not block: queue the key and return. Called in order of resourceVersion, never re-entrantly. */
export type WatchHandler<T extends KubeObject = KubeObject> = (event: WatchEvent<T>) => void

/** Ends the watch; idempotent. */
export type StopWatch = () => void

export interface Registry {
  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): Stored<T> | undefined
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): ObjectList<T>
  /** By uid, whatever the kind: is this owner still there? */
  getByUid(uid: string): Stored | undefined
  /** Objects that name this uid among their ownerReferences, of every kind, from an index. */
  dependentsOf(ownerUid: string): readonly Stored[]

  create<T extends KubeObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<Stored<T>>
  /** Replaces spec and metadata. If the object carries a resourceVersion and it is not the current one: `Conflict`. */
  update<T extends KubeObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<Stored<T>>
  /** Replaces `status` alone. */
  updateStatus<T extends KubeObject>(
    kind: Kind<T>,
    object: T,
    options?: WriteOptions,
  ): Promise<Stored<T>>
  /**
   * Read, change, write as one step: no conflict is possible. `change` gets a private draft, changes it in place, and
   * may return `false` to leave things as they are. A change that changes nothing is not a write. Resolves to
   * undefined if there is no such object.
   */
  modify<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    change: (draft: Stored<T>) => unknown,
    options?: ModifyOptions,
  ): Promise<Stored<T> | undefined>
  patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: Patch,
    options?: ModifyOptions,
  ): Promise<Stored<T>>
  /**
   * Starts the deletion: the object goes at once, or stays with a deletionTimestamp while finalizers, a pod's grace
   * period or a namespace's contents hold it. It then goes with the write that removes the last of these.
   * Throws `NotFound`; resolves to the object as it was, or as it now is.
   */
  delete<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options?: DeleteOptions,
  ): Promise<Stored<T>>

  watch<T extends KubeObject>(
    kind: Kind<T>,
    options: WatchOptions,
    handler: WatchHandler<T>,
  ): StopWatch
  /** Every change of every kind, custom ones included, present and future; the present objects come first. */
  watchAll(handler: WatchHandler): StopWatch

  /** Every resource served, custom ones included: one entry per stored resource, in its preferred version. */
  kinds(): readonly Kind[]
  /** The kind of an object or an ownerReference; undefined if nothing of that name is served. */
  kindOf(type: { readonly apiVersion?: string; readonly kind?: string }): Kind | undefined
}
