import { AppConditionType, type Condition } from '@porpulsion/contract'
import type { Tone } from '../../ui/tone.ts'

/** How a condition looks; what is old is never green. */
export function conditionTone({ type, status, reason }: Condition, isStale: boolean): Tone {
  if (status === 'Unknown') return 'idle'
  if (status === 'True') return isStale && type !== AppConditionType.Accepted ? 'idle' : 'good'
  switch (type) {
    case AppConditionType.Accepted:
      return 'bad'
    case AppConditionType.Approved:
      return reason === 'ApprovalRejected' ? 'bad' : 'ask'
    case AppConditionType.Deployed:
      return reason === 'DeployFailed' ? 'bad' : 'busy'
    case AppConditionType.Ready:
      return reason === 'NotReadyInTime' ? 'bad' : 'busy'
    default:
      return reason === 'Submitting' || reason === 'Deleting' ? 'busy' : 'warn'
  }
}
