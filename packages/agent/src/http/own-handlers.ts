import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LoginByCode, SessionInfo } from '@porpulsion/contract'
import type { Access } from '../access/index.ts'
import type { Logger } from '../observability/index.ts'
import type { ClientAddress } from './client-address.ts'
import { hijack, type OwnHandler } from './endpoint-routes.ts'
import type { EventStreams } from './event-stream.ts'
import type { Gatekeeper } from './gatekeeper.ts'
import { credentialsOf, sessionInfo, signIn, signOut } from './session-routes.ts'

export interface OwnHandlerDeps {
  readonly access: Access
  readonly clientAddress: ClientAddress
  readonly gatekeeper: Gatekeeper
  readonly eventStreams: EventStreams
  readonly logger: Logger
}

/** The endpoints that deal in cookies and event ids, which no other feature ever sees. */
export function ownHandlers(deps: OwnHandlerDeps): Readonly<Record<string, OwnHandler>> {
  const { access, eventStreams, gatekeeper } = deps
  return {
    login: ({ body }, request, reply) => recordedSignIn(deps, body as LoginByCode, request, reply), // checked by the endpoint's schema
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

/** Successes are logged; failures count against their address. */
export async function recordedSignIn(
  deps: OwnHandlerDeps,
  login: LoginByCode,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SessionInfo> {
  try {
    const session = await signIn(deps, login, request, reply)
    const address = deps.clientAddress.of(request.raw)
    deps.logger.info({ caller: session.user, address }, 'Signed somebody in')
    return session
  } catch (error) {
    deps.gatekeeper.failed(request)
    throw error
  }
}

function isStillSignedIn(access: Access, request: FastifyRequest): boolean {
  try {
    return access.authenticate(credentialsOf(request)) !== undefined
  } catch {
    return false // a token that was revoked
  }
}
