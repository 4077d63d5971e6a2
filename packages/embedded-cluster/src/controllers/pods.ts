/** What controllers ask of pods; pure. */
import type { Pod } from 'kubernetes-types/core/v1.js'
import type { Stored } from '../registry/registry.ts'

/** Counts towards replicas: neither finished nor on its way out. */
export function isActive({ metadata, status }: Stored<Pod>): boolean {
  const phase = status?.phase
  return phase !== 'Succeeded' && phase !== 'Failed' && metadata.deletionTimestamp === undefined
}

export function isReady({ status }: Pod): boolean {
  return readyCondition(status)?.status === 'True'
}

/** Milliseconds until a ready pod counts as available; 0 once it does, undefined while it is not ready. */
export function untilAvailable(
  pod: Pod,
  minReadySeconds: number,
  nowMs: number,
): number | undefined {
  if (!isReady(pod)) return undefined
  const since = Date.parse(readyCondition(pod.status)?.lastTransitionTime ?? '')
  return minReadySeconds === 0 || Number.isNaN(since)
    ? 0
    : Math.max(0, since + minReadySeconds * 1000 - nowMs)
}

function readyCondition(
  status: Pod['status'],
): { status: string; lastTransitionTime?: string } | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready')
}

/** The order in which surplus pods go: those that serve least first, then the youngest. */
export function byExpendability(a: Stored<Pod>, b: Stored<Pod>): number {
  return (
    rank(a) - rank(b) || b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp)
  )
}

function rank(pod: Stored<Pod>): number {
  if (!pod.spec?.nodeName) return 0
  if (pod.status?.phase !== 'Running') return 1
  return isReady(pod) ? 3 : 2
}
