/**
 * What runs here for peers: the records of it and the objects made from them, as last seen, and the few writes that
 * are not part of reconciling one app.
 */
import { Label, peerNamespace, PorpulsionError } from '@porpulsion/contract'
import {
  ConfigMap,
  Deployment,
  Informer,
  isNotFound,
  KubeEvent,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
  Secret,
  Service,
  type InformerDeps,
  type InformerOptions,
  type KubeObject,
  type ObjectRef,
  type ResourceKind,
  type Stored,
} from '@porpulsion/kube'
import type { ExecutingApp } from '@porpulsion/contract'
import { isRetained } from './kube-app-claims.ts'
import { appSelector } from './kube-app-objects.ts'
import { ExecutingAppKind, type StoredExecutingApp } from './kube-app-kinds.ts'
import { KubePeerNamespaces, type Guarding, type HostingOptions } from './kube-peer-namespaces.ts'

/** Everything that can be left of an app, the record first. */
const leftoverKinds: readonly ResourceKind[] = [
  ExecutingAppKind,
  Deployment,
  ReplicaSet,
  Pod,
  Service,
  ConfigMap,
  Secret,
  PersistentVolumeClaim,
]

/** What is deleted by name when its record is gone; pods and their sets follow the Deployment. */
const deletableKinds: readonly ResourceKind[] = [
  Deployment,
  Service,
  ConfigMap,
  Secret,
  PersistentVolumeClaim,
]

export interface Leftover {
  readonly kind: ResourceKind
  readonly ref: ObjectRef
  /** `Pod/web-abc`. */
  readonly text: string
}

export class KubeHostedAppStore {
  readonly namespaces: KubePeerNamespaces
  readonly records: Informer<ExecutingApp, 'app' | 'uid' | 'peer' | 'object'>
  readonly deployments: Informer<Deployment>
  readonly replicaSets: Informer<ReplicaSet>
  readonly pods: Informer<Pod, 'app'>
  readonly services: Informer<Service>
  readonly configMaps: Informer<ConfigMap>
  /** Those that stay when their app goes. */
  readonly retainedClaims: Informer<PersistentVolumeClaim>
  readonly #deps: InformerDeps
  readonly #events = new Map<string, Informer<KubeEvent, 'app'>>()
  readonly #onEvent: ((record: ObjectRef) => void)[] = []

  constructor(deps: InformerDeps, hosting: HostingOptions, guarding: Guarding) {
    this.#deps = deps
    this.namespaces = new KubePeerNamespaces(deps.client, hosting, guarding)
    // One watch per kind for all peers together; what is not an app's is not ours to see.
    const ours = { labelSelector: Label.App }
    this.records = new Informer<ExecutingApp, 'app' | 'uid' | 'peer' | 'object'>(deps, {
      kind: ExecutingAppKind,
      indexes: {
        app: ({ spec }) => [appKey(spec.peer.fingerprint, spec.submitter.uid)],
        uid: ({ spec }) => [spec.submitter.uid],
        peer: ({ spec }) => [spec.peer.fingerprint],
        object: ({ metadata, spec }) => [objectKeyOf(metadata.namespace, spec.submitter.uid)],
      },
    })
    this.deployments = new Informer(deps, { kind: Deployment, ...ours })
    this.replicaSets = new Informer(deps, { kind: ReplicaSet, ...ours })
    this.pods = new Informer<Pod, 'app'>(deps, {
      kind: Pod,
      ...ours,
      indexes: {
        app: ({ metadata }) => [objectKeyOf(metadata.namespace, metadata.labels?.[Label.App])],
      },
    })
    this.services = new Informer(deps, { kind: Service, ...ours })
    this.configMaps = new Informer(deps, { kind: ConfigMap, ...ours })
    this.retainedClaims = new Informer(deps, {
      kind: PersistentVolumeClaim,
      labelSelector: `${Label.Retained}=true`,
    })
    this.records.on(({ kind, object: { metadata, spec } }) => {
      if (kind !== 'deleted') this.#followEvents(metadata.namespace)
      else if (this.records.inNamespace(metadata.namespace ?? '').length === 0) {
        this.#leaveEvents(metadata.namespace)
        // It may have been the whole namespace that was deleted, and our rights in it.
        this.namespaces.forget(spec.peer.fingerprint)
      }
    })
  }

