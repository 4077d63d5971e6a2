/** How many apps are in which phase. */
import type { AppPhase } from '@porpulsion/contract'

interface App {
  readonly status?: { readonly phase: AppPhase }
}

export interface PhaseCount {
  readonly phase: AppPhase
  readonly count: number
}

/** What is well first, then what is under way, then what is not well: as a bar is read. */
const order: readonly AppPhase[] = [
  'Ready',
  'Running',
  'Pending',
  'PendingApproval',
  'Degraded',
  'Failed',
  'Rejected',
  'Unknown',
  'Deleting',
]

export function phaseCounts(apps: readonly App[]): readonly PhaseCount[] {
  const counts = new Map<AppPhase, number>()
  for (const { status } of apps) {
    const phase = status?.phase ?? 'Pending'
    counts.set(phase, (counts.get(phase) ?? 0) + 1)
  }
  return order.flatMap((phase) => {
    const count = counts.get(phase)
    return count === undefined ? [] : [{ phase, count }]
  })
}
