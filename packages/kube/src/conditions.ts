import type { Clock } from './clock.ts'

export type ConditionStatus = 'True' | 'False' | 'Unknown'

/** One observation about an object; a list of them is keyed by `type`. */
export interface Condition {
  type: string
  status: ConditionStatus
  /** One CamelCase word, for programs. */
  reason: string
  /** A sentence, for people. */
  message: string
  observedGeneration?: number
  /** When `status` last changed, RFC 3339. */
  lastTransitionTime: string
}

/** A condition as one reconcile sees it; when it last changed is worked out. */
export type ObservedCondition = Omit<Condition, 'lastTransitionTime'>

/** The API server refuses longer messages. */
const maxMessageCharacters = 32_768

/**
 * The list with `observed` in it, at its old place or at the end. The very same list if nothing changed, so that a
 * caller can tell that there is nothing to write. `lastTransitionTime` moves only with `status`.
 */
export function setCondition(
  conditions: Condition[],
  observed: ObservedCondition,
  clock: Clock,
): Condition[] {
  const next = { ...observed, message: observed.message.slice(0, maxMessageCharacters) }
  const index = conditions.findIndex(({ type }) => type === next.type)
  const old = conditions[index]
  if (old === undefined)
    return [...conditions, { ...next, lastTransitionTime: kubeTime(clock.now()) }]
  if (isSame(old, next)) return conditions
  const lastTransitionTime =
    old.status === next.status ? old.lastTransitionTime : kubeTime(clock.now())
  return conditions.with(index, { ...next, lastTransitionTime })
}

/** Several at once, in order. */
export function setConditions(
  conditions: Condition[],
  observed: readonly ObservedCondition[],
  clock: Clock,
): Condition[] {
  return observed.reduce((list, next) => setCondition(list, next, clock), conditions)
}

export function findCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export function isConditionTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True'
}

/** RFC 3339 in whole seconds: what Kubernetes stores, so that a comparison after a round trip holds. */
export function kubeTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

function isSame(a: ObservedCondition, b: ObservedCondition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.observedGeneration === b.observedGeneration
  )
}
