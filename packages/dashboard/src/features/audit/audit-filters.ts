/** What the page is asked to show, by its address. */
import { auditOutcomes, type AuditEntry, type AuditQuery } from '@porpulsion/contract'

export interface AuditFilters {
  readonly actor?: string
  readonly action?: string
  readonly peer?: string
  readonly about?: string
  readonly outcome?: string
}

export const FIRST_LIMIT = 200
/** More the agent does not give; what is older is in its log. */
export const MAX_LIMIT = 2_000

export const nextLimit = (limit: number): number => Math.min(MAX_LIMIT, limit * 2)

/** An outcome that nobody knows is left out: a link of yesterday must not end in an error. */
export function auditQuery({ outcome, ...texts }: AuditFilters, limit: number): AuditQuery {
  const known = auditOutcomes.find((one) => one === outcome)
  return { ...texts, ...(known !== undefined && { outcome: known }), limit }
}

/** What there is to filter by, as far as it is in sight. */
export function suggestions(
  items: readonly AuditEntry[],
  field: 'actor' | 'action' | 'peer' | 'about',
): readonly string[] {
  const found = items.flatMap((entry) => entry[field] ?? [])
  return [...new Set(found)].sort()
}
