import { PorpulsionError, type Endpoint } from '@porpulsion/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { mayCall, type Access, type Authenticated } from '../access/index.ts'
import { createRateLimit, type Caller, type RateLimitOptions } from '../api/index.ts'
import type { Clock } from '../observability/index.ts'
import { addressGroup, type ClientAddress } from './client-address.ts'
import { every } from './every.ts'
import { hostName, isAllowedHost } from './host-rules.ts'
import { RIGHTS_RECHECK_MS } from './limits.ts'
import { isFromElsewhere, isSafeMethod } from './origin-rules.ts'
import { securityHeaders, strictTransportSecurity } from './security-headers.ts'
import { credentialsOf } from './session-routes.ts'
import { upgradeOf } from './upgrade-response.ts'

export interface Gatekeeper {
  /** For every request, before anything else: headers, host, origin. Throws when it may not go on. */
  guard(request: FastifyRequest, reply: FastifyReply): void
  /** Who calls; `anyone` where nobody needs to say. Throws when they should have. */
  callerOf(endpoint: Endpoint, request: FastifyRequest): Caller
  /** Throws when they may not call this, or not this often. */
  admit(endpoint: Endpoint, caller: Caller): void
  /** Throws once whoever opened what is still open may not any more. */
  recheck(endpoint: Endpoint, request: FastifyRequest): void
  /** The same, once a second until the returned function is called. */
  watch(endpoint: Endpoint, request: FastifyRequest, onLost: () => void): () => void
  /** Throws `NotSignedIn`, `TokenInvalid`. */
  authenticated(request: FastifyRequest): Authenticated
  /** Counts a failed proof of who one is. Throws once its address has used up what it may. */
  failed(request: FastifyRequest): void
}

export interface GatekeeperDeps {
  readonly access: Access
  readonly clientAddress: ClientAddress
  readonly clock: Clock
}

/** Programs of one account share this; the dashboard is one of them. */
const accountLimit: RateLimitOptions = { perSecond: 200, burst: 1_000, maxKeys: 1_000 }
/** Failed proofs, per address. Whoever proves who they are is not counted, so nobody can lock others out. */
const failureLimit: RateLimitOptions = { perSecond: 0.5, burst: 30, maxKeys: 10_000 }

export function createGatekeeper(
  { access, clientAddress, clock }: GatekeeperDeps,
  options: { readonly allowedHosts: readonly string[] },
): Gatekeeper {
  const accounts = createRateLimit(clock, accountLimit)
  const failures = createRateLimit(clock, failureLimit)

  const failed = (request: FastifyRequest): void =>
    failures.take(addressGroup(clientAddress.of(request.raw)))

  function authenticated(request: FastifyRequest): Authenticated {
    let found: Authenticated | undefined
    try {
      found = access.authenticate(credentialsOf(request))
    } catch (error) {
      failed(request)
      throw error
    }
    // Not counted: nothing was guessed, and who may not see the page to sign in is locked out.
    if (found === undefined) throw notSignedIn()
    return found
  }

  function recheck(endpoint: Endpoint, request: FastifyRequest): void {
    const { caller } = authenticated(request)
    if (endpoint.role !== 'anyone' && !mayCall(caller.role, endpoint.role))
      throw roleTooLow(caller, endpoint.role)
  }

  return {
    authenticated,
    failed,
    recheck,

    watch: (endpoint, request, onLost) =>
      every(clock, RIGHTS_RECHECK_MS, () => {
        try {
          recheck(endpoint, request)
        } catch {
          onLost()
        }
      }),

    guard(request, reply) {
      void reply.headers(securityHeaders)
      if (clientAddress.isSecure(request.raw))
        void reply.header('strict-transport-security', strictTransportSecurity)
      const name = hostName(request.headers.host)
      if (name === undefined || !isAllowedHost(name, options.allowedHosts))
        throw hostNotAllowed(request.headers.host)
      // Browsers let any page open a WebSocket to us, cookies included, and show it what comes.
      const isUpgrade = upgradeOf(request.raw) !== undefined
      if ((isUpgrade || !isSafeMethod(request.method)) && isFromElsewhere(request.headers))
        throw originNotAllowed()
    },

    callerOf: (endpoint, request) =>
      endpoint.role === 'anyone' ? anyone : authenticated(request).caller,

    admit(endpoint, caller) {
      if (endpoint.role === 'anyone') return
      accounts.take(caller.name)
      if (!mayCall(caller.role, endpoint.role)) throw roleTooLow(caller, endpoint.role)
    },
  }
}

const anyone: Caller = { name: 'anyone', role: 'viewer' }

const hostNotAllowed = (host: string | undefined): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'HostNotAllowed',
    `This agent does not answer to the host "${host ?? ''}"; start it with --allowed-host to allow a name`,
  )

const originNotAllowed = (): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'OriginNotAllowed',
    'This request came from a page of another origin, and changes are taken from our own pages only',
  )

const notSignedIn = (): PorpulsionError =>
  new PorpulsionError(
    'Unauthenticated',
    'NotSignedIn',
    'Sign in with a name and password or a login link (`porpulsion login`), or pass an API token',
  )

const roleTooLow = ({ name, role }: Caller, needed: string): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'RoleTooLow',
    `${name} is ${role}; this needs the role ${needed} or above`,
  )
