/**
 * Refusals of the API server, as Kubernetes words them: a `Status` object with code, reason and causes. Clients match
 * on code and reason; kubectl shows the message.
 */
import type { Status } from 'kubernetes-types/meta/v1.js'

/** Reasons and their HTTP status. */
const statusCodes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  Gone: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const
export type StatusReason = keyof typeof statusCodes

/** Why one field was refused; kubectl prints `field: message`. */
export interface FieldCause {
  readonly field: string
  readonly reason: FieldReason
  readonly message: string
}

export type FieldReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueDuplicate'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTypeInvalid'
  | 'FieldManagerConflict'

export interface ErrorTarget {
  readonly group?: string
  /** Resource (`pods`) or, for Invalid, kind (`Pod`): as the real server has it. */
  readonly kind?: string
  readonly name?: string
  readonly uid?: string
}

export class ApiError extends Error {
  readonly reason: StatusReason
  readonly code: number
  readonly target: ErrorTarget
  readonly causes: readonly FieldCause[]

  constructor(
    reason: StatusReason,
    message: string,
    target: ErrorTarget = {},
    causes: readonly FieldCause[] = [],
  ) {
    super(message)
    this.name = 'ApiError'
    this.reason = reason
    this.code = statusCodes[reason]
    this.target = target
    this.causes = causes
  }

  toStatus(): Status {
    const { group, kind, name, uid } = this.target
    const details = {
      ...(name !== undefined && { name }),
      ...(group !== undefined && group !== '' && { group }),
      ...(kind !== undefined && { kind }),
      ...(uid !== undefined && { uid }),
      ...(this.causes.length > 0 && { causes: this.causes.map((cause) => ({ ...cause })) }),
    }
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(Object.keys(details).length > 0 && { details }),
      code: this.code,
    }
  }
}

type ResourceName = { readonly group: string; readonly plural: string }

/** `deployments.apps`, or `pods` in the core group. */
export function qualifiedResource({ group, plural }: ResourceName): string {
  return group === '' ? plural : `${plural}.${group}`
}

export function notFound(resource: ResourceName, name: string): ApiError {
  return new ApiError('NotFound', `${qualifiedResource(resource)} "${name}" not found`, {
    group: resource.group,
    kind: resource.plural,
    name,
  })
}

export function alreadyExists(resource: ResourceName, name: string): ApiError {
  return new ApiError('AlreadyExists', `${qualifiedResource(resource)} "${name}" already exists`, {
    group: resource.group,
    kind: resource.plural,
    name,
  })
}

export function conflict(resource: ResourceName, name: string, why: string): ApiError {
  return new ApiError(
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`,
    { group: resource.group, kind: resource.plural, name },
  )
}

export function badRequest(message: string): ApiError {
  return new ApiError('BadRequest', message)
}

export function forbidden(resource: ResourceName, name: string, why: string): ApiError {
  return new ApiError(
    'Forbidden',
    `${qualifiedResource(resource)} "${name}" is forbidden: ${why}`,
    {
      group: resource.group,
      kind: resource.plural,
      name,
    },
  )
}

/** True for the refusals a controller expects: somebody else was faster. */
export function isReason(error: unknown, ...reasons: readonly StatusReason[]): error is ApiError {
  return error instanceof ApiError && reasons.includes(error.reason)
}
