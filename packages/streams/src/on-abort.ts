import { setMaxListeners } from 'node:events'

/**
 * Calls once when the signal fires, or now if it has. The returned function forgets it. A signal may be shared by
 * hundreds of calls at once; Node would take that for a leak and say so on stderr.
 */
export function onAbort(signal: AbortSignal, listener: (reason: Error) => void): () => void {
  const abort = (): void => {
    const reason: unknown = signal.reason
    listener(reason instanceof Error ? reason : new Error('Aborted'))
  }
  if (signal.aborted) {
    abort()
    return () => undefined
  }
  setMaxListeners(0, signal)
  signal.addEventListener('abort', abort, { once: true })
  return () => signal.removeEventListener('abort', abort)
}
