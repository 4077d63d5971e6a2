import type { Problem } from '@porpulsion/contract'

/** What goes with a problem document as the body of an HTTP answer. */
export function problemHeaders(problem: Problem): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(problem.status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(problem.retryAfterSeconds !== undefined && {
      'retry-after': String(problem.retryAfterSeconds),
    }),
  }
}
