import type { Clock } from './clock.ts'

/** Resolves after `delayMs`; rejects with the signal's reason if that fires first. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (): void => {
      cancel()
      reject(signal.reason instanceof Error ? signal.reason : new Error('Aborted'))
    }
    const cancel = clock.setTimeout(() => {
      signal.removeEventListener('abort', give)
      resolve()
    }, delayMs)
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
}
