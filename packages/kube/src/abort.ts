import { setMaxListeners } from 'node:events'

/** A signal's reason may be anything; what we throw is always an Error. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason
  return reason instanceof Error
    ? reason
    : new DOMException('The operation was aborted', 'AbortError')
}

/** Calls once when the signal fires, at once if it has; the returned function takes that back. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener()
    return () => undefined
  }
  // A program's one signal has as many listeners as it has calls in flight; Node takes more than ten for a leak.
  setMaxListeners(0, signal)
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}
