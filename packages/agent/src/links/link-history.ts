/** How the link to one peer was in the last 24 hours: its changes of state, and a sample a minute. Bounded both. */
import type { LinkStateName } from '@porpulsion/contract'

export interface PastChange {
  readonly atMs: number
  readonly state: LinkStateName
  readonly message?: string
  readonly transport?: 'ws' | 'wss'
  readonly direction?: 'outbound' | 'inbound'
}

export interface PastSample {
  /** When its interval began. */
  readonly atMs: number
  readonly latencyMs?: number
  readonly receivedBytes: number
  readonly sentBytes: number
  readonly connectedSeconds: number
}

/** Oldest first. */
export interface LinkPast {
  readonly changes: readonly PastChange[]
  readonly samples: readonly PastSample[]
}

export const noPast: LinkPast = { changes: [], samples: [] }

export const SAMPLE_INTERVAL_MS = 60_000
const KEPT_MS = 24 * 60 * 60_000
/** At each bound the oldest goes. */
export const MAX_SAMPLES = KEPT_MS / SAMPLE_INTERVAL_MS
export const MAX_CHANGES = 500
/** From the first of two sessions that cross to the one that stays. */
const SETTLING_MS = 10_000
/** A peer may say why it ended a session, as long as it likes. */
const MAX_MESSAGE_CHARACTERS = 256

export function withChange(past: LinkPast, given: PastChange): LinkPast {
  const change = shortened(given)
  const last = past.changes.at(-1)
  // Every failed dial of a peer that is away has words of its own: what counts is why it came so.
  if (last !== undefined && isSameLink(last, change)) {
    if (last.message !== undefined || change.message === undefined) return past
    const explained = { ...last, message: change.message }
    return { ...past, changes: [...past.changes.slice(0, -1), explained] }
  }
  if (last !== undefined && isSettling(last, change)) {
    const settled = { ...change, atMs: last.atMs }
    return { ...past, changes: [...past.changes.slice(0, -1), settled] }
  }
  return kept({ ...past, changes: [...past.changes, change] }, change.atMs)
}

/** Where both sides dial there are two sessions for a moment: which of them stayed is news, and it is one. */
function isSettling(last: PastChange, change: PastChange): boolean {
  return (
    last.state === change.state &&
    last.state === 'Connected' &&
    change.atMs - last.atMs < SETTLING_MS
  )
}

export function withSample(past: LinkPast, sample: PastSample): LinkPast {
  return kept({ ...past, samples: [...past.samples, sample] }, sample.atMs + SAMPLE_INTERVAL_MS)
}

/** Without what is too old. The newest of the old changes stays: until the next one the link was as it says. */
export function kept({ changes, samples }: LinkPast, nowMs: number): LinkPast {
  const sinceMs = nowMs - KEPT_MS
  const firstRecent = changes.findIndex(({ atMs }) => atMs >= sinceMs)
  const first = firstRecent === -1 ? changes.length - 1 : firstRecent - 1
  return {
    changes: changes.slice(Math.max(0, first)).slice(-MAX_CHANGES),
    samples: samples.filter(({ atMs }) => atMs >= sinceMs).slice(-MAX_SAMPLES),
  }
}

/** What was saved by an earlier run, as far as it can be true: the clock may have been set back since. */
export function recalled({ changes, samples }: LinkPast, nowMs: number): LinkPast {
  const isPast = ({ atMs }: { readonly atMs: number }): boolean => atMs <= nowMs
  return kept({ changes: changes.filter(isPast), samples: samples.filter(isPast) }, nowMs)
}

function isSameLink(a: PastChange, b: PastChange): boolean {
  return a.state === b.state && a.transport === b.transport && a.direction === b.direction
}

function shortened(change: PastChange): PastChange {
  const { message } = change
  if (message === undefined || message.length <= MAX_MESSAGE_CHARACTERS) return change
  return { ...change, message: `${message.slice(0, MAX_MESSAGE_CHARACTERS - 1)}…` }
}
