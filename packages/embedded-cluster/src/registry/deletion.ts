/** How an object goes: at once, or held by finalizers, a grace period or contents. */
import { timestamp } from './metadata.ts'
import type { DeleteOptions } from './registry.ts'
import type { Draft, Resource, StrategyContext } from './resource.ts'

/** Finalizers that the garbage collector removes once it has done what they name. */
export const foregroundFinalizer = 'foregroundDeletion'
export const orphanFinalizer = 'orphan'

/** Marks the draft as being deleted. Asked again, it may only shorten the grace period. */
export function startDeletion(
  draft: Draft,
  resource: Resource,
  options: DeleteOptions,
  context: StrategyContext,
): void {
  setPropagation(draft, options)
  const meta = draft.metadata
  const grace = resource.strategy.graceSeconds?.(draft, options.gracePeriodSeconds) ?? 0
  const isFirst = meta.deletionTimestamp === undefined
  if (isFirst || grace < (meta.deletionGracePeriodSeconds ?? 0)) {
    meta.deletionTimestamp = timestamp(context.nowMs + grace * 1_000)
    meta.deletionGracePeriodSeconds = grace
  }
  if (isFirst && meta.generation !== undefined) meta.generation += 1
  resource.strategy.onDeletion?.(draft)
}

function setPropagation(draft: Draft, { propagationPolicy }: DeleteOptions): void {
  if (propagationPolicy === undefined) return
  const others = (draft.metadata.finalizers ?? []).filter(
    (name) => name !== foregroundFinalizer && name !== orphanFinalizer,
  )
  if (propagationPolicy === 'Foreground') others.push(foregroundFinalizer)
  if (propagationPolicy === 'Orphan') others.push(orphanFinalizer)
  if (others.length > 0) draft.metadata.finalizers = others
  else delete draft.metadata.finalizers
}

/** Must an object that is being deleted still stay? */
export function isHeld(draft: Draft, resource: Resource): boolean {
  const meta = draft.metadata
  return (
    (meta.finalizers ?? []).length > 0 ||
    (meta.deletionGracePeriodSeconds ?? 0) > 0 ||
    (resource.strategy.holdsDeletion?.(draft) ?? false)
  )
}
