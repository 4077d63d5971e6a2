/** Who is asking: the administrator, or a ServiceAccount; nobody else. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ApiError } from '../registry/api-error.ts'
import type { Identity } from './api-request.ts'
import { defaultAudiences, type ServiceAccountTokens } from './service-account-tokens.ts'

export const adminGroup = 'system:masters'

const admin: Identity = {
  username: 'kubernetes-admin',
  groups: [adminGroup, 'system:authenticated'],
}

export class Authenticator {
  readonly #adminToken: Buffer
  readonly #tokens: ServiceAccountTokens

  constructor(adminToken: string, tokens: ServiceAccountTokens) {
    this.#adminToken = digest(adminToken)
    this.#tokens = tokens
  }

  /** Throws `Unauthorized` for no token and for a wrong one. */
  authenticate(headers: IncomingMessage['headers']): Identity {
    const token = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
    const identity =
      token === undefined ? undefined : this.identify(token, defaultAudiences)?.identity
    if (identity === undefined) throw new ApiError('Unauthorized', 'Unauthorized')
    return identity
  }

  /** The owner of a token that is meant for one of the audiences. */
  identify(
    token: string,
    audiences: readonly string[],
  ): { readonly identity: Identity; readonly audiences: readonly string[] } | undefined {
    if (timingSafeEqual(digest(token), this.#adminToken)) return { identity: admin, audiences }
    const verified = this.#tokens.verify(token)
    const shared = verified?.audiences.filter((audience) => audiences.includes(audience)) ?? []
    if (verified === undefined || shared.length === 0) return undefined
    return { identity: verified.identity, audiences: shared }
  }
}

/** Equal length for the constant-time comparison. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

export interface Impersonation {
  readonly identity: Identity
  /** The groups that were asked for by name; each needs a permission of its own. */
  readonly groups: readonly string[]
}

/** `Impersonate-User` and `Impersonate-Group`, as `kubectl --as` sends them. */
export function impersonation(headers: IncomingMessage['headers']): Impersonation | undefined {
  const user = headers['impersonate-user']
  if (typeof user !== 'string' || user === '') return undefined
  const groups = headers['impersonate-group']
  const asked =
    typeof groups === 'string' ? groups.split(',').map((group) => group.trim()) : (groups ?? [])
  const identity = {
    username: user,
    groups: [...asked, ...impliedGroups(user), 'system:authenticated'],
  }
  return { identity, groups: asked }
}

function impliedGroups(user: string): readonly string[] {
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user)
  if (account === null) return []
  return ['system:serviceaccounts', `system:serviceaccounts:${account[1] ?? ''}`]
}
