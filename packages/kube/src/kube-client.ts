import { PassThrough, pipeline, type Duplex, type Readable } from 'node:stream'
import {
  ApiTransport,
  type ApiAnswer,
  type ApiRequest,
  type ApiStream,
  type RequestObservation,
} from './api-transport.ts'
import { systemClock, type Clock } from './clock.ts'
import type { ClusterConnection } from './cluster-connection.ts'
import { isGone, isNotFound, KubeError } from './kube-error.ts'
import type { KubeObject, ListMeta, ObjectList, ObjectRef, Stored } from './kube-object.ts'
import { Pod } from './kinds.ts'
import { openExec, type ExecOptions } from './exec.ts'
import { openPortForward, type PortForwardOptions } from './port-forward.ts'
import { apiVersionOf, collectionPath, objectPath, type ResourceKind } from './resource-kind.ts'
import { formatSelector, type Selector } from './selectors.ts'
import { watchEvents, type WatchEvent } from './watch-stream.ts'

export interface KubeClientOptions {
  /** Who owns the fields we write; one name per program, for ever: the server remembers it in every object. */
  readonly fieldManager: string
  /** Default: the field manager. */
  readonly userAgent?: string
  readonly clock?: Clock
  /** Called once per request, for metrics. Must not throw. */
  readonly observe?: (request: RequestObservation) => void
}

/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Default `defaultTimeoutMs`. Where the answer is a stream: until it begins. */
  readonly timeoutMs?: number | undefined
}

export interface WriteOptions extends CallOptions {
  /** Checks and answers as if done, without doing it. */
  readonly dryRun?: boolean
  /** What to do about fields the schema does not know: refuse, warn, drop silently. Default: the server's (`Warn`). */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
}

export interface SelectOptions extends CallOptions {
  /** Left out: all namespaces. */
  readonly namespace?: string | undefined
  readonly labelSelector?: Selector
  readonly fieldSelector?: Selector
}

export interface ListOptions extends SelectOptions {
  /** Objects per request; the whole is returned anyway. */
  readonly pageSize?: number
}

export interface ListPageOptions extends SelectOptions {
  readonly limit?: number
  readonly continueToken?: string | undefined
}

export interface WatchOptions extends SelectOptions {
  /** From where: of a list, or of the last event or bookmark seen. */
  readonly resourceVersion: string
  /** After this time the server ends the watch in an orderly way. */
  readonly timeoutSeconds?: number
  /** Called once the server has accepted the watch: from here on it tells of every change. */
  readonly onOpen?: () => void
  /** Silence after which we end it. Default `defaultWatchIdleMs`. */
  readonly idleTimeoutMs?: number
}

/** RFC 6902. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string }

export type Patch =
  | { readonly kind: 'json'; readonly operations: readonly JsonPatchOperation[] }
  /** RFC 7386: null removes, lists are replaced whole. */
  | { readonly kind: 'merge'; readonly body: object }
  /** Lists of named things are merged by name; built-in kinds only. */
  | { readonly kind: 'strategic'; readonly body: object }

export interface PatchOptions extends WriteOptions {
  readonly subresource?: 'status' | 'scale'
}

export interface ApplyOptions extends WriteOptions {
  /**
   * Takes fields over from other managers. Default true, as is right for controllers: they own what they apply, and
   * would otherwise stop at the first hand-made edit.
   */
  readonly force?: boolean
  /** Default: the client's. */
  readonly fieldManager?: string
}

export interface DeleteOptions extends CallOptions {
  /** Delete only this very object, not a namesake created since. */
  readonly uid?: string | undefined
  /** Delete only if unchanged. */
  readonly resourceVersion?: string | undefined
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly gracePeriodSeconds?: number
}

export interface LogOptions extends CallOptions {
  readonly container?: string | undefined
  /** Keep streaming until the container ends. */
  readonly follow?: boolean | undefined
  readonly tailLines?: number | undefined
  readonly limitBytes?: number | undefined
  /** RFC 3339. */
  readonly sinceTime?: string | undefined
  readonly sinceSeconds?: number | undefined
  /** Of the instance before the last restart. */
  readonly previous?: boolean | undefined
  /** Start every line with its time in RFC 3339 and a space. */
  readonly timestamps?: boolean | undefined
}

/** An object to apply: whole or partial, but named. */
export type Applied<T extends KubeObject> = T & { metadata: { name: string } }

/** What a kind has under `status`. */
export type StatusOf<T> = T extends { status?: infer S } ? Exclude<S, undefined> : never

const defaultPageSize = 500
/** Servers send a bookmark about every minute, so nothing at all for this long means that nobody is there. */
export const defaultWatchIdleMs = 150_000

/**
 * A thin client of one API server. Stateless but for its connections: no caching, no retries beyond what is certain to
 * be harmless (see ApiTransport). Errors are KubeErrors; an abort rejects with the signal's reason.
 */
export class KubeClient {
  readonly connection: ClusterConnection
  readonly fieldManager: string
  readonly #clock: Clock
  readonly #transport: ApiTransport

