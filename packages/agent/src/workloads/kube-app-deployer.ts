/** Makes the API server hold what an app is made of, and nothing else of it; edits by others are undone. */
import {
  applyOwned,
  ConfigMap,
  controllerOf,
  isControlledBy,
  Deployment,
  isForbidden,
  isInvalid,
  KubeError,
  PersistentVolumeClaim,
  Secret,
  Service,
  type Applied,
  type AppliedOwned,
  type KubeClient,
  type KubeObject,
  type ReplicaSet,
  type ResourceKind,
  type Stored,
} from '@porpulsion/kube'
import { Annotation, type AppSpec } from '@porpulsion/contract'
import type { PeerRules } from '../policy/index.ts'
import { contentHash } from './canonical-json.ts'
import { applyClaim, isRetained } from './kube-app-claims.ts'
import { appObjects, appSelector, type AppObjects } from './kube-app-objects.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import { serviceNames } from './kube-app-names.ts'
import { foreignEntries, holds, isSameMap } from './kube-drift.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'

export interface AppDeployerDeps {
  readonly client: KubeClient
  readonly store: KubeHostedAppStore
  readonly rulesOf: (fingerprint: string) => PeerRules
}

export interface Deployed {
  readonly serviceName: string | undefined
  /** What Kubernetes refused, in its words; the rest was applied. */
  readonly problem: string | undefined
}

/** What one apply left behind: as long as it stands and the wish is the same, there is nothing to do. */
interface AppliedMark {
  readonly hash: string
  readonly generation: number | undefined
}

export class KubeAppDeployer {
  readonly #deps: AppDeployerDeps
  /** By uid of the record, then by kind and name. Forgotten with the process: then everything is applied once more. */
  readonly #applied = new Map<string, Map<string, AppliedMark>>()

  constructor(deps: AppDeployerDeps) {
    this.#deps = deps
  }

  /** `force` applies also what looks right: secrets are not watched, so only that undoes edits of them. */
  async deploy(
    record: StoredExecutingApp,
    spec: AppSpec,
    { force }: { readonly force: boolean },
    signal: AbortSignal,
  ): Promise<Deployed> {
    if (force) this.forget(record)
    const isNewSpec = this.#runsEarlierSpec(record)
    try {
      const serviceName = await this.#ensureService(record, spec, signal)
      const objects = appObjects(record, spec, {
        serviceName: serviceName ?? record.metadata.name,
        hasNoRoomToSurge: this.#hasNoRoomToSurge(record),
        securityLevel: this.#deps.rulesOf(record.spec.peer.fingerprint).pods.securityLevel,
      })
      await this.#applyAll(record, objects, signal)
      // If we die in between, the next full look finds them.
      if (force || isNewSpec) await this.#removeStrays(record, objects, signal)
      return { serviceName, problem: undefined }
    } catch (error) {
      // What Kubernetes refuses it refuses again: the user has to know, and retrying in a circle helps nobody.
      if (error instanceof KubeError && (isInvalid(error) || isForbidden(error)))
        return { serviceName: undefined, problem: `Kubernetes refused it: ${error.message}` }
      throw error
    }
  }

  /** Nothing of it runs or is reached any more. Its files and storage stay, for when it may run again. */
  async withdraw(record: StoredExecutingApp, signal: AbortSignal): Promise<void> {
    const { store } = this.#deps
    const deployment = store.deployments.get(record.metadata)
    if (deployment !== undefined) await store.remove(Deployment, deployment.metadata, signal)
    for (const service of store.services.ownedBy(record.metadata.uid))
      await store.remove(Service, service.metadata, signal)
    this.forget(record)
  }

  forget({ metadata }: StoredExecutingApp): void {
    this.#applied.delete(metadata.uid)
  }

