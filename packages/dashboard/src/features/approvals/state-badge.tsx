import type { Approval } from '@porpulsion/contract'
import { StateLabel } from '../../ui/state-label.tsx'

const tones = { Pending: 'ask', Rejected: 'bad', Approved: 'good' } as const

export function StateBadge({ state }: { state: Approval['state'] }) {
  return <StateLabel tone={tones[state]} label={state} />
}
