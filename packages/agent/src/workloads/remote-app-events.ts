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

/** Whether an app, or an update of it, has just been refused. */
export function hasJustBeenRefused(
  before: RemoteAppStatus | undefined,
  after: RemoteAppStatus,
): boolean {
  const accepted = find(after, AppConditionType.Accepted)
  return accepted?.status === 'False' && !isSame(accepted, find(before, AppConditionType.Accepted))
}

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
