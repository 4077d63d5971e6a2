/** The conditions of an app at its host, each with its reason, from what its objects show. */
import {
  Annotation,
  AppConditionType,
  AppReason,
  type AppVerdict,
  type Hold,
} from '@porpulsion/contract'
import {
  findCondition,
  type Clock,
  type Deployment,
  type KubeEvent,
  type ObservedCondition,
  type Pod,
  type ReplicaSet,
} from '@porpulsion/kube'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import { formatProblem, isReady, podProblem, type PodProblem } from './kube-pod-problem.ts'
import { shortMessage } from './short-message.ts'
import { heldPart, rejection } from './submission-rules.ts'

export interface AppObservation {
  readonly record: StoredExecutingApp
  readonly deployment: Deployment | undefined
  readonly replicaSets: readonly ReplicaSet[]
  readonly pods: readonly Pod[]
  readonly events: readonly KubeEvent[]
  readonly serviceName: string | undefined
  /** What the API server refused of it, if anything. */
  readonly deployProblem: string | undefined
  /** Of a container that crashed. */
  readonly lastLogLine: (pod: Pod) => string | undefined
}

export interface ConditionContext extends AppObservation {
  readonly isReady: boolean
  readonly firstReadyTime: string | undefined
  readonly clock: Clock
}

/** In the order an app passes them. */
export function appConditions(context: ConditionContext): ObservedCondition[] {
  return [
    acceptedCondition(context.record),
    approvedCondition(context.record),
    deployedCondition(context),
    readyCondition(context),
  ]
}

/** `wasReadyAt`: when all replicas of this generation were ready for the first time. */
export function isAppReady(observation: AppObservation, wasReadyAt: string | undefined): boolean {
  if (observation.record.spec.hold !== undefined) return false
  const counts = countsOf(observation)
  return wasReadyAt === undefined
    ? isCurrent(observation) && isComplete(counts)
    : isStillReady(counts)
}

/** When the app runs out of time to become ready; undefined while it is ready, or is not to run. */
export function readyDeadlineMs(record: StoredExecutingApp): number | undefined {
  const ready = findCondition(record.status?.conditions, AppConditionType.Ready)
  if (ready?.status === 'True' || record.spec.hold !== undefined) return undefined
  const timeoutMs = (record.spec.app.readyTimeoutSeconds ?? 300) * 1_000
  // Both when it was last changed and when it was last ready start the time anew.
  const lostAt = ready === undefined ? 0 : Date.parse(ready.lastTransitionTime)
  return Math.max(acceptedAtMs(record), lostAt) + timeoutMs
}

export interface RefusedUpdate extends Pick<AppVerdict, 'reason' | 'message'> {
  readonly generation: number
}

export function refusedUpdateOf(record: StoredExecutingApp): RefusedUpdate | undefined {
  const text = record.metadata.annotations?.[Annotation.RefusedUpdate]
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as RefusedUpdate // written by us; a spoilt one is as good as none
  } catch {
    return undefined
  }
}

function acceptedAtMs({ metadata }: StoredExecutingApp): number {
  const text = metadata.annotations?.[Annotation.AcceptedAt] ?? metadata.creationTimestamp
  const time = Date.parse(text)
  return Number.isNaN(time) ? Date.parse(metadata.creationTimestamp) : time
}

