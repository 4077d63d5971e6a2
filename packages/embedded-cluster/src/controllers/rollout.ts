import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js'
import type { EventRecorder } from '../events/event-recorder.ts'
import { isReason } from '../registry/api-error.ts'
import { Kinds } from '../registry/kinds.ts'
import type { WorkloadDeps } from '../registry/ports.ts'
import type { Stored } from '../registry/registry.ts'
import { deploymentStatus, isComplete, progressDeadline } from './deployment-status.ts'
import { controllerRef, deleteObject, keyFor } from './ownership.ts'
import { hashLabel, isSameTemplate, templateHash, withHash } from './pod-template.ts'
import {
  nextScaling,
  proportionalScaling,
  resolvePercent,
  type Revision,
} from './rolling-update.ts'

export interface DeploymentControllerDeps extends WorkloadDeps {
  readonly events: EventRecorder
}

const manager = { fieldManager: 'deployment-controller' }
const revisionAnnotation = 'deployment.kubernetes.io/revision'
/** What the Deployment wanted when the ReplicaSet was last scaled: by this a change of `replicas` is noticed. */
const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas'
const maxAnnotation = 'deployment.kubernetes.io/max-replicas'

/** One Deployment with its ReplicaSets, as read at the start of a reconcile. */
export class Rollout {
  readonly #deps: DeploymentControllerDeps
  readonly #deployment: Stored<Deployment>
  readonly #replicas: number
  readonly #maxSurge: number
  readonly #maxUnavailable: number
  #sets: Stored<ReplicaSet>[]
  #current: Stored<ReplicaSet> | undefined
  #collisionCount: number | undefined

  constructor(
    deps: DeploymentControllerDeps,
    deployment: Stored<Deployment>,
    sets: Stored<ReplicaSet>[],
  ) {
    const { replicas = 1, strategy, template } = deployment.spec ?? {}
    this.#deps = deps
    this.#deployment = deployment
    this.#sets = sets
    this.#replicas = replicas
    this.#collisionCount = deployment.status?.collisionCount
    const isRolling = strategy?.type !== 'Recreate'
    const { maxSurge, maxUnavailable } = strategy?.rollingUpdate ?? {}
    this.#maxSurge = isRolling ? resolvePercent(maxSurge, replicas, 'up') : 0
    const unavailable = isRolling ? resolvePercent(maxUnavailable, replicas, 'down') : 0
    // Neither more nor fewer than wanted at any time: then nothing could ever be replaced.
    const isStuck = isRolling && this.#maxSurge === 0 && unavailable === 0
    this.#maxUnavailable = isStuck ? 1 : Math.min(unavailable, replicas)
    this.#current = oldestFirst(sets).find((set) => isSameTemplate(set.spec?.template, template))
  }

