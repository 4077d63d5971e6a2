import type { BackoffOptions } from '../observability/index.ts'

/** After a loss: 2, 4, 8, 16, 30 s, with jitter: peers that lost the same link must not return in step. */
export const redialBackoff: BackoffOptions = { minMs: 2_000, maxMs: 30_000 }
/** While a session stands that is only to be replaced: nobody waits, but a peer must not make us spin. */
export const replaceBackoff: BackoffOptions = { minMs: 200, maxMs: 30_000 }
