/** `RemoteApp.status` as one function of what is known. Everything in it can be worked out again at any time. */
import {
  AppConditionType,
  AppReason,
  type Condition,
  type ObservedAppStatus,
  type RemoteApp,
  type RemoteAppStatus,
} from '@porpulsion/contract'
import {
  findCondition,
  kubeTime,
  setConditions,
  type Clock,
  type ObservedCondition,
} from '@porpulsion/kube'
import { appPhase } from './app-phase.ts'
import { isSameContent } from './canonical-json.ts'
import type { Obstacle, SubmissionRecord } from './submission-record.ts'

export interface RemoteAppKnowledge {
  readonly app: RemoteApp
  /** Of the app as it is now. */
  readonly specHash: string
  readonly record: SubmissionRecord
  /** Why nothing can be sent at present. */
  readonly obstacle: Obstacle | undefined
  /** It has lasted so long that what is known of the host no longer counts as true. */
  readonly isStale: boolean
  readonly deletion: RemoteAppStatus['deletion']
}

export function remoteAppStatus(knowledge: RemoteAppKnowledge, clock: Clock): RemoteAppStatus {
  const { app, record, deletion } = knowledge
  const previous = app.status
  const isStale = knowledge.isStale || awaitsReport(knowledge)
  const observed = observedByHost(knowledge)
  const conditions = setConditions(
    previous?.conditions ?? [],
    [
      accepted(knowledge),
      fromHost(knowledge, AppConditionType.Approved),
      fromHost(knowledge, AppConditionType.Deployed),
      isStale ? staleReady(knowledge) : fromHost(knowledge, AppConditionType.Ready),
      synced(knowledge),
    ],
    clock,
  )
  const isDeleting = app.metadata.deletionTimestamp !== undefined
  const phase = appPhase({ ...observed, conditions, isDeleting, isStale })
  const { bootId, sequence, statusHash } = record.report?.report ?? {}
  const status: RemoteAppStatus = {
    ...observed,
    conditions: [...conditions],
    phase,
    message: '',
    ...(previous?.observedAt !== undefined && { observedAt: previous.observedAt }),
    ...kept(previous, 'hostBootId', bootId),
    ...kept(previous, 'hostSequence', sequence === undefined ? undefined : String(sequence)),
    // Without it the host sends its status again: what is shown now is not all of what it said.
    ...(!isStale && kept(previous, 'hostStatusHash', statusHash)),
    ...(deletion && { deletion }),
  }
  const observedAt = receiptTime(knowledge, status)
  return {
    ...status,
    ...(observedAt !== undefined && { observedAt }),
    message: statusMessage(knowledge, { ...status, ...(observedAt && { observedAt }) }),
  }
}

/**
 * This agent restarted while the link was down, so that only the host can tell how the app is; it will, because no
 * status hash of its own comes back to it.
 */
function awaitsReport({ app, record }: RemoteAppKnowledge): boolean {
  const { phase, conditions } = app.status ?? {}
  return (
    phase === 'Unknown' &&
    record.report === undefined &&
    record.verdict?.verdict !== 'Refused' &&
    findCondition(conditions, AppConditionType.Deployed)?.status === 'True'
  )
}

/** Whether a status is worth writing: a report that says nothing new only moves its position. */
export function isSameStatus(a: RemoteAppStatus | undefined, b: RemoteAppStatus): boolean {
  return isSameContent(a && withoutPosition(a), withoutPosition(b))
}

function withoutPosition({ hostSequence: _s, hostBootId: _b, ...rest }: RemoteAppStatus): object {
  return rest
}

type Observed = Omit<ObservedAppStatus, 'conditions'>

/** Counts, pods and events: of the newest report, or as they were when this agent last knew. */
function observedByHost({ app, record, specHash }: RemoteAppKnowledge): Observed {
  const report = record.report?.report
  if (report === undefined) {
    const shown = withoutConditions(app.status)
    const { generation } = app.metadata
    return record.shownSpecHash === specHash && generation !== undefined
      ? { ...shown, observedGeneration: generation }
      : shown
  }
  const { conditions: _, ...observed } = report.status
  // The host knows the content by its hash; a generation that changed nothing is as good as observed.
  const generation =
    report.specHash === specHash ? app.metadata.generation : report.status.observedGeneration
  const { observedGeneration: _g, ...rest } = observed
  return { ...rest, ...(generation !== undefined && { observedGeneration: generation }) }
}

