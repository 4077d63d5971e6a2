import { invalidFields, type Login, type SessionInfo } from '@porpulsion/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  DEVICE_LIFE_MS,
  serializeCookie,
  SESSION_LIFE_MS,
  type Access,
  type Arrival,
  type Authenticated,
  type CookieOptions,
  type Credentials,
  type SignedIn,
} from '../access/index.ts'
import { addressGroup, type ClientAddress } from './client-address.ts'

export interface SessionRouteDeps {
  readonly access: Access
  readonly clientAddress: ClientAddress
}

export const credentialsOf = ({ headers }: FastifyRequest): Credentials => ({
  authorization: headers.authorization,
  cookie: headers.cookie,
})

/** Signs in: the cookies go with the reply. */
export async function signIn(
  { access, clientAddress }: SessionRouteDeps,
  login: Login,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SessionInfo> {
  const signedIn = await enter(access, login, arrivalOf(request, clientAddress))
  const secure = clientAddress.isSecure(request.raw)
  void reply.header('set-cookie', cookiesOf(access, signedIn, secure))
  const { session, role } = signedIn
  return {
    user: session.user,
    role,
    via: 'session',
    expiresAt: new Date(session.expiresAtMs).toISOString(),
  }
}

/** Signs out, on the agent and in the browser. */
export async function signOut(
  { access, clientAddress }: SessionRouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  await access.logout(credentialsOf(request))
  const secure = clientAddress.isSecure(request.raw)
  const name = access.sessionCookieName(secure)
  void reply.header('set-cookie', serializeCookie(name, '', lasting(0, secure)))
}

export function sessionInfo({ caller, via, expiresAtMs }: Authenticated): SessionInfo {
  return {
    user: caller.name,
    role: caller.role,
    via,
    ...(expiresAtMs !== undefined && { expiresAt: new Date(expiresAtMs).toISOString() }),
  }
}

async function enter(
  access: Access,
  { code, user, password }: Login,
  arrival: Arrival,
): Promise<SignedIn> {
  const byPassword = user !== undefined && password !== undefined
  if (byPassword && code === undefined) return await access.loginByPassword(user, password, arrival)
  if (code !== undefined && user === undefined && password === undefined)
    return await access.login(code, arrival)
  throw invalidFields([{ path: 'code', message: 'give either a code, or user and password' }])
}

function arrivalOf(request: FastifyRequest, clientAddress: ClientAddress): Arrival {
  const address = clientAddress.of(request.raw)
  return {
    ...credentialsOf(request),
    address,
    addressGroup: addressGroup(address),
    userAgent: request.headers['user-agent'],
  }
}

function cookiesOf(access: Access, { id, device }: SignedIn, secure: boolean): string[] {
  return [
    serializeCookie(access.sessionCookieName(secure), id, lasting(SESSION_LIFE_MS, secure)),
    serializeCookie(access.deviceCookieName(secure), device, lasting(DEVICE_LIFE_MS, secure)),
  ]
}

const lasting = (lifeMs: number, secure: boolean): CookieOptions => ({
  path: '/',
  secure,
  sameSite: 'Strict',
  maxAgeSeconds: lifeMs / 1_000,
})
