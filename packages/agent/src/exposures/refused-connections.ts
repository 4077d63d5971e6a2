import { isPorpulsionError, type ErrorKind } from '@porpulsion/contract'
import { atMostEvery, type Clock } from '../observability/index.ts'
import type { Problem } from './exposure.ts'
import { REFUSAL_INTERVAL_MS } from './limits.ts'

/**
 * What goes by itself: the link comes back, the app becomes ready. It is an event; the state of link and app stand in
 * conditions of their own.
 */
const passing: ReadonlySet<ErrorKind> = new Set(['Unavailable', 'Timeout', 'Aborted'])

export interface RefusedConnections {
  refused(port: number, error: unknown): void
  /** A connection to this port stands. */
  passed(port: number): void
  /** Why the last connection was turned away, as long as that is how it stands. */
  refusalOf(port: number): Problem | undefined
  stop(): void
}

export interface RefusedConnectionsDeps {
  readonly clock: Clock
  /** Something was refused: `isPassing` needs no one to act. At most once per interval and app. */
  readonly tell: (refusal: Problem, isPassing: boolean) => void
  /** What `refusalOf` answers may have changed. As often. */
  readonly changed: () => void
}

/** The refusals of one app, for people: the last of each port as a state, and told at a pace that clients cannot set. */
export function createRefusedConnections({
  clock,
  tell,
  changed,
}: RefusedConnectionsDeps): RefusedConnections {
  const standing = new Map<number, Problem>()
  let untold: { readonly refusal: Problem; readonly isPassing: boolean } | undefined
  const telling = atMostEvery(
    REFUSAL_INTERVAL_MS,
    () => {
      changed()
      if (untold !== undefined) tell(untold.refusal, untold.isPassing)
      untold = undefined
    },
    clock,
  )
  return {
    refused(port, error) {
      if (isPorpulsionError(error) && error.kind === 'Aborted') return
      const refusal = refusalOf(port, error)
      const isPassing = isPorpulsionError(error) && passing.has(error.kind)
      if (!isPassing) standing.set(port, refusal)
      untold = { refusal, isPassing }
      telling.request()
    },
    passed(port) {
      if (standing.delete(port)) telling.request()
    },
    refusalOf: (port) => standing.get(port),
    stop: () => telling.stop(),
  }
}

function refusalOf(port: number, error: unknown): Problem {
  const text = error instanceof Error ? error.message : String(error)
  return {
    code: isPorpulsionError(error) ? error.code : 'InternalError',
    message: `The last connection to port ${port} was refused: ${text}`,
  }
}
