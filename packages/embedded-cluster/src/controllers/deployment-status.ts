/** A Deployment's status from its ReplicaSets; pure. The words are those that kubectl looks for. */
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
} from 'kubernetes-types/apps/v1.js'
import { timestamp } from '../registry/metadata.ts'
import type { Stored } from '../registry/registry.ts'
import { withCondition, withoutCondition } from './conditions.ts'

export interface DeploymentObservation {
  /** The ReplicaSet of the present template, if it is there already. */
  readonly current: Stored<ReplicaSet> | undefined
  readonly all: readonly Stored<ReplicaSet>[]
  readonly maxUnavailable: number
  readonly collisionCount: number | undefined
  readonly nowMs: number
}

export function deploymentStatus(
  deployment: Stored<Deployment>,
  seen: DeploymentObservation,
): DeploymentStatus {
  const { current, all, collisionCount } = seen
  const total = (of: 'replicas' | 'readyReplicas' | 'availableReplicas'): number =>
    all.reduce((sum, { status }) => sum + (status?.[of] ?? 0), 0)
  const replicas = total('replicas')
  const availableReplicas = total('availableReplicas')
  // Pods of ReplicaSets that are being scaled down may still count as available.
  const wanted = all.reduce((sum, { spec }) => sum + (spec?.replicas ?? 0), 0)
  const unavailableReplicas = Math.max(0, wanted - availableReplicas)
  const status: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation ?? 1,
    replicas,
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: total('readyReplicas'),
    availableReplicas,
    ...(unavailableReplicas > 0 && { unavailableReplicas }),
    ...(collisionCount !== undefined && { collisionCount }),
  }
  return { ...status, conditions: conditionsOf(deployment, status, seen) }
}

function conditionsOf(
  deployment: Stored<Deployment>,
  status: DeploymentStatus,
  seen: DeploymentObservation,
): DeploymentCondition[] {
  const before = deployment.status?.conditions ?? []
  const isAvailable =
    (status.availableReplicas ?? 0) >= (deployment.spec?.replicas ?? 1) - seen.maxUnavailable
  const available = withCondition(
    before,
    {
      type: 'Available',
      ...(isAvailable
        ? {
            status: 'True',
            reason: 'MinimumReplicasAvailable',
            message: 'Deployment has minimum availability.',
          }
        : {
            status: 'False',
            reason: 'MinimumReplicasUnavailable',
            message: 'Deployment does not have minimum availability.',
          }),
    },
    seen.nowMs,
  )
  const progressing = progressingCondition(deployment, status, seen)
  const withProgress =
    progressing === undefined
      ? withoutCondition(available, 'Progressing')
      : withCondition(available, progressing, seen.nowMs)
  return stamped(before, withFailure(withProgress, seen), seen.nowMs)
}

function withFailure(
  conditions: DeploymentCondition[],
  { all, nowMs }: DeploymentObservation,
): DeploymentCondition[] {
  const failure = all
    .flatMap(({ status }) => status?.conditions ?? [])
    .find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure')
  const { type, status, reason, message } = failure
  return withCondition(
    conditions,
    { type, status, ...(reason && { reason }), ...(message && { message }) },
    nowMs,
  )
}

function progressingCondition(
  deployment: Stored<Deployment>,
  status: DeploymentStatus,
  seen: DeploymentObservation,
): DeploymentCondition | undefined {
  const { spec } = deployment
  if (spec?.progressDeadlineSeconds === undefined) return undefined
  const before = findProgressing(deployment)
  if (spec.paused === true) return progress('Unknown', 'DeploymentPaused', 'Deployment is paused')
  const { name } = (seen.current ?? deployment).metadata
  const what = seen.current === undefined ? `Deployment "${name}"` : `ReplicaSet "${name}"`
  if (isComplete(deployment, status)) {
    return progress('True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`)
  }
  if (
    hasProgressed(deployment, status) ||
    before === undefined ||
    before.reason === 'DeploymentPaused'
  ) {
    return {
      ...progress('True', 'ReplicaSetUpdated', `${what} is progressing.`),
      lastUpdateTime: timestamp(seen.nowMs),
    }
  }
  if (hasTimedOut(deployment, seen.nowMs)) {
    return progress('False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`)
  }
  return before.reason === 'NewReplicaSetAvailable' && before.status === 'True'
    ? progress('True', 'ReplicaSetUpdated', `${what} is progressing.`)
    : before
}

function progress(
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
): DeploymentCondition {
  return { type: 'Progressing', status, reason, message }
}

export function isComplete(
  { spec, metadata, status: before }: Stored<Deployment>,
  status: DeploymentStatus,
): boolean {
  const wanted = spec?.replicas ?? 1
  return (
    status.updatedReplicas === wanted &&
    status.replicas === wanted &&
    status.availableReplicas === wanted &&
    (status.observedGeneration ?? before?.observedGeneration ?? 0) >= (metadata.generation ?? 1)
  )
}

/** More new pods, fewer old ones, or more that serve than there were. */
function hasProgressed(
  { status: before, metadata }: Stored<Deployment>,
  status: DeploymentStatus,
): boolean {
  const old = (counts: DeploymentStatus | undefined): number =>
    (counts?.replicas ?? 0) - (counts?.updatedReplicas ?? 0)
  return (
    (status.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    old(status) < old(before) ||
    (status.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (before?.availableReplicas ?? 0) ||
    (before?.observedGeneration ?? 0) < (metadata.generation ?? 1)
  )
}

/** When the deadline passes, if the rollout does not get on; undefined when there is none to wait for. */
export function progressDeadline(deployment: Stored<Deployment>): number | undefined {
  const { progressDeadlineSeconds, paused } = deployment.spec ?? {}
  const condition = findProgressing(deployment)
  if (progressDeadlineSeconds === undefined || paused === true || condition?.status !== 'True')
    return undefined
  if (condition.reason === 'NewReplicaSetAvailable') return undefined
  return Date.parse(condition.lastUpdateTime ?? '') + progressDeadlineSeconds * 1000
}

function hasTimedOut(deployment: Stored<Deployment>, nowMs: number): boolean {
  if (findProgressing(deployment)?.reason === 'ProgressDeadlineExceeded') return true
  const deadline = progressDeadline(deployment)
  return deadline !== undefined && nowMs >= deadline
}

function findProgressing({ status }: Stored<Deployment>): DeploymentCondition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Progressing')
}

/** `lastUpdateTime` says when anything of a condition last changed. */
function stamped(
  before: readonly DeploymentCondition[],
  conditions: readonly DeploymentCondition[],
  nowMs: number,
): DeploymentCondition[] {
  return conditions.map((condition) => {
    const old = before.find(({ type }) => type === condition.type)
    const isSame =
      old?.status === condition.status &&
      old.reason === condition.reason &&
      old.message === condition.message
    const lastUpdateTime =
      condition.lastUpdateTime ?? (isSame ? old.lastUpdateTime : undefined) ?? timestamp(nowMs)
    return { ...condition, lastUpdateTime }
  })
}
