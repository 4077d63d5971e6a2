import type { AuditEntry } from '@porpulsion/contract'
import type { Clock } from '../observability/index.ts'
import { auditEntry, isOutsider, type AuditFacts } from './audit-entry.ts'
import { createRepeats } from './repeats.ts'

/** Where features tell what was done. Neither throws nor waits: the action it is about goes on. */
export interface Audit {
  /** `frequent`: happens by the dozen, so that repeats within a minute become one entry with a count. */
  record(facts: AuditFacts, frequency?: 'frequent'): void
}

/** For tests of what records. */
export const noAudit: Audit = { record: () => undefined }

/** Takes each entry for good: a log, a file. */
export interface AuditSink {
  write(entry: AuditEntry): void
}

/** Kept in memory; of what outsiders do as many again, so that they cannot push out what users did. */
export const MAX_REMEMBERED = 1_000

export interface AuditTrail extends Audit {
  /** Newest last. */
  entries(): readonly AuditEntry[]
  /** Puts back what an earlier run wrote. */
  recall(entries: readonly AuditEntry[]): void
  /** Writes what is still counted. */
  stop(): void
}

export function createAuditTrail(deps: {
  readonly clock: Clock
  readonly sink: AuditSink
  /** Tells entries of one run from those of another. */
  readonly runId: string
  /** Called after every entry. */
  readonly onEntry?: () => void
}): AuditTrail {
  const { clock, sink, runId, onEntry = () => undefined } = deps
  const insiders: AuditEntry[] = []
  const outsiders: AuditEntry[] = []
  let made = 0

  function remember(entry: AuditEntry): void {
    const ring = isOutsider(entry.actor) ? outsiders : insiders
    ring.push(entry)
    if (ring.length > MAX_REMEMBERED) ring.shift()
  }

  function add(facts: AuditFacts, count?: number): void {
    const entry = {
      ...auditEntry(facts, `${runId}-${++made}`, clock.now()),
      ...(count !== undefined && { count }),
    }
    remember(entry)
    sink.write(entry)
    onEntry()
  }

  const repeats = createRepeats(clock, add)

  return {
    record(facts, frequency) {
      if (frequency === 'frequent' || isOutsider(facts.actor)) repeats.take(facts)
      else add(facts)
    },
    entries: () => [...insiders, ...outsiders].sort(byTime),
    recall: (entries) => entries.forEach(remember),
    stop: () => repeats.flush(),
  }
}

/** Stable, and each ring is in order: entries of one millisecond stay in theirs. */
const byTime = (a: AuditEntry, b: AuditEntry): number =>
  a.time < b.time ? -1 : Number(a.time > b.time)
