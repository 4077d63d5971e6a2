import {
  AppConditionType,
  AppReason,
  type Condition,
  type RemoteAppStatus,
} from '@porpulsion/contract'

/** News about an app, for whoever looks at it with kubectl. */
export interface AppNews {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** What changed between two statuses that a person would want to have been told. */
export function appNews(
  before: RemoteAppStatus | undefined,
  after: RemoteAppStatus,
): readonly AppNews[] {
  const news: AppNews[] = []
  const accepted = find(after, AppConditionType.Accepted)
  if (accepted?.status === 'False' && !isSame(accepted, find(before, AppConditionType.Accepted)))
    news.push({ type: 'Warning', reason: accepted.reason, message: accepted.message })
  if (before?.phase !== after.phase) news.push(...phaseNews(before, after))
  return news
}

function phaseNews(
  before: RemoteAppStatus | undefined,
  after: RemoteAppStatus,
): readonly AppNews[] {
  const message = after.message ?? ''
  switch (after.phase) {
    case 'Ready':
      return [{ type: 'Normal', reason: 'Ready', message }]
    case 'Failed':
      return [{ type: 'Warning', reason: AppReason.NotReadyInTime, message }]
    case 'Degraded':
      return [{ type: 'Warning', reason: 'Degraded', message }]
    case 'Unknown':
      return [{ type: 'Warning', reason: AppReason.LinkDown, message }]
    case 'Deleting':
      return [{ type: 'Normal', reason: AppReason.Deleting, message }]
    case 'Pending':
    case 'Running':
      return before?.phase === 'Unknown' || before === undefined
        ? []
        : [{ type: 'Normal', reason: after.phase, message }]
    case 'Rejected':
    case 'PendingApproval':
      return [] // told by the condition that says so
    default:
      return after.phase satisfies never
  }
}

/** Whether an app has just run out of time to become ready. */
export function hasJustTimedOut(
  before: RemoteAppStatus | undefined,
  after: RemoteAppStatus,
): boolean {
  const reason = AppReason.NotReadyInTime
  const wasLate = find(before, AppConditionType.Ready)
  const isLate = find(after, AppConditionType.Ready)
  return (
    isLate?.reason === reason &&
    !(wasLate?.reason === reason && wasLate.observedGeneration === isLate.observedGeneration)
  )
}

/** Whether an app, or an update of it, has just been refused by the rules of its host. */
export function hasJustBeenRefused(
  before: RemoteAppStatus | undefined,
  after: RemoteAppStatus,
): boolean {
  const accepted = find(after, AppConditionType.Accepted)
  return (
    accepted?.status === 'False' &&
    !isRejection(accepted) &&
    !isSame(accepted, find(before, AppConditionType.Accepted))
  )
}

/** Whether the owner of its host has just rejected an app, or an update of it. */
export function hasJustBeenRejected(
  before: RemoteAppStatus | undefined,
  after: RemoteAppStatus,
): boolean {
  const rejection = rejectionIn(after)
  return (
    rejection !== undefined &&
    rejection.observedGeneration !== rejectionIn(before)?.observedGeneration
  )
}

/** It stands in either condition: as what became of a waiting one, or as the answer to what is offered again. */
function rejectionIn(status: RemoteAppStatus | undefined): Condition | undefined {
  return [AppConditionType.Accepted, AppConditionType.Approved]
    .map((type) => find(status, type))
    .find((condition) => condition?.status === 'False' && isRejection(condition))
}

const isRejection = ({ reason }: Condition): boolean => reason === 'ApprovalRejected'

function find(status: RemoteAppStatus | undefined, type: AppConditionType): Condition | undefined {
  return status?.conditions.find((condition) => condition.type === type)
}

function isSame(a: Condition, b: Condition | undefined): boolean {
  return (
    a.status === b?.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.observedGeneration === b.observedGeneration
  )
}