function withoutConditions(status: RemoteAppStatus | undefined): Observed {
  return {
    replicas: status?.replicas ?? 0,
    readyReplicas: status?.readyReplicas ?? 0,
    updatedReplicas: status?.updatedReplicas ?? 0,
    ...pick(status, ['observedGeneration', 'pods', 'events', 'serviceName', 'firstReadyTime']),
  }
}

function accepted(knowledge: RemoteAppKnowledge): ObservedCondition {
  const { app, record, specHash, obstacle } = knowledge
  const peer = app.spec.targetPeer
  const base = { type: AppConditionType.Accepted, ...generationOf(app) }
  const { verdict } = record
  const stopped = stoppedAtHost(knowledge)
  if (stopped !== undefined) return { ...base, status: 'False', ...stopped }
  if (verdict?.specHash === specHash)
    return verdict.verdict === 'Accepted'
      ? {
          ...base,
          status: 'True',
          reason: AppReason.Accepted,
          message: `Peer "${peer}" accepted it`,
        }
      : {
          ...base,
          status: 'False',
          reason: verdict.reason,
          message: `Peer "${peer}" refused it: ${verdict.message}`,
        }
  if (obstacle?.reason === AppReason.InvalidSpec)
    return { ...base, status: 'False', reason: obstacle.reason, message: obstacle.message }
  const known = findCondition(app.status?.conditions, AppConditionType.Accepted)
  if (known !== undefined && known.status !== 'Unknown' && isOfThisGeneration(known, app))
    return known
  return {
    ...base,
    status: 'Unknown',
    reason: AppReason.AwaitingHost,
    message: `Peer "${peer}" has not judged this generation yet`,
  }
}

/** It was accepted, and the owner of the host stopped it since. */
function stoppedAtHost({ app, record, specHash }: RemoteAppKnowledge): Obstacle | undefined {
  const report = record.report?.report
  if (report?.specHash !== specHash || record.verdict?.verdict === 'Refused') return undefined
  const said = findCondition(report.status.conditions, AppConditionType.Accepted)
  if (said?.status !== 'False' || !isOfThisGeneration(said, app)) return undefined
  const { reason, message } = said
  return { reason, message: `Peer "${app.spec.targetPeer}" does not run it any more: ${message}` }
}

function fromHost(knowledge: RemoteAppKnowledge, type: AppConditionType): ObservedCondition {
  const { app, record, specHash } = knowledge
  const report = record.report?.report
  const said = findCondition(report?.status.conditions, type)
  if (said !== undefined) {
    const generation =
      report?.specHash === specHash ? app.metadata.generation : said.observedGeneration
    const { lastTransitionTime: _t, observedGeneration: _g, ...rest } = said
    return { ...rest, ...(generation !== undefined && { observedGeneration: generation }) }
  }
  return (
    findCondition(app.status?.conditions, type) ?? {
      type,
      status: 'Unknown',
      reason: AppReason.AwaitingHost,
      message: `Peer "${app.spec.targetPeer}" has not reported yet`,
    }
  )
}

/** Nobody may act on a Ready that may be long past. */
function staleReady(knowledge: RemoteAppKnowledge): ObservedCondition {
  const { obstacle } = knowledge
  const { status: _, reason, ...last } = fromHost(knowledge, AppConditionType.Ready)
  return { ...last, status: 'Unknown', reason: obstacle?.reason ?? reason }
}

function synced({ app, record, specHash, obstacle }: RemoteAppKnowledge): ObservedCondition {
  const peer = app.spec.targetPeer
  const base = { type: AppConditionType.Synced, ...generationOf(app) }
  const problem = obstacle ?? record.failure
  if (problem !== undefined) return { ...base, status: 'False', ...problem }
  if (app.metadata.deletionTimestamp !== undefined)
    return {
      ...base,
      status: 'False',
      reason: AppReason.Deleting,
      message: `Peer "${peer}" is removing it`,
    }
  return record.verdict?.specHash === specHash
    ? {
        ...base,
        status: 'True',
        reason: AppReason.Synced,
        message: `Peer "${peer}" knows this generation`,
      }
    : {
        ...base,
        status: 'False',
        reason: AppReason.Submitting,
        message: `This generation is on its way to peer "${peer}"`,
      }
}

