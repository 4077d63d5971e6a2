import type { FastifyReply, FastifyRequest } from 'fastify'
import { isPorpulsionError, type Login, type SessionInfo } from '@porpulsion/contract'
import type { Access } from '../access/index.ts'
import { ANYONE, outcomeOf, type Audit } from '../audit/index.ts'
import type { ClientAddress } from './client-address.ts'
import { hijack, type OwnHandler } from './endpoint-routes.ts'
import type { EventStreams } from './event-stream.ts'
import type { Gatekeeper } from './gatekeeper.ts'
import { asPorpulsionError } from './problem-reply.ts'
import { credentialsOf, sessionInfo, signIn, signOut } from './session-routes.ts'

export interface OwnHandlerDeps {
  readonly access: Access
  readonly clientAddress: ClientAddress
  readonly gatekeeper: Gatekeeper
  readonly eventStreams: EventStreams
  readonly audit: Audit
}

/** The endpoints that deal in cookies and event ids, which no other feature ever sees. */
export function ownHandlers(deps: OwnHandlerDeps): Readonly<Record<string, OwnHandler>> {
  const { access, eventStreams, gatekeeper } = deps
  return {
    login: ({ body }, request, reply) => recordedSignIn(deps, body as Login, request, reply), // checked by the endpoint's schema
    logout: (_input, request, reply) => signOut(deps, request, reply),
    getSession: (_input, request) =>
      Promise.resolve(sessionInfo(gatekeeper.authenticated(request))),
    streamEvents: (_input, request, reply) => {
      const lastEventId = request.headers['last-event-id']
      eventStreams.open(() => hijack(reply, 'text/event-stream'), {
        lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
        isStillAllowed: () => isStillSignedIn(access, request),
      })
      return Promise.resolve()
    },
  }
}

/** Both ways of signing in lead here: each is in the audit trail, and failures count against their address. */
export async function recordedSignIn(
  deps: OwnHandlerDeps,
  login: Login,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SessionInfo> {
  const from = deps.clientAddress.of(request.raw)
  try {
    const session = await signIn(deps, login, request, reply)
    deps.audit.record({ actor: session.user, action: LOGIN, outcome: 'done', from })
    return session
  } catch (error) {
    recordFailure(deps, login, from, error)
    if (!isRateLimited(error)) deps.gatekeeper.failed(request)
    throw error
  }
}

export const LOGIN = 'login'

function recordFailure(
  { access, audit }: OwnHandlerDeps,
  { user }: Login,
  from: string,
  error: unknown,
): void {
  const failure = asPorpulsionError(error)
  // A name nobody has may be a password in the wrong field.
  const isKnown = user !== undefined && access.users.enabled(user) !== undefined
  audit.record({
    actor: ANYONE,
    action: LOGIN,
    ...(isKnown && { about: `user/${user}` }),
    outcome: outcomeOf(failure.kind),
    reason: failure.code,
    from,
  })
}

const isRateLimited = (error: unknown): boolean =>
  isPorpulsionError(error) && error.code === 'RateLimited'

function isStillSignedIn(access: Access, request: FastifyRequest): boolean {
  try {
    return access.authenticate(credentialsOf(request)) !== undefined
  } catch {
    return false // a token that was revoked
  }
}