/** The Deployment is made from this record, and its controller has seen that. */
function isCurrent({ record, deployment }: AppObservation): boolean {
  return (
    deployment?.metadata?.annotations?.[Annotation.SpecHash] === record.spec.specHash &&
    (deployment.status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

interface Counts {
  readonly desired: number
  readonly replicas: number
  readonly updated: number
  readonly ready: number
}

function countsOf({ record, deployment }: AppObservation): Counts {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0 } = deployment?.status ?? {}
  const desired = record.spec.app.replicas ?? 1
  return { desired, replicas, updated: updatedReplicas, ready: readyReplicas }
}

/** A generation becomes ready when nothing else runs any more. */
const isComplete = ({ desired, replicas, updated, ready }: Counts): boolean =>
  replicas === desired && updated === desired && ready === desired

/** From then on, pods that replace each other are no loss, as long as enough of them are ready. */
const isStillReady = ({ desired, replicas, ready }: Counts): boolean =>
  desired === 0 ? replicas === 0 : ready >= desired

function acceptedCondition(record: StoredExecutingApp): ObservedCondition {
  const type = AppConditionType.Accepted
  const refused = refusedUpdateOf(record)
  if (refused !== undefined)
    return {
      type,
      status: 'False',
      reason: refused.reason,
      message: refused.message,
      observedGeneration: refused.generation,
    }
  const { hold, submitter } = record.spec
  if (hold?.state === 'Stopped')
    return {
      type,
      status: 'False',
      ...heldBack(hold),
      observedGeneration: submitter.generation,
    }
  return {
    type,
    status: 'True',
    reason: AppReason.Accepted,
    message: `Admitted under revision ${record.spec.policyRevision} of the rules`,
    observedGeneration: record.spec.submitter.generation,
  }
}

function approvedCondition(record: StoredExecutingApp): ObservedCondition {
  const type = AppConditionType.Approved
  const { approval, submitter } = record.spec
  const held = heldPart(record.spec)
  const decided = { type, observedGeneration: (held ?? record.spec).submitter.generation }
  if (held?.hold.state === 'Pending')
    return {
      ...decided,
      status: 'False',
      reason: 'ApprovalPending',
      message: `Waits for approval since ${held.hold.since}`,
    }
  if (held?.hold.state === 'Rejected')
    return {
      ...decided,
      status: 'False',
      reason: 'ApprovalRejected',
      message: rejection(held.hold),
    }
  const base = { type, status: 'True', observedGeneration: submitter.generation } as const
  if (approval === undefined)
    return { ...base, reason: AppReason.NotRequired, message: 'This cluster asks for no approval' }
  const note = approval.note === undefined ? '' : `: ${approval.note}`
  return {
    ...base,
    reason: AppReason.Approved,
    message: shortMessage(`Approved by ${approval.by} at ${approval.at}${note}`),
  }
}

/** Why nothing of an app runs though its host has a record of it; undefined when it is to run. */
function heldBack(hold: Hold): { readonly reason: string; readonly message: string } {
  switch (hold.state) {
    case 'Pending':
      return { reason: 'ApprovalPending', message: 'Nothing runs before it is approved' }
    case 'Rejected':
      return { reason: 'ApprovalRejected', message: rejection(hold) }
    case 'Stopped':
      return {
        reason: hold.reason ?? 'Stopped',
        message: shortMessage(
          `Stopped by ${hold.by ?? 'its owner'}: ${hold.note ?? 'it breaks a rule'}`,
        ),
      }
    default:
      return hold.state satisfies never
  }
}

function deployedCondition(observation: AppObservation): ObservedCondition {
  const { record, deployment, deployProblem } = observation
  const type = AppConditionType.Deployed
  const observedGeneration = record.spec.submitter.generation
  const { hold } = record.spec
  if (hold !== undefined) return { type, status: 'False', ...heldBack(hold), observedGeneration }
  if (deployProblem !== undefined)
    return {
      type,
      status: 'False',
      reason: AppReason.DeployFailed,
      message: shortMessage(deployProblem),
      observedGeneration,
    }
  const made = Number(deployment?.metadata?.annotations?.[Annotation.Generation])
  if (deployment === undefined || Number.isNaN(made))
    return {
      type,
      status: 'False',
      reason: AppReason.Starting,
      message: 'The Deployment is being made',
      observedGeneration,
    }
  return {
    type,
    status: 'True',
    reason: AppReason.Deployed,
    message: `Runs as Deployment ${record.metadata.name}`,
    observedGeneration: made,
  }
}

function readyCondition(context: ConditionContext): ObservedCondition {
  const { record, isReady } = context
  const desired = record.spec.app.replicas ?? 1
  const base = {
    type: AppConditionType.Ready,
    observedGeneration: record.spec.submitter.generation,
  }
  const { hold } = record.spec
  if (hold !== undefined) return { ...base, status: 'False', ...heldBack(hold) }
  if (isReady)
    return desired === 0
      ? { ...base, status: 'True', reason: AppReason.ScaledToZero, message: 'Scaled to 0 replicas' }
      : {
          ...base,
          status: 'True',
          reason: AppReason.AllReplicasReady,
          message: `${desired} of ${desired} replicas are ready`,
        }
  const problem = firstProblem(context)
  const message = shortMessage(problem === undefined ? progressOf(context) : formatProblem(problem))
  const deadline = readyDeadlineMs(record)
  const seconds = record.spec.app.readyTimeoutSeconds ?? 300
  if (deadline !== undefined && context.clock.now() >= deadline)
    return {
      ...base,
      status: 'False',
      reason: AppReason.NotReadyInTime,
      message: `Not ready after ${seconds} s: ${message}`,
    }
  return { ...base, status: 'False', reason: problem?.reason ?? progressReason(context), message }
}

/** What Kubernetes says is a word of its own making; a condition's reason has to be one. */
const reasonWord = /^[A-Za-z][A-Za-z0-9]{0,127}$/

function firstProblem(context: ConditionContext): PodProblem | undefined {
  const { pods, replicaSets, events, lastLogLine } = context
  const ofPods = [...pods]
    .filter((pod) => pod.metadata?.deletionTimestamp === undefined && !isReady(pod))
    // Of several the newest: it shows what the present spec does.
    .sort(
      (a, b) =>
        Date.parse(b.metadata?.creationTimestamp ?? '') -
        Date.parse(a.metadata?.creationTimestamp ?? ''),
    )
    .map((pod) => podProblem(pod, lastLogLine(pod), events))
    .find((problem) => problem !== undefined)
  const problem = ofPods ?? refusedPods(replicaSets)
  if (problem === undefined) return undefined
  return reasonWord.test(problem.reason)
    ? problem
    : { reason: 'PodProblem', message: formatProblem(problem) }
}

/** Quota and pod security refuse pods, not Deployments: only the ReplicaSet knows. */
function refusedPods(replicaSets: readonly ReplicaSet[]): PodProblem | undefined {
  for (const { status } of replicaSets) {
    const failure = status?.conditions?.find(
      ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
    )
    if (failure !== undefined)
      return { reason: failure.reason ?? 'FailedCreate', message: refusal(failure.message ?? '') }
  }
  return undefined
}

/** Of `pods "web-6f7d" is forbidden: …`: the pod never was, and has another name in each attempt. */
const refusal = (message: string): string =>
  message.replace(/^pods "[^"]*" is forbidden: /, 'Kubernetes refused its pods: ')

function progressOf(context: ConditionContext): string {
  const { desired, replicas, updated, ready } = countsOf(context)
  if (ready < desired) return `${ready} of ${desired} replicas are ready`
  if (updated < desired) return `${updated} of ${desired} replicas are updated`
  const former = replicas - desired
  return former === 1 ? '1 former replica is ending' : `${former} former replicas are ending`
}

function progressReason(context: ConditionContext): string {
  const { firstReadyTime, record } = context
  const { desired, updated } = countsOf(context)
  if (firstReadyTime !== undefined)
    return updated < desired ? AppReason.Updating : AppReason.ReplicasLost
  const wasReady = record.status?.firstReadyTime !== undefined
  const reason = findCondition(record.status?.conditions, AppConditionType.Ready)?.reason
  return wasReady || reason === AppReason.Updating ? AppReason.Updating : AppReason.Starting
}
