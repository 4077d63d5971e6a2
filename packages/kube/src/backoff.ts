import type { Random } from './random.ts'

export interface BackoffOptions {
  readonly minMs: number
  readonly maxMs: number
}

/**
 * Exponential with half jitter: clients that lost the same API server must not return in step, nor one of them at once.
 * `attempt` counts from 0.
 */
export function backoffMs(
  attempt: number,
  { minMs, maxMs }: BackoffOptions,
  random: Random,
): number {
  const plainMs = Math.min(maxMs, minMs * 2 ** attempt)
  return (0.5 + random.next()) * plainMs
}
