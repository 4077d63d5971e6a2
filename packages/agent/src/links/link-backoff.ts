import type { Random } from '../observability/index.ts'

export interface BackoffOptions {
  readonly minMs: number
  readonly maxMs: number
}

/** After a loss: 2, 4, 8, 16, 30 s. */
export const redialBackoff: BackoffOptions = { minMs: 2_000, maxMs: 30_000 }
/** While a session stands that is only to be replaced: nobody waits, but a peer must not make us spin. */
export const replaceBackoff: BackoffOptions = { minMs: 200, maxMs: 30_000 }

/** Half jitter: peers that lost the same link must not return in step, nor one of them at once. */
export function backoffMs(
  attempt: number,
  { minMs, maxMs }: BackoffOptions,
  random: Random,
): number {
  return (0.5 + random.next()) * Math.min(maxMs, minMs * 2 ** attempt)
}