  get #all(): readonly Pick<Informer<KubeObject>, 'start' | 'stop' | 'hasSynced'>[] {
    return [
      this.records,
      this.deployments,
      this.replicaSets,
      this.pods,
      this.services,
      this.configMaps,
      this.retainedClaims,
    ]
  }

  get hasSynced(): boolean {
    return this.#all.every(({ hasSynced }) => hasSynced)
  }

  /** Resolves once all of it has been seen, however long the API server takes. */
  async start(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((informer) => informer.start(signal)))
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#all, ...this.#events.values()].map((informer) => informer.stop()))
  }

  /** Throws while what is here is not known yet: an empty cache is no evidence of absence. */
  assertSynced(): void {
    if (!this.hasSynced)
      throw new PorpulsionError(
        'Unavailable',
        'ClusterUnavailable',
        'This agent has not read its cluster yet; ask again in a moment',
      )
  }

  /** The record of an app of this peer, and of no other. */
  find(fingerprint: string, uid: string): StoredExecutingApp | undefined {
    return this.records
      .byIndex('app', appKey(fingerprint, uid))
      .find(({ metadata }) => metadata.namespace === peerNamespace(fingerprint))
  }

  /** Whether an app of some other peer has this uid. */
  isOfAnother(fingerprint: string, uid: string): boolean {
    return this.records
      .byIndex('uid', uid)
      .some(({ spec }) => spec.peer.fingerprint !== fingerprint)
  }

  ofPeer(fingerprint: string): StoredExecutingApp[] {
    return this.records
      .byIndex('peer', fingerprint)
      .filter(({ metadata }) => metadata.namespace === peerNamespace(fingerprint))
  }

  podsOf(record: StoredExecutingApp): Stored<Pod>[] {
    return this.pods.byIndex(
      'app',
      objectKeyOf(record.metadata.namespace, record.spec.submitter.uid),
    )
  }

  replicaSetsOf(deployment: Stored<Deployment>): Stored<ReplicaSet>[] {
    return this.replicaSets.ownedBy(deployment.metadata.uid)
  }

  eventsOf({ metadata }: StoredExecutingApp): Stored<KubeEvent>[] {
    return this.#events.get(metadata.namespace ?? '')?.byIndex('app', metadata.name) ?? []
  }

  /** Whose record an object with our labels belongs to. */
  recordsOfObject({ metadata }: KubeObject): StoredExecutingApp[] {
    return this.records.byIndex(
      'object',
      objectKeyOf(metadata?.namespace, metadata?.labels?.[Label.App]),
    )
  }

  /** Tells the record that a Kubernetes event is about. */
  onEvent(listener: (record: ObjectRef) => void): void {
    this.#onEvent.push(listener)
  }

  /** Everything with the labels of this app but claims that stay, asked of the API server: caches are behind. */
  async leftovers(fingerprint: string, uid: string, signal: AbortSignal): Promise<Leftover[]> {
    if (!(await this.namespaces.exists(fingerprint, signal))) return []
    const found = await Promise.all(
      leftoverKinds.map(async (kind) => {
        const { items } = await this.#deps.client.list(kind, {
          namespace: peerNamespace(fingerprint),
          labelSelector: appSelector(uid, fingerprint),
          signal,
        })
        return items
          .filter((object) => !isRetained(object))
          .map(({ metadata }) => ({
            kind,
            ref: metadata,
            text: `${kind.kind}/${metadata.name}`,
          }))
      }),
    )
    return found.flat()
  }

  /** Deletes the record, whose objects follow it; or, when there is none, what was left without one. */
  async removeLeftovers(leftovers: readonly Leftover[], signal: AbortSignal): Promise<void> {
    const records = leftovers.filter(({ kind }) => kind === ExecutingAppKind)
    const doomed =
      records.length > 0 ? records : leftovers.filter(({ kind }) => deletableKinds.includes(kind))
    await Promise.all(doomed.map(({ kind, ref }) => this.remove(kind, ref, signal)))
  }

  /** Idempotent. */
  async remove(kind: ResourceKind, ref: ObjectRef, signal: AbortSignal): Promise<void> {
    try {
      await this.#deps.client.delete(kind, ref, { propagationPolicy: 'Background', signal })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /** Everything of a peer at once, its namespace included where that can go. */
  async removeAll(fingerprint: string, signal: AbortSignal): Promise<void> {
    if (!(await this.namespaces.exists(fingerprint, signal))) return
    if ((await this.namespaces.remove(fingerprint, signal)) === 'removed') return
    const { items } = await this.#deps.client.list(ExecutingAppKind, {
      namespace: peerNamespace(fingerprint),
      signal,
    })
    for (const { metadata } of items) await this.remove(ExecutingAppKind, metadata, signal)
  }

  #followEvents(namespace: string | undefined): void {
    if (namespace === undefined || this.#events.has(namespace)) return
    const options: InformerOptions<KubeEvent, 'app'> = {
      kind: KubeEvent,
      namespace,
      indexes: { app: ({ involvedObject }) => recordNameOf(involvedObject) },
      idleTimeoutMs: EVENTS_IDLE_MS,
    }
    const informer = new Informer<KubeEvent, 'app'>(this.#deps, options)
    this.#events.set(namespace, informer)
    informer.on(({ kind, object }) => {
      if (kind === 'deleted') return
      for (const name of recordNameOf(object.involvedObject))
        for (const tell of this.#onEvent) tell({ namespace, name })
    })
    // Ends with stop(), or with the last app there; it retries for as long as it lives, so there is no failure to report.
    void informer.start(new AbortController().signal).catch(() => undefined)
  }

  /** With a namespace our rights in it go: whoever went on watching would be refused for ever, and late in the next. */
  #leaveEvents(namespace: string | undefined): void {
    if (namespace === undefined) return
    const informer = this.#events.get(namespace)
    this.#events.delete(namespace)
    void informer?.stop().catch(() => undefined)
  }
}

/**
 * API servers send no bookmarks for events, and a quiet namespace has none for hours. Servers end each watch within ten
 * minutes: one that goes on longer is dead.
 */
const EVENTS_IDLE_MS = 11 * 60_000

/** An app at a host: nobody but this peer has it under this uid. */
export const appKey = (fingerprint: string, uid: string): string => `${fingerprint}/${uid}`

const objectKeyOf = (namespace: string | undefined, uid: string | undefined): string =>
  `${namespace ?? ''}/${uid ?? ''}`

/** Deployments are named as their record; sets and pods add one and two random parts. */
const randomParts: Readonly<Record<string, number>> = {
  ExecutingApp: 0,
  Deployment: 0,
  ReplicaSet: 1,
  Pod: 2,
}

function recordNameOf({ kind = '', name = '' }: KubeEvent['involvedObject']): string[] {
  const parts = randomParts[kind]
  if (parts === undefined) return []
  const segments = name.split('-')
  return segments.length > parts ? [segments.slice(0, segments.length - parts).join('-')] : []
}
