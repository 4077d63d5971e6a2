import type { AppPhase } from '@porpulsion/contract'
import { StateLabel } from './state-label.tsx'
import type { Tone } from './tone.ts'

export const phaseTones: Readonly<Record<AppPhase, Tone>> = {
  Deleting: 'idle',
  Unknown: 'idle',
  Rejected: 'bad',
  PendingApproval: 'ask',
  Failed: 'bad',
  Degraded: 'warn',
  Ready: 'good',
  Running: 'busy',
  Pending: 'busy',
}

const labels: Partial<Readonly<Record<AppPhase, string>>> = { PendingApproval: 'Pending approval' }
const underWay: readonly AppPhase[] = ['Deleting', 'Running', 'Pending']

export const phaseLabel = (phase: AppPhase): string => labels[phase] ?? phase

export function PhaseBadge({ phase = 'Pending', message }: { phase?: AppPhase; message?: string }) {
  return (
    <StateLabel
      tone={phaseTones[phase]}
      label={phaseLabel(phase)}
      pulses={underWay.includes(phase)}
      why={message}
    />
  )
}