  #runsEarlierSpec({ metadata, spec }: StoredExecutingApp): boolean {
    const live = this.#deps.store.deployments.get(metadata)
    return live !== undefined && live.metadata.annotations?.[Annotation.SpecHash] !== spec.specHash
  }

  /** A quota refused pods of a rollout; that lasts until the rollout is through, or it would turn back half-way. */
  #hasNoRoomToSurge({ metadata }: StoredExecutingApp): boolean {
    const live = this.#deps.store.deployments.get(metadata)
    if (live === undefined) return false
    const { replicas = 0, updatedReplicas = 0 } = live.status ?? {}
    const isRolling = updatedReplicas < (live.spec?.replicas ?? 1) || replicas > updatedReplicas
    if (!isRolling) return false
    if (live.spec?.strategy?.rollingUpdate?.maxSurge === 0) return true
    return this.#deps.store
      .replicaSetsOf(live)
      .some(({ status }) => status?.conditions?.some(isQuotaRefusal) === true)
  }

  async #applyAll(
    record: StoredExecutingApp,
    { configMaps, secrets, claims, deployment }: AppObjects,
    signal: AbortSignal,
  ): Promise<void> {
    // Files first: a pod that starts before them waits, and says so.
    for (const configMap of configMaps) await this.#applyConfigMap(record, configMap, signal)
    for (const secret of secrets) {
      const isMarked = this.#markOf(record, Secret, secret)?.hash === contentHash(secret)
      if (!isMarked) await this.#applyAndMark(record, Secret, secret, signal)
    }
    for (const claim of claims) {
      const hash = contentHash(claim)
      if (this.#markOf(record, PersistentVolumeClaim, claim)?.hash === hash) continue
      await applyClaim(this.#deps.client, record, claim, signal)
      this.#mark(record, PersistentVolumeClaim, claim, { hash, generation: undefined })
    }
    if (!this.#isAsApplied(record, deployment))
      await this.#applyAndMark(record, Deployment, deployment, signal)
  }

  async #applyConfigMap(
    record: StoredExecutingApp,
    desired: Applied<ConfigMap>,
    signal: AbortSignal,
  ): Promise<void> {
    const live = this.#deps.store.configMaps.get(desired.metadata)
    if (
      live !== undefined &&
      isSameMap(live.data, desired.data) &&
      isSameMap(live.binaryData, desired.binaryData) &&
      holds(live.metadata, desired.metadata)
    )
      return
    const applied = await this.#apply(record, ConfigMap, desired, signal)
    // A file somebody added belongs to them, and stays through an apply.
    const isWhole =
      isSameMap(applied.data, desired.data) && isSameMap(applied.binaryData, desired.binaryData)
    if (!isWhole) await this.#replace(ConfigMap, applied, desired, signal)
  }

  /**
   * Generation counts changes of a spec by anybody: while it is not beyond the one our apply left, nobody edited it.
   * At first sight the specs are compared; where a server rewrote ours (`1000m` is `1`), it is applied once more.
   */
  #isAsApplied(record: StoredExecutingApp, desired: Applied<Deployment>): boolean {
    const live = this.#deps.store.deployments.get(desired.metadata)
    if (live === undefined || !holds(live.metadata, desired.metadata)) return false
    const { generation = 0 } = live.metadata
    const mark = this.#markOf(record, Deployment, desired)
    const hash = contentHash(desired)
    if (mark !== undefined) return mark.hash === hash && generation <= (mark.generation ?? 0)
    if (!holds(live.spec, desired.spec) || !isControlledBy(live, record)) return false
    this.#mark(record, Deployment, desired, { hash, generation })
    return true
  }

  async #applyAndMark<T extends KubeObject>(
    record: StoredExecutingApp,
    kind: ResourceKind<T>,
    desired: Applied<T>,
    signal: AbortSignal,
  ): Promise<void> {
    let applied = await this.#apply(record, kind, desired, signal)
    if (foreignEntries(applied, desired).length > 0)
      applied = await this.#replace(kind, applied, desired, signal)
    const { generation } = applied.metadata
    this.#mark(record, kind, desired, { hash: contentHash(desired), generation })
  }

  async #apply<T extends KubeObject>(
    record: StoredExecutingApp,
    kind: ResourceKind<T>,
    desired: Applied<T>,
    signal: AbortSignal,
  ): Promise<Stored<T>> {
    const result = await this.#applyOrReplace(record, kind, desired, signal)
    if (result.kind === 'applied') return result.object
    throw new KubeError({ status: 403, reason: 'Forbidden', message: result.message })
  }

  /**
   * Server-side apply takes away what we said before and say no more, but not what the server added to it: of a probe
   * its defaults stay, which nobody accepts as a probe. What we own is written whole then.
   */
  async #applyOrReplace<T extends KubeObject>(
    record: StoredExecutingApp,
    kind: ResourceKind<T>,
    desired: Applied<T>,
    signal: AbortSignal,
  ): Promise<AppliedOwned<T>> {
    const { client } = this.#deps
    try {
      return await applyOwned(client, kind, desired, record, { signal })
    } catch (error) {
      if (!isInvalid(error)) throw error
      const live = await client.find(kind, desired.metadata, { signal })
      if (live === undefined || controllerOf(live)?.uid !== record.metadata.uid) throw error
      return { kind: 'applied', object: await this.#replace(kind, live, desired, signal) }
    }
  }

  /** The object whole, as wished: what server-side apply leaves to other owners goes. */
  async #replace<T extends KubeObject>(
    kind: ResourceKind<T>,
    applied: Stored<T>,
    desired: Applied<T>,
    signal: AbortSignal,
  ): Promise<Stored<T>> {
    const { resourceVersion, uid, ownerReferences, annotations } = applied.metadata
    return await this.#deps.client.update(
      kind,
      {
        ...desired,
        metadata: {
          ...desired.metadata,
          resourceVersion,
          uid,
          ...(ownerReferences && { ownerReferences }),
          annotations: { ...annotations, ...desired.metadata.annotations },
        },
      },
      { signal },
    )
  }

  /** Keeps the name it has; else the app's own if it is free; else one nobody else can have. */
  async #ensureService(
    record: StoredExecutingApp,
    spec: AppSpec,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { preferred, fallback } = serviceNames(record.spec.submitter.name, record.metadata.name)
    const own = this.#deps.store.services
      .ownedBy(record.metadata.uid)
      .map(({ metadata }) => metadata.name)
    const first = own.find((name) => name === preferred || name === fallback) ?? preferred
    for (const name of first === fallback ? [fallback] : [first, fallback]) {
      const { service } = appObjects(record, spec, {
        serviceName: name,
        hasNoRoomToSurge: false,
        securityLevel: 'baseline',
      })
      if (service === undefined) return undefined
      if ((await this.#applyService(record, service, signal)) === 'ours') return name
    }
    throw new KubeError({
      status: 403,
      reason: 'Forbidden',
      message: `Service name ${fallback} is taken`,
    })
  }

  async #applyService(
    record: StoredExecutingApp,
    desired: Applied<Service>,
    signal: AbortSignal,
  ): Promise<'ours' | 'taken'> {
    const live = this.#deps.store.services.get(desired.metadata)
    if (
      live?.metadata.ownerReferences?.some(({ uid }) => uid === record.metadata.uid) === true &&
      holds(live.metadata, desired.metadata) &&
      holds(live.spec, desired.spec) &&
      isSameMap(live.spec?.selector, desired.spec?.selector)
    )
      return 'ours'
    const result: AppliedOwned<Service> = await applyOwned(
      this.#deps.client,
      Service,
      desired,
      record,
      { signal },
    )
    if (result.kind === 'taken') return 'taken'
    const { object } = result
    const isWhole =
      foreignEntries(object.spec, desired.spec).length === 0 &&
      isSameMap(object.spec?.selector, desired.spec?.selector)
    if (!isWhole) await this.#replace(Service, object, withAddress(object, desired), signal)
    return 'ours'
  }

  /** What an earlier spec needed and this one does not. */
  async #removeStrays(
    record: StoredExecutingApp,
    objects: AppObjects,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, store } = this.#deps
    const { submitter, peer, secretValues, update } = record.spec
    const wanted = new Set(
      [
        ...objects.configMaps,
        ...objects.secrets,
        ...objects.claims,
        ...(objects.service ? [objects.service] : []),
      ].map(({ metadata }) => metadata.name),
    )
    for (const values of [secretValues, update?.secretValues])
      if (values !== undefined) wanted.add(values.secretName)
    const selection = {
      namespace: record.metadata.namespace,
      labelSelector: appSelector(submitter.uid, peer.fingerprint),
      signal,
    }
    for (const kind of [ConfigMap, Secret, Service, PersistentVolumeClaim] as const) {
      const { items } = await client.list<KubeObject>(kind, selection)
      for (const object of items)
        if (!wanted.has(object.metadata.name) && !isRetained(object))
          await store.remove(kind, object.metadata, signal)
    }
  }

  #markOf(
    { metadata }: StoredExecutingApp,
    kind: ResourceKind,
    object: Applied<KubeObject>,
  ): AppliedMark | undefined {
    return this.#applied.get(metadata.uid)?.get(markKey(kind, object))
  }

  #mark(
    { metadata }: StoredExecutingApp,
    kind: ResourceKind,
    object: Applied<KubeObject>,
    mark: AppliedMark,
  ): void {
    const marks = this.#applied.get(metadata.uid) ?? new Map<string, AppliedMark>()
    this.#applied.set(metadata.uid, marks.set(markKey(kind, object), mark))
  }
}

type ReplicaSetCondition = NonNullable<NonNullable<ReplicaSet['status']>['conditions']>[number]

const isQuotaRefusal = ({ type, status, message = '' }: ReplicaSetCondition): boolean =>
  type === 'ReplicaFailure' && status === 'True' && message.includes('exceeded quota')

const markKey = (kind: ResourceKind, { metadata }: Applied<KubeObject>): string =>
  `${kind.kind}/${metadata.name}`

/** A Service's address is given once and cannot be taken back by leaving it out. */
function withAddress(live: Stored<Service>, desired: Applied<Service>): Applied<Service> {
  const { clusterIP, clusterIPs } = live.spec ?? {}
  return {
    ...desired,
    spec: { ...desired.spec, ...(clusterIP && { clusterIP }), ...(clusterIPs && { clusterIPs }) },
  }
}
