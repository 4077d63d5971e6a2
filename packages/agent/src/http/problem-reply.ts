import {
  errorKindMeanings,
  isPorpulsionError,
  PorpulsionError,
  toProblem,
} from '@porpulsion/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { problemHeaders } from '../api/index.ts'
import type { Logger } from '../observability/index.ts'

/** Every failure becomes one of ours, with nothing of the inside in it. */
export function asPorpulsionError(error: unknown): PorpulsionError {
  if (isPorpulsionError(error)) return error
  const status = statusOf(error)
  const message = error instanceof Error ? error.message : String(error)
  // From the static files: a directory, a hidden file, or nothing at all.
  if (status === 403 || status === 404)
    return new PorpulsionError('NotFound', 'RouteNotFound', 'There is no such file', {
      cause: error,
    })
  if (status === 413)
    return new PorpulsionError(
      'LimitExceeded',
      'RequestTooLarge',
      'The body is over the size limit of this endpoint',
      { cause: error },
    )
  if (status === 415)
    return new PorpulsionError(
      'Invalid',
      'MalformedRequest',
      'Send the body as application/json or application/yaml',
      { cause: error },
    )
  if (status !== undefined && status >= 400 && status < 500)
    return new PorpulsionError('Invalid', 'MalformedRequest', message, { cause: error })
  return new PorpulsionError(
    'Internal',
    'InternalError',
    'Something went wrong inside the agent; its log has the details under this request id',
    { cause: error },
  )
}

/** Answers with a problem document; the one place a failed request is logged. */
export function sendProblem(
  logger: Logger,
  request: FastifyRequest,
  reply: FastifyReply,
  failure: unknown,
): FastifyReply {
  const error = asPorpulsionError(failure)
  logFailure(logger, request, error)
  const problem = toProblem(error, request.id)
  return reply.code(problem.status).headers(problemHeaders(problem)).send(JSON.stringify(problem))
}

function logFailure(logger: Logger, request: FastifyRequest, error: PorpulsionError): void {
  const level = logLevelOf(error)
  if (level === 'none') return
  const { id: requestId, method } = request
  // The path without its query, which may hold a ticket or a code.
  const path = request.url.split('?', 1)[0]
  if (level === 'error')
    logger.error(
      { requestId, method, path, code: error.code, err: error.cause ?? error },
      'Request failed',
    )
  else logger[level]({ requestId, method, path, code: error.code }, 'Refused a request')
}

type LogLevel = (typeof errorKindMeanings)[keyof typeof errorKindMeanings]['log']

/** That the API server is away is said once, by who watches it; each request that meets it says nothing new. */
export const logLevelOf = ({ kind, code }: PorpulsionError): LogLevel =>
  code === 'ClusterUnavailable' ? 'debug' : errorKindMeanings[kind].log

const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined
