import { timestamp } from '../registry/metadata.ts'

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
}

/** Puts a condition into a list; its time changes with its status only. Others stay as they are. */
export function withCondition<T extends Condition>(
  conditions: readonly T[],
  next: T,
  nowMs: number,
): T[] {
  const old = conditions.find(({ type }) => type === next.type)
  const lastTransitionTime =
    old?.status === next.status && old.lastTransitionTime !== undefined
      ? old.lastTransitionTime
      : timestamp(nowMs)
  const merged = { ...next, lastTransitionTime }
  return old === undefined
    ? [...conditions, merged]
    : conditions.map((condition) => (condition === old ? merged : condition))
}

export function withoutCondition<T extends Condition>(conditions: readonly T[], type: string): T[] {
  return conditions.filter((condition) => condition.type !== type)
}