  async step(): Promise<void> {
    await this.#noteRevision()
    if (this.#deployment.spec?.paused === true || this.#wasScaled()) await this.#scaleAll()
    else if (this.#deployment.spec?.strategy?.type === 'Recreate') await this.#recreate()
    else await this.#roll()
    await this.#forgetHistory()
  }

  /** Returns after which time the rollout counts as stuck, if nothing happens. */
  async writeStatus(): Promise<number | undefined> {
    const { registry, clock } = this.#deps
    const seen = {
      current: this.#fresh(this.#current),
      all: this.#sets.map((set) => this.#fresh(set)).filter((set) => set !== undefined),
      maxUnavailable: this.#maxUnavailable,
      collisionCount: this.#collisionCount,
      nowMs: clock.now(),
    }
    const written = await registry.modify(
      Kinds.Deployment,
      keyFor(this.#deployment),
      (draft) => {
        // What was seen belongs to the spec that was read.
        if (draft.metadata.uid !== this.#deployment.metadata.uid) return false
        if (draft.metadata.generation !== this.#deployment.metadata.generation) return false
        return Object.assign(draft, { status: deploymentStatus(draft, seen) })
      },
      { subresource: 'status', ...manager },
    )
    const deadline = written && progressDeadline(written)
    return deadline === undefined ? undefined : Math.max(0, deadline - clock.now())
  }

  get #old(): Stored<ReplicaSet>[] {
    return this.#sets.filter((set) => set !== this.#current)
  }

  /** The present revision carries the highest number, also when it is an old one that came back. */
  async #noteRevision(): Promise<void> {
    if (this.#current === undefined) return
    const highest = Math.max(0, ...this.#old.map(revisionOf))
    if (revisionOf(this.#current) <= highest) {
      await this.#editCurrent(this.#current, { [revisionAnnotation]: String(highest + 1) })
    }
    await this.#showRevision(this.#current)
  }

  async #editCurrent(
    set: Stored<ReplicaSet>,
    annotations: Readonly<Record<string, string>>,
  ): Promise<void> {
    const edited = await this.#deps.registry.modify(
      Kinds.ReplicaSet,
      keyFor(set),
      ({ metadata }) =>
        Object.assign(metadata, { annotations: { ...metadata.annotations, ...annotations } }),
      manager,
    )
    if (edited !== undefined) this.#replace(set, edited)
  }

  async #showRevision(current: Stored<ReplicaSet>): Promise<void> {
    const revision = String(revisionOf(current))
    if (this.#deployment.metadata.annotations?.[revisionAnnotation] === revision) return
    await this.#deps.registry.modify(
      Kinds.Deployment,
      keyFor(this.#deployment),
      ({ metadata }) =>
        Object.assign(metadata, {
          annotations: { ...metadata.annotations, [revisionAnnotation]: revision },
        }),
      manager,
    )
  }

  #wasScaled(): boolean {
    return this.#sets.some(({ spec, metadata }) => {
      const desired = metadata.annotations?.[desiredAnnotation]
      return (
        (spec?.replicas ?? 0) > 0 && desired !== undefined && Number(desired) !== this.#replicas
      )
    })
  }

  /** Scales what is there, without going on with the rollout. */
  async #scaleAll(): Promise<void> {
    const active = this.#sets.filter(({ spec }) => (spec?.replicas ?? 0) > 0)
    const only = active.length === 0 ? (this.#current ?? oldestFirst(this.#sets).at(-1)) : active[0]
    if (active.length <= 1) {
      if (only !== undefined) await this.#scale(only, this.#replicas)
      return
    }
    const target = this.#replicas > 0 ? this.#replicas + this.#maxSurge : 0
    const next = proportionalScaling(active.map(asRevision), target)
    for (const set of active)
      await this.#scale(set, next.get(set.metadata.name) ?? set.spec?.replicas ?? 0)
  }

  async #recreate(): Promise<void> {
    for (const set of this.#old) await this.#scale(set, 0)
    if (this.#old.some((set) => this.#hasPods(set))) return
    await this.#scale(await this.#ensureCurrent(), this.#replicas)
  }

  /** Also those that are still ending: old and new must never run at the same time. */
  #hasPods(set: Stored<ReplicaSet>): boolean {
    return this.#deps.registry.dependentsOf(set.metadata.uid).some(({ kind, metadata }) => {
      const pod =
        kind === 'Pod'
          ? this.#deps.registry.get(Kinds.Pod, keyFor({ metadata } as Stored))
          : undefined
      return (
        pod !== undefined && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed'
      )
    })
  }

  async #roll(): Promise<void> {
    const current = await this.#ensureCurrent()
    const next = nextScaling({
      replicas: this.#replicas,
      maxSurge: this.#maxSurge,
      maxUnavailable: this.#maxUnavailable,
      current: asRevision(current),
      old: this.#old.map(asRevision),
    })
    for (const set of this.#sets) {
      const replicas = next.get(set.metadata.name)
      if (replicas !== undefined) await this.#scale(set, replicas)
    }
  }

  async #ensureCurrent(): Promise<Stored<ReplicaSet>> {
    if (this.#current !== undefined) return this.#current
    const { spec, metadata } = this.#deployment
    const hash = templateHash(spec?.template, this.#collisionCount)
    const template = withHash(spec?.template, hash)
    const revision = Math.max(0, ...this.#sets.map(revisionOf)) + 1
    const set: ReplicaSet = {
      metadata: {
        name: `${metadata.name}-${hash}`,
        ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
        labels: { ...template.metadata?.labels },
        annotations: {
          ...ownAnnotations(metadata.annotations),
          [revisionAnnotation]: String(revision),
          [desiredAnnotation]: String(this.#replicas),
          [maxAnnotation]: String(this.#replicas + this.#maxSurge),
        },
        ownerReferences: [controllerRef(this.#deployment)],
      },
      spec: {
        replicas: this.#firstReplicas(),
        ...(spec?.minReadySeconds !== undefined && { minReadySeconds: spec.minReadySeconds }),
        selector: {
          ...spec?.selector,
          matchLabels: { ...spec?.selector.matchLabels, [hashLabel]: hash },
        },
        template,
      },
    }
    const created = await this.#createSet(set)
    this.#sets.push(created)
    this.#current = created
    this.#tellScaled(created, 0, created.spec?.replicas ?? 0)
    await this.#showRevision(created)
    return created
  }

  /** What the surge leaves room for from the start, so that a fresh Deployment needs no second step. */
  #firstReplicas(): number {
    const present = this.#sets.reduce((sum, { spec }) => sum + (spec?.replicas ?? 0), 0)
    return Math.max(0, Math.min(this.#replicas, this.#replicas + this.#maxSurge - present))
  }

  async #createSet(set: ReplicaSet): Promise<Stored<ReplicaSet>> {
    try {
      return await this.#deps.registry.create(Kinds.ReplicaSet, set, manager)
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) {
        // The name is taken by a ReplicaSet of another template, or of another owner: with this the next one differs.
        this.#collisionCount = (this.#collisionCount ?? 0) + 1
        await this.writeStatus()
      } else if (isReason(error, 'Forbidden', 'Invalid')) {
        const message = `Failed to create new replica set "${set.metadata?.name ?? ''}": ${error.message}`
        this.#deps.events.record(this.#deployment, {
          type: 'Warning',
          reason: 'ReplicaSetCreateError',
          message,
        })
      }
      throw error
    }
  }

  async #scale(set: Stored<ReplicaSet>, replicas: number): Promise<void> {
    const before = set.spec?.replicas ?? 0
    const annotations = {
      [desiredAnnotation]: String(this.#replicas),
      [maxAnnotation]: String(this.#replicas + this.#maxSurge),
    }
    const scaled = await this.#deps.registry.modify(
      Kinds.ReplicaSet,
      keyFor(set),
      (draft) => {
        if (draft.spec === undefined) return false
        draft.spec.replicas = replicas
        return Object.assign(draft.metadata, {
          annotations: { ...draft.metadata.annotations, ...annotations },
        })
      },
      manager,
    )
    if (scaled === undefined) return
    this.#replace(set, scaled)
    if (before !== replicas) this.#tellScaled(scaled, before, replicas)
  }

  #tellScaled({ metadata }: Stored<ReplicaSet>, from: number, to: number): void {
    const direction = to > from ? 'up' : 'down'
    const message = `Scaled ${direction} replica set ${metadata.name} from ${from} to ${to}`
    this.#deps.events.record(this.#deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message,
    })
  }

  /** Old revisions are kept for `rollout undo`, as many as the spec says, and only once they are not needed any more. */
  async #forgetHistory(): Promise<void> {
    if (!isComplete(this.#deployment, this.#deployment.status ?? {})) return
    const limit = this.#deployment.spec?.revisionHistoryLimit ?? 10
    const idle = this.#old
      .filter(({ spec, status, metadata }) => {
        const isEmpty = spec?.replicas === 0 && (status?.replicas ?? 0) === 0
        return isEmpty && metadata.deletionTimestamp === undefined
      })
      .toSorted((a, b) => revisionOf(a) - revisionOf(b))
    const surplus = idle.slice(0, Math.max(0, idle.length - limit))
    for (const set of surplus) await deleteObject(this.#deps.registry, Kinds.ReplicaSet, set)
    this.#sets = this.#sets.filter((set) => !surplus.includes(set))
  }

  #replace(before: Stored<ReplicaSet>, after: Stored<ReplicaSet>): void {
    this.#sets = this.#sets.map((set) => (set === before ? after : set))
    if (this.#current === before) this.#current = after
  }

  #fresh(set: Stored<ReplicaSet> | undefined): Stored<ReplicaSet> | undefined {
    const found = set && this.#deps.registry.get(Kinds.ReplicaSet, keyFor(set))
    return found?.metadata.uid === set?.metadata.uid ? found : undefined
  }
}

function asRevision({ metadata, spec, status }: Stored<ReplicaSet>): Revision {
  return {
    name: metadata.name,
    replicas: spec?.replicas ?? 0,
    available: Math.min(spec?.replicas ?? 0, status?.availableReplicas ?? 0),
    createdAt: metadata.creationTimestamp,
  }
}

function oldestFirst(sets: readonly Stored<ReplicaSet>[]): Stored<ReplicaSet>[] {
  return sets.toSorted((a, b) =>
    a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp),
  )
}

function revisionOf({ metadata }: Stored<ReplicaSet>): number {
  return Number(metadata.annotations?.[revisionAnnotation] ?? 0)
}

/** What people wrote on the Deployment shows on its ReplicaSets; what tools note for themselves does not. */
function ownAnnotations(
  annotations: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const notCopied = [
    'kubectl.kubernetes.io/last-applied-configuration',
    revisionAnnotation,
    desiredAnnotation,
    maxAnnotation,
  ]
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !notCopied.includes(key)))
}
