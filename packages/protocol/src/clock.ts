/**
 * Time, chance and the end of the tick come from outside, so that a session can be run in a test
 * by the millisecond and by the seed.
 */

/** Monotonic: a wall clock that is set back must not make a live peer look silent. */
export interface Clock {
  /** Milliseconds since any fixed moment; fractions welcome, round trips on one machine need them. */
  now(): number
  /** Calls once after `delayMs`; the returned function cancels. Must not keep a process alive. */
  schedule(delayMs: number, callback: () => void): CancelTimer
}

export type CancelTimer = () => void

export interface Random {
  /** A number in [0, 1). Predictability costs nothing here: no secret is made from it. */
  next(): number
}

/**
 * Runs the callback once the present tick has done its reads. `setImmediate` in Node: everything
 * written while one round of sockets is served then leaves in one batch.
 */
export type Defer = (callback: () => void) => void
