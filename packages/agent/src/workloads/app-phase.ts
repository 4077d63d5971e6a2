import { AppConditionType, AppReason, type AppPhase, type Condition } from '@porpulsion/contract'

/** What the phase is derived from: nothing else decides it, and nothing is decided by it. */
export interface PhaseInput {
  readonly isDeleting: boolean
  /** What is known may be out of date: the link has been down for a while, or the peer is gone. */
  readonly isStale: boolean
  readonly conditions: readonly Pick<Condition, 'type' | 'status' | 'reason'>[]
  readonly readyReplicas: number
  readonly pods?: readonly { readonly phase: string }[]
  /** All replicas of this generation were ready once. */
  readonly firstReadyTime?: string
}

/** What runs, in one word: the first that fits. A refused or waiting update changes nothing of it. */
export function appPhase(input: PhaseInput): AppPhase {
  if (input.isDeleting) return 'Deleting'
  // Never green on stale data.
  if (input.isStale) return 'Unknown'
  if (!is(input, AppConditionType.Deployed, 'True')) {
    if (is(input, AppConditionType.Accepted, 'False')) return 'Rejected'
    const approved = input.conditions.find(({ type }) => type === AppConditionType.Approved)
    if (approved?.reason === 'ApprovalRejected') return 'Rejected'
    if (approved?.status === 'False') return 'PendingApproval'
  }
  if (is(input, AppConditionType.Ready, 'True')) return 'Ready'
  return notReadyPhase(input)
}

function notReadyPhase(input: PhaseInput): AppPhase {
  const ready = input.conditions.find(({ type }) => type === AppConditionType.Ready)
  const timedOut = ready?.reason === AppReason.NotReadyInTime
  if (timedOut && input.readyReplicas === 0) return 'Failed'
  if (timedOut || input.firstReadyTime !== undefined) return 'Degraded'
  const runs = input.readyReplicas > 0 || input.pods?.some(({ phase }) => phase === 'Running')
  return runs === true ? 'Running' : 'Pending'
}

function is(
  { conditions }: PhaseInput,
  type: AppConditionType,
  status: Condition['status'],
): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === status)
}
