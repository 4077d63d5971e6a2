import type { Status, StatusDetails } from 'kubernetes-types/meta/v1.d.ts'

export interface KubeErrorOptions {
  /** HTTP status of the answer; 0 when there was none. */
  readonly status: number
  /** Kubernetes' reason word (`NotFound`), or ours: `Unreachable`, `NoAnswer`, `BadAnswer`, `WatchIdle`. */
  readonly reason: string
  readonly message: string
  readonly details?: StatusDetails
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** What went wrong between us and an API server: its refusal, or that it did not answer. Aborts are not KubeErrors. */
export class KubeError extends Error {
  override readonly name = 'KubeError'
  readonly status: number
  readonly reason: string
  readonly details: StatusDetails | undefined
  /** How long the server asked us to wait. */
  readonly retryAfterMs: number | undefined

  constructor(options: KubeErrorOptions) {
    super(options.message, 'cause' in options ? { cause: options.cause } : {})
    this.status = options.status
    this.reason = options.reason
    this.details = options.details
    this.retryAfterMs = options.retryAfterMs
  }
}

/** The object is not there. */
export const isNotFound = (error: unknown): boolean => hasStatus(error, 404)

/** Somebody else changed the object (or owns the field) since we read it: read again. */
export const isConflict = (error: unknown): boolean =>
  hasStatus(error, 409) && error.reason !== 'AlreadyExists'

/** The name is taken. */
export const isAlreadyExists = (error: unknown): boolean =>
  hasStatus(error, 409) && error.reason === 'AlreadyExists'

/** The resourceVersion or continue token is too old: list again. */
export const isGone = (error: unknown): boolean =>
  hasStatus(error, 410) || (error instanceof KubeError && error.reason === 'Expired')

/** The object breaks a schema or a rule; the same request can never succeed. */
export const isInvalid = (error: unknown): boolean => hasStatus(error, 422) || hasStatus(error, 400)

export const isForbidden = (error: unknown): boolean => hasStatus(error, 403)

export const isUnauthorized = (error: unknown): boolean => hasStatus(error, 401)

export const isTooManyRequests = (error: unknown): boolean => hasStatus(error, 429)

/** No answer in time; whether the request took effect is unknown. */
export const isTimeout = (error: unknown): boolean =>
  hasStatus(error, 504) || (error instanceof KubeError && error.reason === 'NoAnswer')

/** The API server is out of reach or out of order; the same request may succeed later. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof KubeError && (error.status === 0 || error.status >= 500)

/** A resourceVersion from the future: the server lost writes we have seen (a restored backup). */
export const isResourceVersionTooLarge = (error: unknown): boolean =>
  error instanceof KubeError &&
  (error.details?.causes?.some((cause) => cause.reason === 'ResourceVersionTooLarge') ?? false)

/** What was said when nothing was: names for answers without a Status body. */
const reasonsByStatus: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** Proxies in front of API servers answer in HTML; nobody needs all of it in a message. */
const maxQuotedCharacters = 500

/** From an error answer: the server's Status where it sent one, else what can be told from the code. */
export function errorFromAnswer(
  status: number,
  body: string,
  context: { readonly request: string; readonly retryAfterMs?: number },
): KubeError {
  const said = statusFromBody(body)
  const retryAfterMs = context.retryAfterMs ?? secondsToMs(said?.details?.retryAfterSeconds)
  return new KubeError({
    status,
    reason: said?.reason ?? reasonsByStatus[status] ?? 'Unknown',
    message: said?.message ?? `${context.request} was answered ${status}${quoted(body)}`,
    ...(said?.details && { details: said.details }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

/** From a Status object that came as a watch event. */
export function errorFromStatus(status: Status, request: string): KubeError {
  return new KubeError({
    status: status.code ?? 500,
    reason: status.reason ?? reasonsByStatus[status.code ?? 500] ?? 'Unknown',
    message: status.message ?? `${request} was ended by the API server without a reason`,
    ...(status.details && { details: status.details }),
  })
}

function statusFromBody(body: string): Status | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    return isStatus(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** The API server is trusted by configuration: what calls itself a Status has a Status's fields. */
function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status'
}

function quoted(body: string): string {
  const text = body.trim().slice(0, maxQuotedCharacters)
  return text === '' ? '' : `: ${text}`
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000
}

function hasStatus(error: unknown, status: number): error is KubeError {
  return error instanceof KubeError && error.status === status
}