  constructor(connection: ClusterConnection, options: KubeClientOptions) {
    this.connection = connection
    this.fieldManager = options.fieldManager
    this.#clock = options.clock ?? systemClock
    this.#transport = new ApiTransport(connection, options.userAgent ?? options.fieldManager, {
      clock: this.#clock,
      observe: options.observe ?? (() => undefined),
    })
  }

  async get<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    options: CallOptions = {},
  ): Promise<Stored<T>> {
    return await this.#object<T>({ method: 'GET', path: objectPath(kind, ref), ...call(options) })
  }

  /** As `get`, but an object that is not there is an answer, not an error. */
  async find<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    options: CallOptions = {},
  ): Promise<Stored<T> | undefined> {
    try {
      return await this.get(kind, ref, options)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  /** All objects, fetched page by page; as of one moment. */
  async list<T extends KubeObject>(
    kind: ResourceKind<T>,
    { pageSize = defaultPageSize, ...options }: ListOptions = {},
  ): Promise<ObjectList<T>> {
    const items: Stored<T>[] = []
    let page = await this.listPage(kind, { ...options, limit: pageSize })
    for (;;) {
      items.push(...page.items)
      const { continueToken } = page
      if (continueToken === undefined) return { items, resourceVersion: page.resourceVersion }
      try {
        page = await this.listPage(kind, { ...options, limit: pageSize, continueToken })
      } catch (error) {
        if (!isGone(error)) throw error
        // Changes outran our paging, and would again: all in one answer cannot be outrun.
        return await this.listPage(kind, options)
      }
    }
  }

  /** One page. A continue token expires after minutes: then `isGone`, and listing starts over. */
  async listPage<T extends KubeObject>(
    kind: ResourceKind<T>,
    { limit, continueToken, ...options }: ListPageOptions = {},
  ): Promise<ObjectList<T>> {
    const answer = await this.#json<{ metadata?: ListMeta; items?: Stored<T>[] | null }>({
      method: 'GET',
      path: collectionPath(kind, options.namespace),
      query: { ...selectors(options), limit, continue: continueToken },
      ...call(options),
    })
    const next = answer.metadata?.continue
    return {
      // Items of a list come without type.
      items: (answer.items ?? []).map((item) => typed(kind, item)),
      resourceVersion: answer.metadata?.resourceVersion ?? '',
      ...(next !== undefined && next !== '' && { continueToken: next }),
    }
  }

  async create<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    return await this.#object<T>({
      method: 'POST',
      path: collectionPath(kind, object.metadata?.namespace),
      query: { ...writing(options), fieldManager: this.fieldManager },
      body: JSON.stringify(typed(kind, object)),
      headers: { 'content-type': 'application/json' },
      ...call(options),
    })
  }

  /** Replaces the whole object. With `metadata.resourceVersion` only if nobody changed it: else `isConflict`. */
  async update<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    return await this.#replace(kind, object, undefined, options)
  }

  /** Replaces the status only; everything else in `object` is ignored by the server. */
  async updateStatus<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    return await this.#replace(kind, object, 'status', options)
  }

  async patch<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    patch: Patch,
    { subresource, ...options }: PatchOptions = {},
  ): Promise<Stored<T>> {
    const contentType = {
      json: 'application/json-patch+json',
      merge: 'application/merge-patch+json',
      strategic: 'application/strategic-merge-patch+json',
    }[patch.kind]
    return await this.#object<T>({
      method: 'PATCH',
      path: objectPath(kind, ref, subresource),
      query: { ...writing(options), fieldManager: this.fieldManager },
      body: JSON.stringify(patch.kind === 'json' ? patch.operations : patch.body),
      headers: { 'content-type': contentType },
      ...call(options),
    })
  }

  /** Server-side apply: what we no longer mention goes away, what others own stays. Creates what is not there. */
  async apply<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: Applied<T>,
    options: ApplyOptions = {},
  ): Promise<Stored<T>> {
    return await this.#apply(kind, object, undefined, options)
  }

  /** Server-side apply of the status alone. */
  async applyStatus<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    status: StatusOf<T>,
    options: ApplyOptions = {},
  ): Promise<Stored<T>> {
    const metadata = {
      name: ref.name,
      ...(ref.namespace !== undefined && { namespace: ref.namespace }),
    }
    return await this.#apply<T>(kind, { metadata, status }, 'status', options)
  }

  /** Resolves once the deletion is accepted: finalizers and grace may keep the object for a while. */
  async delete<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    { uid, resourceVersion, propagationPolicy, gracePeriodSeconds, ...options }: DeleteOptions = {},
  ): Promise<void> {
    await this.#transport.send({
      method: 'DELETE',
      path: objectPath(kind, ref),
      body: JSON.stringify({
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        // Undefined members are left out by JSON.
        propagationPolicy,
        gracePeriodSeconds,
        ...((uid ?? resourceVersion) !== undefined && { preconditions: { uid, resourceVersion } }),
      }),
      headers: { 'content-type': 'application/json' },
      ...call(options),
    })
  }

  /**
   * Events since `resourceVersion`, until the server ends the watch, the signal aborts, or the loop is left. Errors,
   * also those sent as events, are thrown; `Informer` is what survives them.
   */
  async *watch<T extends KubeObject>(
    kind: ResourceKind<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    const path = collectionPath(kind, options.namespace)
    const { body } = await this.#transport.open({
      method: 'GET',
      path,
      query: {
        ...selectors(options),
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: options.resourceVersion,
        timeoutSeconds: options.timeoutSeconds,
      },
      ...call(options),
    })
    options.onOpen?.()
    yield* watchEvents<T>(body, {
      clock: this.#clock,
      idleTimeoutMs: options.idleTimeoutMs ?? defaultWatchIdleMs,
      request: `Watch ${path}`,
    })
  }

  /** A container's log as bytes. Destroy the stream, or abort, to stop following. */
  async logs(
    pod: ObjectRef,
    { signal, timeoutMs, ...options }: LogOptions = {},
  ): Promise<Readable> {
    const stream = await this.#transport.open({
      method: 'GET',
      path: objectPath(Pod, pod, 'log'),
      query: { ...options },
      headers: { accept: '*/*' },
      signal,
      timeoutMs,
    })
    // undici's own stream ignores setEncoding.
    const log = pipeline(stream.body, new PassThrough(), () => undefined)
    // A failure before anybody listens is found by reading; it must not end the process.
    log.on('error', () => undefined)
    return log
  }

  /** A connection to one TCP port of a pod. */
  async portForward(
    pod: ObjectRef,
    port: number,
    options: PortForwardOptions = {},
  ): Promise<Duplex> {
    const path = objectPath(Pod, pod, 'portforward')
    return await openPortForward(this.#transport, this.#clock, path, port, options)
  }

  /** A command in a container of a pod: a Duplex of `ExecInput` to write and `ExecOutput` to read. */
  async exec(pod: ObjectRef, options: ExecOptions): Promise<Duplex> {
    return await openExec(this.#transport, this.#clock, objectPath(Pod, pod, 'exec'), options)
  }

  /** Anything the typed calls do not cover. Refusals are KubeErrors as everywhere. */
  async request(request: ApiRequest): Promise<ApiAnswer> {
    return await this.#transport.send(request)
  }

  /** As `request`, for answers that stream. */
  async stream(request: ApiRequest): Promise<ApiStream> {
    return await this.#transport.open(request)
  }

  /** Ends all connections, watches included. */
  async close(): Promise<void> {
    await this.#transport.close()
  }

  async #replace<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    subresource: string | undefined,
    options: WriteOptions,
  ): Promise<Stored<T>> {
    return await this.#object<T>({
      method: 'PUT',
      path: objectPath(kind, refOf(object), subresource),
      query: { ...writing(options), fieldManager: this.fieldManager },
      body: JSON.stringify(typed(kind, object)),
      headers: { 'content-type': 'application/json' },
      ...call(options),
    })
  }

  async #apply<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: KubeObject & { readonly status?: unknown },
    subresource: string | undefined,
    { force = true, fieldManager = this.fieldManager, ...options }: ApplyOptions,
  ): Promise<Stored<T>> {
    // The server refuses an apply that mentions managedFields, which every object read from it has.
    const { managedFields: _, ...metadata } = object.metadata ?? {}
    return await this.#object<T>({
      method: 'PATCH',
      path: objectPath(kind, refOf(object), subresource),
      query: { ...writing(options), fieldManager, force },
      // JSON is YAML.
      body: JSON.stringify({ ...typed(kind, object), metadata }),
      headers: { 'content-type': 'application/apply-patch+yaml' },
      ...call(options),
    })
  }

  async #object<T extends KubeObject>(request: ApiRequest): Promise<Stored<T>> {
    return await this.#json<Stored<T>>(request)
  }

  /** The API server is trusted by configuration to answer with what was asked for; that it is JSON is checked. */
  async #json<A>(request: ApiRequest): Promise<A> {
    const { body, status } = await this.#transport.send(request)
    try {
      return JSON.parse(body) as A
    } catch (cause) {
      throw new KubeError({
        status: 0,
        reason: 'BadAnswer',
        message: `${request.method} ${request.path} was answered ${status} with something that is not JSON`,
        cause,
      })
    }
  }
}

function refOf(object: KubeObject): ObjectRef {
  return { namespace: object.metadata?.namespace, name: object.metadata?.name ?? '' }
}

function typed<T extends KubeObject>(kind: ResourceKind, object: T): T {
  return { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind }
}

function call({ signal, timeoutMs }: CallOptions): Pick<ApiRequest, 'signal' | 'timeoutMs'> {
  return { signal, timeoutMs }
}

function writing({ dryRun, fieldValidation }: WriteOptions): ApiRequest['query'] & object {
  return { dryRun: dryRun === true ? 'All' : undefined, fieldValidation }
}

function selectors({ labelSelector, fieldSelector }: SelectOptions): ApiRequest['query'] & object {
  return {
    labelSelector: formatSelector(labelSelector),
    fieldSelector: formatSelector(fieldSelector),
  }
}