/** When what is shown arrived; moves only when it says something else than before. */
function receiptTime(
  { app, record }: RemoteAppKnowledge,
  status: RemoteAppStatus,
): string | undefined {
  const { report } = record
  const previous = app.status
  if (report === undefined) return previous?.observedAt
  const isNews =
    previous?.observedAt === undefined || !isSameContent(hostsPart(previous), hostsPart(status))
  return isNews ? kubeTime(report.receivedAtMs) : previous.observedAt
}

function hostsPart(status: RemoteAppStatus): object {
  const { replicas, readyReplicas, updatedReplicas, pods, events, serviceName } = status
  const ready = findCondition(status.conditions, AppConditionType.Ready)?.message
  return { replicas, readyReplicas, updatedReplicas, pods, events, serviceName, ready }
}

function statusMessage(knowledge: RemoteAppKnowledge, status: RemoteAppStatus): string {
  const { app, record, obstacle, deletion } = knowledge
  const find = (type: AppConditionType): Condition | undefined =>
    findCondition(status.conditions, type)
  switch (status.phase) {
    case 'Deleting':
      return deletion?.message ?? `Peer "${app.spec.targetPeer}" is removing it`
    case 'Unknown':
      return unknownMessage(knowledge, status)
    case 'Rejected': {
      const acceptance = find(AppConditionType.Accepted)
      const refusal = acceptance?.status === 'False' ? acceptance : find(AppConditionType.Approved)
      return refusal?.message ?? ''
    }
    case 'PendingApproval':
      return find(AppConditionType.Approved)?.message ?? ''
    default: {
      // An update that was refused, or cannot be sent, is the news; what runs is told by phase and counts.
      const acceptance = find(AppConditionType.Accepted)
      if (acceptance?.status === 'False') return acceptance.message
      const approval = find(AppConditionType.Approved)
      if (approval?.status === 'False') return updateHeld(approval)
      if (obstacle !== undefined) return obstacle.message
      if (acceptance?.status === 'Unknown' && record.failure !== undefined)
        return record.failure.message
      const deployment = find(AppConditionType.Deployed)
      if (deployment?.reason === AppReason.DeployFailed) return deployment.message
      return find(AppConditionType.Ready)?.message ?? ''
    }
  }
}

const updateHeld = ({ message }: Condition): string => `The last change does not run: ${message}`

function unknownMessage(knowledge: RemoteAppKnowledge, status: RemoteAppStatus): string {
  const { app, record, obstacle } = knowledge
  const why = obstacle?.message ?? 'The host cannot be asked'
  if (status.observedAt === undefined) return `${why}; nothing is known of the app yet`
  const previous = app.status
  // What it was is no longer in the conditions; it was written down when the link went.
  if (
    record.report === undefined &&
    previous?.phase === 'Unknown' &&
    previous.message !== undefined
  )
    return previous.message
  const conditions =
    record.report?.report.status.conditions ?? previous?.conditions ?? status.conditions
  const was = appPhase({ ...status, conditions, isDeleting: false, isStale: false })
  return `Was ${was} as of ${status.observedAt}. ${why}`
}

const generationOf = (app: RemoteApp): { observedGeneration?: number } =>
  app.metadata.generation === undefined ? {} : { observedGeneration: app.metadata.generation }

const isOfThisGeneration = (condition: Condition, app: RemoteApp): boolean =>
  condition.observedGeneration === app.metadata.generation

/** A field as it is now, or else as it was. */
function kept<K extends keyof RemoteAppStatus>(
  previous: RemoteAppStatus | undefined,
  key: K,
  value: RemoteAppStatus[K] | undefined,
): object {
  const either = value ?? previous?.[key]
  return either === undefined ? {} : { [key]: either }
}

function pick<T extends object, K extends keyof T>(
  from: T | undefined,
  keys: readonly K[],
): Partial<Pick<T, K>> {
  const found: Partial<Pick<T, K>> = {}
  for (const key of keys) if (from?.[key] !== undefined) found[key] = from[key]
  return found
}
