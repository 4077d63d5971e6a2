import type { AuditEntry } from '@porpulsion/contract'
import { StateLabel } from '../../ui/state-label.tsx'
import { visibleText } from '../../ui/visible-text.ts'

const tones = { done: 'good', refused: 'warn', failed: 'bad' } as const
const labels = { done: 'Done', refused: 'Refused', failed: 'Failed' } as const

export function OutcomeLabel({ entry: { outcome, reason } }: { entry: AuditEntry }) {
  return (
    <StateLabel
      tone={tones[outcome]}
      label={labels[outcome]}
      {...(reason !== undefined && { why: visibleText(reason) })}
    />
  )
}
