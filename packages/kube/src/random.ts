/** Chance as a collaborator, so that a test can seed it. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number
}

export const systemRandom: Random = { next: () => Math.random() }
