/** Our RemoteApps: as last seen, found by uid or name, and written for the API. */
import {
  Annotation,
  GROUP_VERSION,
  PorpulsionError,
  type RemoteApp,
  type RemoteAppManifest,
} from '@porpulsion/contract'
import {
  Informer,
  isAlreadyExists,
  isNotFound,
  retryOnConflict,
  type Clock,
  type InformerDeps,
  type KubeClient,
  type ObjectRef,
} from '@porpulsion/kube'
import { RemoteAppKind, type StoredRemoteApp } from './kube-app-kinds.ts'
import { inCluster } from './kube-cluster-error.ts'
import { appIdOf } from './kube-submitted-app.ts'
import { SpecAuthors } from './spec-authors.ts'

export interface RemoteAppStoreOptions {
  /** The agent's own first; RemoteApps elsewhere are nobody's. */
  readonly namespaces: readonly string[]
}

/** Who writes, and until when. */
export interface WriteContext {
  readonly by: string
  readonly signal: AbortSignal
}

export type AppChange =
  | { readonly kind: 'upsert'; readonly app: StoredRemoteApp }
  | { readonly kind: 'delete'; readonly app: StoredRemoteApp }

/** How long a write waits to be seen in the cache before it is answered anyway. */
const SEEN_TIMEOUT_MS = 2_000

/** What host names of apps carry of a uid. */
const UID_PREFIX_CHARACTERS = 8

type AppIndex = 'uid' | 'uidPrefix' | 'peer'

export class KubeRemoteAppStore {
  readonly informers: readonly Informer<RemoteApp, AppIndex>[]
  /** Of what was written through this store. */
  readonly authors = new SpecAuthors()
  readonly #client: KubeClient
  readonly #clock: Clock
  readonly #namespaces: readonly string[]

  constructor(deps: InformerDeps, { namespaces }: RemoteAppStoreOptions) {
    this.#client = deps.client
    this.#clock = deps.clock
    this.#namespaces = namespaces
    this.informers = namespaces.map(
      (namespace) =>
        new Informer<RemoteApp, AppIndex>(deps, {
          kind: RemoteAppKind,
          namespace,
          indexes: {
            uid: (app) => [app.metadata.uid, appIdOf(app)],
            uidPrefix: (app) => [appIdOf(app).slice(0, UID_PREFIX_CHARACTERS)],
            peer: ({ spec }) => [spec.targetPeer],
          },
        }),
    )
  }

  get hasSynced(): boolean {
    return this.informers.every(({ hasSynced }) => hasSynced)
  }

  async start(signal: AbortSignal): Promise<void> {
    await Promise.all(this.informers.map((informer) => informer.start(signal)))
  }

  async stop(): Promise<void> {
    await Promise.all(this.informers.map((informer) => informer.stop()))
  }

  on(listener: (change: AppChange) => void): () => void {
    const unsubscribe = this.informers.map((informer) =>
      informer.on(({ kind, object }) =>
        listener({ kind: kind === 'deleted' ? 'delete' : 'upsert', app: object }),
      ),
    )
    return () => unsubscribe.forEach((off) => off())
  }

  list(): StoredRemoteApp[] {
    return this.informers.flatMap((informer) => informer.list())
  }

  get(ref: ObjectRef): StoredRemoteApp | undefined {
    for (const informer of this.informers) {
      const app = informer.get(ref)
      if (app !== undefined) return app
    }
    return undefined
  }

  /** By its own uid, or by the one under which its host knows it. */
  byUid(uid: string): StoredRemoteApp | undefined {
    const found = this.informers.flatMap((informer) => informer.byIndex('uid', uid))
    return found.find(({ metadata }) => metadata.uid === uid) ?? found[0]
  }

  /** By the first eight characters of the uid under which hosts know it. */
  byUidPrefix(prefix: string): StoredRemoteApp[] {
    return this.informers.flatMap((informer) => informer.byIndex('uidPrefix', prefix))
  }

  ofPeer(peerName: string): StoredRemoteApp[] {
    return this.informers.flatMap((informer) => informer.byIndex('peer', peerName))
  }

  /** Of apps that name none: the agent's own. */
  get defaultNamespace(): string {
    return this.#namespaces[0] ?? ''
  }

  /** A uid, a name, or "namespace,name". Throws what to do when that is none or several. */
  resolve(id: string, namespace: string | undefined): StoredRemoteApp {
    this.#assertSynced()
    const found = this.#candidates(id, namespace)
    const [app] = found
    if (app === undefined) {
      const where = namespace === undefined ? '' : ` in namespace "${namespace}"`
      throw new PorpulsionError(
        'NotFound',
        'AppNotFound',
        `There is no app "${id}"${where}; see \`porpulsion app list\``,
      )
    }
    if (found.length > 1)
      throw new PorpulsionError(
        'Conflict',
        'AppAmbiguous',
        `Apps named "${id}" exist in namespaces ${found.map(({ metadata }) => metadata.namespace ?? '').join(', ')}; say which with -n`,
      )
    return app
  }

