import { PorpulsionError, type Role } from '@porpulsion/contract'
import type { Caller } from '../api/index.ts'
import type { DocumentStore } from '../documents/index.ts'
import type { Clock, Logger } from '../observability/index.ts'
import { createApiTokens, type ApiTokens } from './api-tokens.ts'
import { readCookies } from './cookies.ts'
import { ADMIN, createFirstLogin, type FirstLogin } from './first-login.ts'
import { createLoginCodes, type LoginCodes } from './login-codes.ts'
import { createSessions, type NewSession, type Sessions } from './sessions.ts'
import { createTickets, type Tickets } from './tickets.ts'

export interface AccessDeps {
  /** Each a Secret of its own; their names start with `porpulsion-`. */
  readonly stores: {
    readonly users: DocumentStore
    readonly adminLink: DocumentStore
    readonly loginCodes: DocumentStore
    readonly sessions: DocumentStore
    readonly tokens: DocumentStore
    readonly ticketKey: DocumentStore
  }
  readonly clock: Clock
  readonly logger: Logger
}

export interface AccessOptions {
  /** Of our CA. Cookies ignore ports, so that two agents on one host need names of their own. */
  readonly fingerprint: string
  /** Where people reach the page, for login links: `http://localhost:8000`. Asked when needed. */
  readonly dashboardUrl: () => string
}

/** What a request says about its sender; both headers come from outside. */
export interface Credentials {
  readonly authorization?: string | undefined
  readonly cookie?: string | undefined
}

/** Who sent a request, and what proved it. */
export interface Authenticated {
  readonly caller: Caller
  /** A token is sent on purpose; a browser sends the session's cookie by itself, also when another page asks it to. */
  readonly via: 'session' | 'token'
  readonly expiresAtMs?: number
}

export interface Access {
  start(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
  /** `undefined`: no credentials, or a session that ended. A wrong token throws `TokenInvalid`. Asks nobody. */
  authenticate(credentials: Credentials): Authenticated | undefined
  /** Throws `LoginLinkInvalid`. The session the browser had before, if any, ends. */
  login(code: string, credentials: Credentials): Promise<NewSession>
  logout(credentials: Credentials): Promise<void>
  createLoginLink(): Promise<{ readonly url: string; readonly expiresAtMs: number }>
  readonly firstLogin: FirstLogin
  readonly tokens: ApiTokens
  readonly tickets: Tickets
  /** Name of the session cookie; with the `__Host-` prefix browsers accept it over https only, and for this host alone. */
  sessionCookieName(secure: boolean): string
  /** Name of the cookie an app's origin gets for a ticket. */
  readonly ticketCookieName: string
  /** Cookies that are ours, of this agent or another on the same host: they never go on to a pod, nor come from one. */
  isOurCookie(name: string): boolean
}

/** A link somebody asked for is used at once. */
export const LOGIN_LINK_LIFE_MS = 15 * 60_000

export function createAccess(deps: AccessDeps, options: AccessOptions): Access {
  return new LocalAccess(deps, options)
}

class LocalAccess implements Access {
  readonly firstLogin: FirstLogin
  readonly tokens: ApiTokens
  readonly tickets: Tickets
  readonly ticketCookieName: string
  readonly #options: AccessOptions
  readonly #logger: Logger
  readonly #loginCodes: LoginCodes
  readonly #sessions: Sessions
  readonly #sessionCookie: string
  readonly #stopping = new AbortController()

  constructor({ stores, clock, logger }: AccessDeps, options: AccessOptions) {
    const short = options.fingerprint.slice(0, 8)
    this.#options = options
    this.#logger = logger
    this.#sessionCookie = `porpulsion-${short}`
    this.ticketCookieName = `porpulsion-app-${short}`
    this.#loginCodes = createLoginCodes(stores.loginCodes, clock)
    this.#sessions = createSessions(stores.sessions, clock)
    this.tokens = createApiTokens({ store: stores.tokens, clock, logger })
    this.tickets = createTickets(stores.ticketKey, clock)
    this.firstLogin = createFirstLogin({
      users: stores.users,
      adminLink: stores.adminLink,
      loginCodes: this.#loginCodes,
      clock,
      logger,
      linkFor: (code) => this.#linkFor(code),
    })
  }

  async start(signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.#stopping.signal])
    const parts = [this.#loginCodes, this.#sessions, this.tokens, this.tickets, this.firstLogin]
    await Promise.all(parts.map((part) => part.start(until)))
  }

  async stop(): Promise<void> {
    this.firstLogin.stop()
    await this.tokens.stop()
    this.#stopping.abort()
  }

  authenticate(credentials: Credentials): Authenticated | undefined {
    const token = bearerToken(credentials.authorization)
    if (token !== undefined) return this.#byToken(token)
    for (const id of this.#sessionIds(credentials.cookie)) {
      const session = this.#sessions.find(id)
      if (session === undefined) continue
      const { user: name, role, expiresAtMs } = session
      return { caller: { name, role }, via: 'session', expiresAtMs }
    }
    return undefined
  }

  async login(code: string, credentials: Credentials): Promise<NewSession> {
    const user = this.#loginCodes.check(code)
    const [previous] = this.#sessionIds(credentials.cookie)
    // The session first: a cluster that fails in between must not burn the code.
    const created = await this.#sessions.create({ name: user, role: roleOf(user) }, previous)
    try {
      await this.#loginCodes.redeem(code)
    } catch (error) {
      await this.#sessions.end(created.id)
      throw error
    }
    await this.#claim(user)
    return created
  }

  /** They are in, whatever becomes of this; at worst the next start offers a first login again. */
  async #claim(user: string): Promise<void> {
    try {
      await this.firstLogin.claim(user)
    } catch (err) {
      this.#logger.error({ err }, 'Could not erase the first login link')
    }
  }

  async logout(credentials: Credentials): Promise<void> {
    for (const id of this.#sessionIds(credentials.cookie)) await this.#sessions.end(id)
  }

  async createLoginLink(): Promise<{ url: string; expiresAtMs: number }> {
    const { code, expiresAtMs } = await this.#loginCodes.create(ADMIN, LOGIN_LINK_LIFE_MS)
    return { url: this.#linkFor(code), expiresAtMs }
  }

  sessionCookieName(secure: boolean): string {
    return secure ? `__Host-${this.#sessionCookie}` : this.#sessionCookie
  }

  isOurCookie(name: string): boolean {
    return /^(__Host-)?porpulsion-/i.test(name)
  }

  #byToken(text: string): Authenticated {
    const token = this.tokens.use(text)
    if (token === undefined) throw tokenInvalid()
    return {
      caller: { name: `token/${token.name}`, role: token.role },
      via: 'token',
      ...(token.expiresAtMs !== undefined && { expiresAtMs: token.expiresAtMs }),
    }
  }

  /** The `__Host-` one first: a page on a sibling host cannot plant it. */
  #sessionIds(cookie: string | undefined): readonly string[] {
    const cookies = readCookies(cookie)
    return [true, false].flatMap((secure) => cookies.get(this.sessionCookieName(secure)) ?? [])
  }

  #linkFor(code: string): string {
    return `${this.#options.dashboardUrl()}/login?code=${code}`
  }
}

/** One user, one role, until there are more. */
const roleOf = (user: string): Role => (user === ADMIN ? 'admin' : 'viewer')

function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
}

const tokenInvalid = (): PorpulsionError =>
  new PorpulsionError(
    'Unauthenticated',
    'TokenInvalid',
    'The API token is unknown, expired or revoked; create one with `porpulsion token create`',
  )
