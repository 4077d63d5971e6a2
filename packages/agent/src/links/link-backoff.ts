import type { BackoffOptions, Random } from '../observability/index.ts'

/** After a loss: 2, 4, 8, 16, 30 s, with jitter: peers that lost the same link must not return in step. */
export const redialBackoff: BackoffOptions = { minMs: 2_000, maxMs: 30_000 }
/** While a session stands that is only to be replaced: nobody waits, but a peer must not make us spin. */
export const replaceBackoff: BackoffOptions = { minMs: 200, maxMs: 30_000 }

/** What a peer without room may ask us to wait, before jitter: neither to hammer it, nor to stay away. */
const busyWait = { minMs: 1_000, maxMs: 15_000 } as const

/** Never before the time the peer named, and up to twice as long: those it sent away together must not meet again. */
export function busyMs(askedMs: number, random: Random): number {
  return (1 + random.next()) * Math.min(busyWait.maxMs, Math.max(busyWait.minMs, askedMs))
}
