import type { LoginByCode, SessionInfo } from '@porpulsion/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  serializeCookie,
  SESSION_LIFE_MS,
  type Access,
  type Authenticated,
  type Credentials,
  type NewSession,
} from '../access/index.ts'
import type { ClientAddress } from './client-address.ts'

export interface SessionRouteDeps {
  readonly access: Access
  readonly clientAddress: ClientAddress
}

export const credentialsOf = ({ headers }: FastifyRequest): Credentials => ({
  authorization: headers.authorization,
  cookie: headers.cookie,
})

/** Signs in: the cookie goes with the reply. */
export async function signIn(
  { access, clientAddress }: SessionRouteDeps,
  { code }: LoginByCode,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SessionInfo> {
  const created = await access.login(code, credentialsOf(request))
  void reply.header(
    'set-cookie',
    sessionCookie(access, created, clientAddress.isSecure(request.raw)),
  )
  const { user, role, expiresAtMs } = created.session
  return { user, role, via: 'session', expiresAt: new Date(expiresAtMs).toISOString() }
}

/** Signs out, on the agent and in the browser. */
export async function signOut(
  { access, clientAddress }: SessionRouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  await access.logout(credentialsOf(request))
  const secure = clientAddress.isSecure(request.raw)
  const erased = { path: '/', secure, sameSite: 'Strict', maxAgeSeconds: 0 } as const
  void reply.header('set-cookie', serializeCookie(access.sessionCookieName(secure), '', erased))
}

export function sessionInfo({ caller, via, expiresAtMs }: Authenticated): SessionInfo {
  return {
    user: caller.name,
    role: caller.role,
    via,
    ...(expiresAtMs !== undefined && { expiresAt: new Date(expiresAtMs).toISOString() }),
  }
}

function sessionCookie(access: Access, { id }: NewSession, secure: boolean): string {
  return serializeCookie(access.sessionCookieName(secure), id, {
    path: '/',
    secure,
    sameSite: 'Strict',
    maxAgeSeconds: SESSION_LIFE_MS / 1_000,
  })
}
