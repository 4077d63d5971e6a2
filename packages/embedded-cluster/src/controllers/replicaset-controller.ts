import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from 'kubernetes-types/apps/v1.js'
import type { Pod } from 'kubernetes-types/core/v1.js'
import type { EventRecorder } from '../events/event-recorder.ts'
import { type ApiError, isReason } from '../registry/api-error.ts'
import { Kinds } from '../registry/kinds.ts'
import type { WorkloadDeps } from '../registry/ports.ts'
import type { Stored } from '../registry/registry.ts'
import { withCondition, withoutCondition } from './conditions.ts'
import {
  claim,
  controllerOf,
  controllerRef,
  deleteObject,
  keyFor,
  matchesSelector,
} from './ownership.ts'
import { byExpendability, isActive, isReady, untilAvailable } from './pods.ts'
import { keyOf, objectKey, RegistryController } from './registry-controller.ts'

export interface ReplicaSetControllerDeps extends WorkloadDeps {
  readonly events: EventRecorder
}

/** After a refusal that will hardly change by itself: a quota, for instance. */
const refusedRetryMs = 10_000

/** Keeps as many pods of a template as were asked for. */
export function replicaSetController(deps: ReplicaSetControllerDeps): RegistryController {
  const { registry } = deps
  return new RegistryController(deps, {
    name: 'replicaset',
    watch: (enqueue) => [
      registry.watch(Kinds.ReplicaSet, {}, ({ object }) => enqueue(keyOf(object))),
      registry.watch(Kinds.Pod, {}, ({ object, previous }) => {
        for (const pod of previous === undefined ? [object] : [object, previous]) {
          for (const key of concerned(deps, pod)) enqueue(key)
        }
      }),
    ],
    reconcile: (key) => reconcile(deps, key),
  })
}

/** The controller of a pod; for an orphan, whoever may adopt it. */
function concerned({ registry }: ReplicaSetControllerDeps, pod: Stored<Pod>): string[] {
  const { namespace = '', labels } = pod.metadata
  const owner = controllerOf(pod)
  if (owner !== undefined) return owner.kind === 'ReplicaSet' ? [`${namespace}/${owner.name}`] : []
  return registry
    .list(Kinds.ReplicaSet, { namespace })
    .items.filter(({ spec }) => matchesSelector(spec?.selector, labels))
    .map(keyOf)
}

async function reconcile(deps: ReplicaSetControllerDeps, key: string): Promise<number | undefined> {
  const set = deps.registry.get(Kinds.ReplicaSet, objectKey(key))
  if (set === undefined) return undefined
  const before = await activePods(deps, set)
  const refusal =
    set.metadata.deletionTimestamp === undefined ? await scale(deps, set, before) : undefined
  const requeueAfterMs = await writeStatus(deps, set, refusal)
  return refusal === undefined
    ? requeueAfterMs
    : Math.min(refusedRetryMs, requeueAfterMs ?? refusedRetryMs)
}

async function activePods(
  { registry }: ReplicaSetControllerDeps,
  set: Stored<ReplicaSet>,
): Promise<Stored<Pod>[]> {
  return (await claim(registry, Kinds.Pod, set, set.spec?.selector)).filter(isActive)
}

type Refusal = Pick<ReplicaSetCondition, 'reason' | 'message'>

async function scale(
  deps: ReplicaSetControllerDeps,
  set: Stored<ReplicaSet>,
  pods: readonly Stored<Pod>[],
): Promise<Refusal | undefined> {
  const wanted = set.spec?.replicas ?? 1
  if (pods.length < wanted) return createPods(deps, set, wanted - pods.length)
  const surplus = pods.toSorted(byExpendability).slice(0, pods.length - wanted)
  await Promise.all(surplus.map((pod) => deletePod(deps, set, pod)))
  return undefined
}

/** 1, then 2, then 4 at once: what is refused for one will be refused for all, and need not be tried a hundred times. */
async function createPods(
  deps: ReplicaSetControllerDeps,
  set: Stored<ReplicaSet>,
  count: number,
): Promise<Refusal | undefined> {
  for (let done = 0, batch = 1; done < count; batch *= 2) {
    const size = Math.min(batch, count - done)
    const results = await Promise.allSettled(
      Array.from({ length: size }, () => createPod(deps, set)),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) return refusalOf(deps, set, failed.reason)
    done += size
  }
  return undefined
}