  #candidates(id: string, namespace: string | undefined): StoredRemoteApp[] {
    const byUid = this.byUid(id)
    if (byUid !== undefined) return [byUid]
    const comma = id.indexOf(',')
    const name = comma === -1 ? id : id.slice(comma + 1)
    const wanted = comma === -1 ? namespace : id.slice(0, comma)
    // For every request to an app: never by looking through all of them.
    const namespaces = wanted === undefined ? this.#namespaces : [wanted]
    return namespaces.flatMap((each) => this.get({ namespace: each, name }) ?? [])
  }

  async create(
    manifest: RemoteAppManifest,
    { by, signal }: WriteContext,
  ): Promise<StoredRemoteApp> {
    const { name, labels, annotations } = manifest.metadata
    const namespace = manifest.metadata.namespace ?? this.defaultNamespace
    const app: RemoteApp = {
      apiVersion: GROUP_VERSION,
      kind: 'RemoteApp',
      metadata: { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) },
      spec: manifest.spec,
    }
    try {
      return await this.#written(name, by, async () => ({
        after: await this.#client.create(RemoteAppKind, app, { signal }),
      }))
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined
      if (!isAlreadyExists(cause)) throw error
      throw new PorpulsionError(
        'AlreadyExists',
        'AppExists',
        `An app "${name}" exists in namespace "${namespace}"; update it, or choose another name`,
        { cause },
      )
    }
  }

  /** `change` sees the app as the server has it; it may be called again when somebody else was faster. */
  async update(
    app: StoredRemoteApp,
    change: (app: StoredRemoteApp) => Pick<RemoteApp, 'metadata' | 'spec'>,
    { by, signal }: WriteContext,
  ): Promise<StoredRemoteApp> {
    return await this.#written(app.metadata.name, by, () =>
      retryOnConflict(async () => {
        const before = await this.#client.get(RemoteAppKind, app.metadata, { signal })
        const changed = { ...before, ...change(before) }
        return { before, after: await this.#client.update(RemoteAppKind, changed, { signal }) }
      }),
    )
  }

  /** Answers with the app as it is then: gone, or waiting for its host. */
  async delete(
    app: StoredRemoteApp,
    { force }: { readonly force: boolean },
    signal: AbortSignal,
  ): Promise<StoredRemoteApp> {
    const { metadata } = app
    return await inCluster(`app "${metadata.name}"`, async () => {
      try {
        if (force)
          await this.#client.patch(
            RemoteAppKind,
            metadata,
            {
              kind: 'merge',
              body: {
                metadata: { uid: metadata.uid, annotations: { [Annotation.ForceDelete]: 'true' } },
              },
            },
            { signal },
          )
        await this.#client.delete(RemoteAppKind, metadata, { uid: metadata.uid, signal })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
      const left = await this.#client.find(RemoteAppKind, metadata, { signal })
      return left?.metadata.uid === metadata.uid ? await this.#seen(left) : app
    })
  }

  async #written(
    name: string,
    by: string,
    write: Parameters<SpecAuthors['attribute']>[2],
  ): Promise<StoredRemoteApp> {
    const written = await inCluster(`app "${name}"`, () => this.authors.attribute(name, by, write))
    return await this.#seen(written)
  }

  /** Who writes and then reads finds what was written: the cache is given a moment to have it. */
  async #seen(written: StoredRemoteApp): Promise<StoredRemoteApp> {
    const { uid, resourceVersion } = written.metadata
    if (this.byUid(uid)?.metadata.resourceVersion === resourceVersion) return written
    let off = (): void => undefined
    let cancel = (): void => undefined
    await new Promise<void>((resolve) => {
      cancel = this.#clock.setTimeout(resolve, SEEN_TIMEOUT_MS)
      off = this.on(({ app, kind }) => {
        const isIt = app.metadata.uid === uid
        if (isIt && (kind === 'delete' || app.metadata.resourceVersion === resourceVersion))
          resolve()
      })
    })
    off()
    cancel()
    return written
  }

  #assertSynced(): void {
    if (!this.hasSynced)
      throw new PorpulsionError(
        'Unavailable',
        'ClusterUnavailable',
        'This agent has not read its cluster yet; try again in a moment',
      )
  }

  isWatched(namespace: string): boolean {
    return this.#namespaces.includes(namespace)
  }

  get namespaces(): readonly string[] {
    return this.#namespaces
  }
}
