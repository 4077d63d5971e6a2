import { abortReason, onAbort } from './abort.ts'

/**
 * Time as a collaborator: whatever waits takes a `Clock`, so that a test advances time instead of sleeping through it.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls once after `delayMs`; the returned function cancels. A pending call does not keep the process alive. */
  setTimeout(callback: () => void, delayMs: number): () => void
}

/** setTimeout fires at once for anything longer, so longer waits are cut into pieces. */
const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, delayMs) {
    let timer: NodeJS.Timeout
    const wait = (leftMs: number): void => {
      const pieceMs = Math.min(leftMs, longestTimerMs)
      timer = setTimeout(() => {
        if (leftMs > pieceMs) wait(leftMs - pieceMs)
        else callback()
      }, pieceMs)
      timer.unref()
    }
    wait(Math.max(0, delayMs))
    return () => clearTimeout(timer)
  },
}

/** Resolves after `delayMs`; rejects with the signal's reason if that fires first. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelTimer = clock.setTimeout(() => {
      unsubscribe()
      resolve()
    }, delayMs)
    const unsubscribe = onAbort(signal, () => {
      cancelTimer()
      reject(abortReason(signal))
    })
  })
}
