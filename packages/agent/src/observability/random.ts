/** Chance as a collaborator, for jitter only. Secrets come from node:crypto. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
}

export const systemRandom: Random = { next: () => Math.random() }