async function createPod(deps: ReplicaSetControllerDeps, set: Stored<ReplicaSet>): Promise<void> {
  const { metadata: template, spec } = set.spec?.template ?? {}
  const { labels, annotations, finalizers } = template ?? {}
  const pod: Pod = {
    metadata: {
      generateName: `${set.metadata.name}-`,
      ...(set.metadata.namespace !== undefined && { namespace: set.metadata.namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerRef(set)],
    },
    ...(spec && { spec }),
  }
  const created = await deps.registry.create(Kinds.Pod, pod, {
    fieldManager: 'replicaset-controller',
  })
  deps.events.record(set, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `Created pod: ${created.metadata.name}`,
  })
}

function refusalOf(
  { events }: ReplicaSetControllerDeps,
  set: Stored<ReplicaSet>,
  error: unknown,
): Refusal {
  // Anything else is no answer of the API server, and is tried again soon.
  if (!isReason(error, 'Forbidden', 'Invalid', 'BadRequest', 'NotFound', 'TooManyRequests'))
    throw error
  const message = withoutGeneratedName(error, set)
  events.record(set, {
    type: 'Warning',
    reason: 'FailedCreate',
    message: `Error creating: ${message}`,
  })
  return { reason: 'FailedCreate', message }
}

/**
 * The pod that was refused had a name of its own, which says nothing. With it the condition would change with each try,
 * and each change bring the next try: a loop without a pause.
 */
function withoutGeneratedName({ message, target }: ApiError, { metadata }: Stored): string {
  return message.replaceAll(`"${target.name ?? ''}"`, `"${metadata.name}-"`)
}

async function deletePod(
  { registry, events }: ReplicaSetControllerDeps,
  set: Stored<ReplicaSet>,
  pod: Stored<Pod>,
): Promise<void> {
  await deleteObject(registry, Kinds.Pod, pod)
  const message = `Deleted pod: ${pod.metadata.name}`
  events.record(set, { type: 'Normal', reason: 'SuccessfulDelete', message })
}

/** Returns when a pod that is ready will have been so for long enough. */
async function writeStatus(
  deps: ReplicaSetControllerDeps,
  set: Stored<ReplicaSet>,
  refusal: Refusal | undefined,
): Promise<number | undefined> {
  const nowMs = deps.clock.now()
  const pods = await activePods(deps, set)
  const waits = pods.map((pod) => untilAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs))
  const templateLabels = Object.entries(set.spec?.template?.metadata?.labels ?? {})
  const counts: ReplicaSetStatus = {
    replicas: pods.length,
    fullyLabeledReplicas: pods.filter(({ metadata: { labels = {} } }) =>
      templateLabels.every(([key, value]) => labels[key] === value),
    ).length,
    readyReplicas: pods.filter(isReady).length,
    availableReplicas: waits.filter((wait) => wait === 0).length,
    observedGeneration: set.metadata.generation ?? 1,
  }
  await deps.registry.modify(
    Kinds.ReplicaSet,
    keyFor(set),
    (draft) => {
      if (draft.metadata.uid !== set.metadata.uid) return false
      const conditions = conditionsOf(draft.status?.conditions ?? [], refusal, nowMs)
      return Object.assign(draft, {
        status: { ...counts, ...(conditions.length > 0 && { conditions }) },
      })
    },
    { subresource: 'status', fieldManager: 'replicaset-controller' },
  )
  const pending = waits.filter((wait) => wait !== undefined && wait > 0) as number[]
  return pending.length === 0 ? undefined : Math.min(...pending)
}

function conditionsOf(
  before: readonly ReplicaSetCondition[],
  refusal: Refusal | undefined,
  nowMs: number,
): ReplicaSetCondition[] {
  return refusal === undefined
    ? withoutCondition(before, 'ReplicaFailure')
    : withCondition(before, { type: 'ReplicaFailure', status: 'True', ...refusal }, nowMs)
}
