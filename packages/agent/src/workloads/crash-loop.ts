/** Whether an app's pods end again and again, judged from its status alone: the same on both sides of a link. */
import { AppConditionType, type ObservedAppStatus } from '@porpulsion/contract'

export type CrashLoop =
  | { readonly kind: 'looping'; readonly message: string }
  /** It may be between two crashes, or nothing recent is known of it. */
  | { readonly kind: 'undecided' }
  | { readonly kind: 'over' }

/** A pod that begins well between its crashes is ready for a while: only longer than that is it over. */
export const CALM_MS = 10 * 60_000

export function crashLoopOf(status: ObservedAppStatus | undefined, nowMs: number): CrashLoop {
  const ready = status?.conditions.find(({ type }) => type === AppConditionType.Ready)
  if (status === undefined || ready === undefined || ready.status === 'Unknown')
    return { kind: 'undecided' }
  const { pods = [] } = status
  const looping = pods.find(({ reason }) => reason === 'CrashLoopBackOff')
  if (looping !== undefined)
    return {
      kind: 'looping',
      message: `${looping.message ?? 'CrashLoopBackOff'} (pod ${looping.name}, ${looping.restarts} ${looping.restarts === 1 ? 'restart' : 'restarts'})`,
    }
  if (pods.length === 0) return { kind: 'over' }
  if (ready.status !== 'True') return { kind: 'undecided' }
  const isCalm = nowMs - Date.parse(ready.lastTransitionTime) >= CALM_MS
  // Pods that never ended are of another making than those that did.
  return { kind: isCalm || pods.every(({ restarts }) => restarts === 0) ? 'over' : 'undecided' }
}
