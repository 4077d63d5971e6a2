import { once } from 'node:events'
import { isPorpulsionError } from '@porpulsion/contract'

/** Whether this is what comes of our own signal, in our words or in Node's. */
export const isAbort = (error: unknown): boolean =>
  isPorpulsionError(error)
    ? error.kind === 'Aborted'
    : error instanceof Error && error.name === 'AbortError'

/** For what runs until it is told to end. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
