/**
 * One base class. `kind` is closed and says what the caller can do; `code` is open, stable and says what happened.
 * The table of what each kind means on every surface stands here and nowhere else.
 */
import type { FieldError, Problem } from './problem.ts'

export const errorKinds = [
  'Invalid',
  'Unauthenticated',
  'Forbidden',
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'FailedPrecondition',
  'LimitExceeded',
  'Unavailable',
  'Timeout',
  'Aborted',
  'ProtocolViolation',
  'Internal',
] as const
export type ErrorKind = (typeof errorKinds)[number]

export interface ErrorKindMeaning {
  readonly means: string
  /** HTTP status; `Aborted` has one only because a response may already be owed. */
  readonly http: number
  /** Exit code of the CLI. */
  readonly exit: number
  /** How it ends on the channel. */
  readonly wire: 'reply' | 'reset' | 'goaway'
  readonly retry: 'no' | 'after re-reading' | 'after the state changes' | 'later' | 'if idempotent'
  readonly log: 'error' | 'warn' | 'info' | 'debug' | 'none'
}

export const errorKindMeanings = {
  Invalid: {
    means: 'the request is wrong; field errors inside',
    http: 422,
    exit: 2,
    wire: 'reply',
    retry: 'no',
    log: 'info',
  },
  Unauthenticated: {
    means: 'we do not know who you are',
    http: 401,
    exit: 3,
    wire: 'goaway',
    retry: 'no',
    log: 'info',
  },
  Forbidden: {
    means: 'you may not',
    http: 403,
    exit: 3,
    wire: 'reply',
    retry: 'no',
    log: 'info',
  },
  NotFound: {
    means: 'there is no such thing',
    http: 404,
    exit: 4,
    wire: 'reply',
    retry: 'no',
    log: 'debug',
  },
  AlreadyExists: {
    means: 'the name is taken',
    http: 409,
    exit: 4,
    wire: 'reply',
    retry: 'no',
    log: 'info',
  },
  Conflict: {
    means: 'it changed under you',
    http: 409,
    exit: 5,
    wire: 'reply',
    retry: 'after re-reading',
    log: 'debug',
  },
  FailedPrecondition: {
    means: 'not in this state',
    http: 409,
    exit: 4,
    wire: 'reply',
    retry: 'after the state changes',
    log: 'info',
  },
  LimitExceeded: {
    means: 'a quota, rate, size or window is used up',
    http: 429,
    exit: 5,
    wire: 'reply',
    retry: 'later',
    log: 'warn',
  },
  Unavailable: {
    means: 'a peer or the API server is out of reach',
    http: 503,
    exit: 6,
    wire: 'reset',
    retry: 'later',
    log: 'warn',
  },
  Timeout: {
    means: 'no answer in time; the outcome is unknown',
    http: 504,
    exit: 6,
    wire: 'reset',
    retry: 'if idempotent',
    log: 'warn',
  },
  Aborted: {
    means: 'we were told to stop',
    http: 499,
    exit: 130,
    wire: 'reset',
    retry: 'no',
    log: 'none',
  },
  ProtocolViolation: {
    means: 'the other side broke the rules',
    http: 502,
    exit: 7,
    wire: 'goaway',
    retry: 'later',
    log: 'error',
  },
  Internal: {
    means: 'our bug',
    http: 500,
    exit: 70,
    wire: 'goaway',
    retry: 'no',
    log: 'error',
  },
} as const satisfies Record<ErrorKind, ErrorKindMeaning>

export interface PorpulsionErrorOptions extends ErrorOptions {
  readonly fields?: readonly FieldError[]
  readonly retryAfterSeconds?: number
}

/** Thrown only where a caller can act. Match on `code` or `kind`, never on text or `instanceof` across packages. */
export class PorpulsionError extends Error {
  override readonly name = 'PorpulsionError'
  readonly kind: ErrorKind
  readonly code: string
  readonly fields: readonly FieldError[]
  readonly retryAfterSeconds: number | undefined

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    options: PorpulsionErrorOptions = {},
  ) {
    super(message, options)
    this.kind = kind
    this.code = code
    this.fields = options.fields ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** Structural, because an error may come from another copy of this package. */
export function isPorpulsionError(error: unknown): error is PorpulsionError {
  return (
    error instanceof Error && error.name === 'PorpulsionError' && 'kind' in error && 'code' in error
  )
}

export function toProblem(error: PorpulsionError, instance?: string): Problem {
  return {
    type: `https://porpulsion.io/errors#${error.code.toLowerCase()}`,
    title: error.kind,
    status: httpStatus(error),
    code: error.code,
    detail: error.message,
    ...(instance !== undefined && { instance }),
    ...(error.fields.length > 0 && { errors: [...error.fields] }),
    ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
  }
}

export function fromProblem(problem: Problem): PorpulsionError {
  const kind = errorKinds.find((known) => known === problem.title) ?? 'Internal'
  return new PorpulsionError(kind, problem.code, problem.detail, {
    ...(problem.errors !== undefined && { fields: problem.errors }),
    ...(problem.retryAfterSeconds !== undefined && {
      retryAfterSeconds: problem.retryAfterSeconds,
    }),
  })
}

function httpStatus(error: PorpulsionError): number {
  if (error.code === 'RequestTooLarge') return 413
  if (error.code === 'MalformedRequest') return 400
  if (error.code === 'AppGone') return 410
  if (error.code === 'HostNotAllowed') return 421
  return errorKindMeanings[error.kind].http
}
