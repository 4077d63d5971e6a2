/** How many replicas each ReplicaSet of a Deployment should have next; pure. */

export interface Revision {
  readonly name: string
  /** What it was told to have. */
  readonly replicas: number
  readonly available: number
  readonly createdAt: string
}

export interface Rollout {
  readonly replicas: number
  readonly maxSurge: number
  readonly maxUnavailable: number
  readonly current: Revision
  readonly old: readonly Revision[]
}

/** Only what changes. */
export type Scaling = ReadonlyMap<string, number>

const sum = (revisions: readonly Revision[], of: 'replicas' | 'available'): number =>
  revisions.reduce((total, revision) => total + revision[of], 0)

/** One step of a rolling update: up with the new as far as the surge allows, else down with the old. */
export function nextScaling(rollout: Rollout): Scaling {
  const up = scaleCurrent(rollout)
  return up.size > 0 ? up : scaleOld(rollout)
}

function scaleCurrent({ replicas, maxSurge, current, old }: Rollout): Scaling {
  if (current.replicas === replicas) return new Map()
  if (current.replicas > replicas) return new Map([[current.name, replicas]])
  const room = replicas + maxSurge - sum([current, ...old], 'replicas')
  if (room <= 0) return new Map()
  return new Map([[current.name, current.replicas + Math.min(room, replicas - current.replicas)]])
}

function scaleOld({ replicas, maxUnavailable, current, old }: Rollout): Scaling {
  const minAvailable = replicas - maxUnavailable
  const total = sum([current, ...old], 'replicas')
  // New pods that are not available yet may fail: their predecessors have to carry the load until then.
  const budget = total - minAvailable - (current.replicas - current.available)
  if (budget <= 0) return new Map()
  const next = new Map<string, number>()
  const oldestFirst = old.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
  const unhealthy = dropUnhealthy(oldestFirst, budget, next)
  const surplus = Math.min(budget - unhealthy, sum([current, ...old], 'available') - minAvailable)
  dropHealthy(oldestFirst, surplus, next)
  return next
}

/** Old pods that serve nobody go first; they cost nothing. */
function dropUnhealthy(
  old: readonly Revision[],
  budget: number,
  next: Map<string, number>,
): number {
  let dropped = 0
  for (const { name, replicas, available } of old) {
    const count = Math.min(budget - dropped, replicas - available)
    if (count <= 0) continue
    next.set(name, replicas - count)
    dropped += count
  }
  return dropped
}

function dropHealthy(old: readonly Revision[], surplus: number, next: Map<string, number>): void {
  let left = surplus
  for (const { name, replicas } of old) {
    const has = next.get(name) ?? replicas
    const count = Math.min(left, has)
    if (count <= 0) continue
    next.set(name, has - count)
    left -= count
  }
}

/**
 * A Deployment that was scaled in the middle of a rollout: all its revisions grow or shrink in proportion, the largest
 * takes what is left over by rounding. So neither the old version nor the new one gets the whole of the change.
 */
export function proportionalScaling(revisions: readonly Revision[], target: number): Scaling {
  const total = sum(revisions, 'replicas')
  const delta = target - total
  if (delta === 0 || total === 0) return new Map()
  const next = new Map<string, number>()
  const largestFirst = revisions.toSorted(
    (a, b) => b.replicas - a.replicas || b.createdAt.localeCompare(a.createdAt),
  )
  let left = delta
  for (const { name, replicas } of largestFirst) {
    const share = Math.round((replicas * target) / total) - replicas
    const change = delta > 0 ? Math.min(share, left) : Math.max(share, left)
    next.set(name, replicas + change)
    left -= change
  }
  const largest = largestFirst[0]
  if (largest !== undefined)
    next.set(largest.name, Math.max(0, (next.get(largest.name) ?? 0) + left))
  return new Map(
    [...next].filter(([name, count]) =>
      revisions.some((one) => one.name === name && one.replicas !== count),
    ),
  )
}

/** `25%` of the replicas, or a number. */
export function resolvePercent(
  value: number | string | undefined,
  replicas: number,
  round: 'up' | 'down',
): number {
  const text = String(value ?? '25%')
  if (!text.endsWith('%')) return Number(text)
  const share = (Number(text.slice(0, -1)) * replicas) / 100
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}
