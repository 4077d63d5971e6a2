/** What one spec of an app is beside another. */
import type { AppRevision } from '@porpulsion/contract'

const MAX_PATHS = 4

/** In a line: the fields that differ from the revision before. */
export function changesIn({ changed }: Pick<AppRevision, 'changed'>): string {
  if (changed.length === 0) return 'the oldest that is kept'
  const more = changed.length - MAX_PATHS
  const shown = changed.slice(0, MAX_PATHS).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown
}

/** The one that is asked for; else the one before it, or after it for the oldest. Newest first. */
export function comparedWith(
  revisions: readonly AppRevision[],
  revision: AppRevision,
  wanted: number | undefined,
): AppRevision | undefined {
  const place = revisions.indexOf(revision)
  return (
    revisions.find((one) => one.revision === wanted && one !== revision) ??
    revisions[place + 1] ??
    revisions[place - 1]
  )
}

export const revisionName = ({ revision, isCurrent }: AppRevision): string =>
  `Revision ${revision}${isCurrent ? ' (current)' : ''}`
