import { PorpulsionError } from '@porpulsion/contract'
import type { Client } from '../client/client.ts'
import { noteLine, type Io } from '../io.ts'
import { plain } from '../output/table.ts'
import { changes, type Watched } from './changes.ts'

/** How far something is. Decided from one state alone, so that it does not matter which states were seen. */
export type Progress =
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'done'; readonly message: string }
  | { readonly kind: 'failed'; readonly error: PorpulsionError }

export interface WaitInput<T> extends Watched<T> {
  /** `web`: what is waited for, before each line of progress. */
  readonly subject: string
  readonly judge: (state: T | undefined) => Progress
  readonly timeoutMs: number
}

/** Who waits: until when at most, and who hears how far it is. */
export interface Waiting {
  readonly signal: AbortSignal
  readonly report: (subject: string, message: string) => Promise<void>
}

/** For a command: each change is a line on stderr. */
export const waitingOn = (io: Io): Waiting => ({
  signal: io.signal,
  report: (subject, message) => noteLine(io, `${subject}: ${plain(message)}`),
})

/** Waits by listening, reports each time something changed, and returns the state it was waiting for. */
export async function waitFor<T>(
  waiting: Waiting,
  client: Client,
  input: WaitInput<T>,
): Promise<T | undefined> {
  const { subject, judge, timeoutMs } = input
  const late = AbortSignal.timeout(timeoutMs)
  let said = ''
  try {
    const states = changes(client, input, { signal: AbortSignal.any([waiting.signal, late]) })
    for await (const state of states) {
      const progress = judge(state)
      if (progress.kind === 'failed') throw progress.error
      if (progress.message !== said) await waiting.report(subject, progress.message)
      said = progress.message
      if (progress.kind === 'done') return state
    }
  } catch (error) {
    if (waiting.signal.aborted)
      throw new PorpulsionError('Aborted', 'RequestAborted', 'Interrupted')
    if (late.aborted) throw timedOut(subject, timeoutMs, said)
    throw error
  }
  throw timedOut(subject, timeoutMs, said)
}

function timedOut(subject: string, timeoutMs: number, last: string): PorpulsionError {
  return new PorpulsionError(
    'Timeout',
    'WaitTimedOut',
    `${subject} is not done after ${timeoutMs / 1_000} s; last: ${last === '' ? 'nothing was heard of it' : last}`,
  )
}
