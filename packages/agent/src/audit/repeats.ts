import type { Clock } from '../observability/index.ts'
import type { AuditFacts } from './audit-entry.ts'

/** What happens again within it is counted instead of written. */
export const REPEAT_WINDOW_MS = 60_000
/** Different things one actor may have written in a window; the rest become one entry for each kind of action. */
export const MAX_DISTINCT_PER_ACTOR = 50
/** Stands for the particulars that are no longer told apart. */
const SEVERAL = '(several)'

/** Bounds what anybody can make us write: the first of a kind at once, then how often it came again. */
export interface Repeats {
  take(facts: AuditFacts): void
  /** Ends the window now. */
  flush(): void
}

interface Counted {
  readonly facts: AuditFacts
  again: number
}

export function createRepeats(
  clock: Clock,
  write: (facts: AuditFacts, count?: number) => void,
): Repeats {
  const window = new Map<string, Counted>()
  const distinct = new Map<string, number>()
  let cancel: (() => void) | undefined

  function flush(): void {
    cancel?.()
    cancel = undefined
    const counted = [...window.values()]
    window.clear()
    distinct.clear()
    for (const { facts, again } of counted) if (again > 0) write(facts, again)
  }

  function first(facts: AuditFacts): void {
    window.set(keyOf(facts), { facts, again: 0 })
    write(facts)
    cancel ??= clock.setTimeout(flush, REPEAT_WINDOW_MS)
  }

  return {
    take(facts) {
      const known = window.get(keyOf(facts))
      if (known !== undefined) {
        known.again++
        return
      }
      const others = distinct.get(facts.actor) ?? 0
      if (others < MAX_DISTINCT_PER_ACTOR) {
        distinct.set(facts.actor, others + 1)
        first(facts)
        return
      }
      const several = withoutParticulars(facts)
      const counted = window.get(keyOf(several))
      if (counted === undefined) first(several)
      else counted.again++
    },
    flush,
  }
}

const keyOf = ({ actor, action, about, peer, outcome, reason, from }: AuditFacts): string =>
  JSON.stringify([actor, action, about, peer, outcome, reason, from])

function withoutParticulars({ actor, action, outcome, reason }: AuditFacts): AuditFacts {
  return { actor, action, outcome, ...(reason !== undefined && { reason }), about: SEVERAL }
}
