import { PorpulsionError, type ChangePassword, type Role } from '@porpulsion/contract'
import type { Caller } from '../api/index.ts'
import type { DocumentStore } from '../documents/index.ts'
import type { Clock, Logger } from '../observability/index.ts'
import { createApiTokens, type ApiTokens, type StoredToken } from './api-tokens.ts'
import { readCookies } from './cookies.ts'
import { createDevices, type Devices } from './devices.ts'
import { createFairQueue } from './fair-queue.ts'
import { createFirstLogin, FIRST_LOGIN_LIFE_MS, type FirstLogin } from './first-login.ts'
import { createLoginCodes, loginLinkInvalid, type LoginCodes } from './login-codes.ts'
import { createLoginThrottle } from './login-throttle.ts'
import { createPasswordCheck, type PasswordCheck } from './password-check.ts'
import { lesserRole, mayCall } from './role-rules.ts'
import { createSessions, sessionName, type NewSession, type Sessions } from './sessions.ts'
import { createTickets, type Tickets } from './tickets.ts'
import { shortUserAgent } from './user-agent.ts'
import { createUsers, type Account, type Users } from './users.ts'

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
  /** Somebody signed in, or out: what no other request tells of. */
  readonly onChange?: (what: 'Sessions' | 'Users') => void
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

/** How a sign-in arrives, besides what proves it. */
export interface Arrival extends Credentials {
  readonly address?: string
  /** One customer's addresses count as one. */
  readonly addressGroup?: string
  readonly userAgent?: string | undefined
}

/** Who sent a request, and what proved it. */
export interface Authenticated {
  readonly caller: Caller
  /** A token is sent on purpose; a browser sends the session's cookie by itself, also when another page asks it to. */
  readonly via: 'session' | 'token'
  readonly expiresAtMs?: number
}

/** Somebody who just signed in. */
export interface SignedIn extends NewSession {
  readonly role: Role
  /** For a cookie of its own: this browser is recognised the next time. */
  readonly device: string
}

export interface LoginLink {
  readonly url: string
  readonly expiresAtMs: number
}

export interface Access {
  start(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
  /** `undefined`: no credentials, or a session that ended. A wrong token throws `TokenInvalid`. Asks nobody. */
  authenticate(credentials: Credentials): Authenticated | undefined
  /** Throws `LoginLinkInvalid`. The session the browser had before, if any, ends. */
  login(code: string, arrival: Arrival): Promise<SignedIn>
  /** Throws `PasswordWrong`, or `RateLimited` without looking. */
  loginByPassword(user: string, password: string, arrival: Arrival): Promise<SignedIn>
  logout(credentials: Credentials): Promise<void>
  /** For the user themself; for a token that is nobody's, for the first admin. */
  createLoginLink(caller?: Caller): Promise<LoginLink>
  /** To hand over; it lives longer. */
  createLoginLinkFor(user: string): Promise<LoginLink>
  /** Their other sessions end. */
  changePassword(caller: Caller, change: ChangePassword): Promise<void>
  /** With all that lets them in. */
  deleteUser(name: string): Promise<void>
  readonly users: Users
  readonly sessions: Pick<Sessions, 'list' | 'endWhere'>
  readonly firstLogin: FirstLogin
  readonly tokens: ApiTokens
  readonly tickets: Tickets
  /** Names what lets them in: the session or token in whose name tickets are, and streams stay open. */
  holderOf(caller: Caller): string
  /** Whether that is good still, of somebody whose role is enough. */
  mayUseApps(holder: string): boolean
  /** Name of the session cookie; with the `__Host-` prefix browsers accept it over https only, and for this host alone. */
  sessionCookieName(secure: boolean): string
  /** Name of the cookie that marks a browser somebody signed in from; it opens nothing. */
  deviceCookieName(secure: boolean): string
  /** Name of the cookie an app's origin gets for a ticket. */
  readonly ticketCookieName: string
  /** Cookies that are ours, of this agent or another on the same host: they never go on to a pod, nor come from one. */
  isOurCookie(name: string): boolean
}

/** A link somebody asked for is used at once. */
export const LOGIN_LINK_LIFE_MS = 15 * 60_000

/**
 * Hashing passwords is dear on purpose. One at a time, so that sign-ins cost the agent at most one core; at the bound
 * whoever asks most is told to come back. Login links do not wait here.
 */
const passwordQueue = { concurrency: 1, maxWaiting: 64 } as const

export function createAccess(deps: AccessDeps, options: AccessOptions): Access {
  return new LocalAccess(deps, options)
}

class LocalAccess implements Access {
  readonly users: Users
  readonly firstLogin: FirstLogin
  readonly tokens: ApiTokens
  readonly tickets: Tickets
  readonly sessions: Sessions
  readonly ticketCookieName: string
  readonly #options: AccessOptions
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #onChange: NonNullable<AccessDeps['onChange']>
  readonly #loginCodes: LoginCodes
  readonly #passwords: PasswordCheck
  readonly #devices: Devices
  readonly #short: string
  readonly #stopping = new AbortController()

  constructor({ stores, clock, logger, onChange }: AccessDeps, options: AccessOptions) {
    this.#onChange = onChange ?? (() => undefined)
    this.#short = options.fingerprint.slice(0, 8)
    this.#options = options
    this.#clock = clock
    this.#logger = logger
    this.ticketCookieName = `porpulsion-app-${this.#short}`
    this.users = createUsers(stores.users, clock)
    this.#loginCodes = createLoginCodes(stores.loginCodes, clock)
    this.sessions = createSessions(stores.sessions, {
      clock,
      logger,
      onChange: () => this.#onChange('Sessions'),
    })
    this.tokens = createApiTokens({ store: stores.tokens, clock, logger })
    this.tickets = createTickets({
      store: stores.ticketKey,
      clock,
      mayUseApps: (holder) => this.mayUseApps(holder),
    })
    this.#devices = createDevices(this.tickets, clock)
    this.#passwords = createPasswordCheck({
      users: this.users,
      throttle: createLoginThrottle(clock),
      queue: createFairQueue(passwordQueue),
    })
    this.firstLogin = createFirstLogin({
      users: this.users,
      adminLink: stores.adminLink,
      loginCodes: this.#loginCodes,
      clock,
      logger,
      linkFor: (code) => this.#linkFor(code),
    })
  }

  async start(signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.#stopping.signal])
    const parts = [this.#loginCodes, this.sessions, this.tokens, this.tickets, this.users]
    await Promise.all(parts.map((part) => part.start(until)))
  }

  async stop(): Promise<void> {
    this.firstLogin.stop()
    await Promise.all([this.tokens.stop(), this.sessions.stop()])
    this.#stopping.abort()
  }

  authenticate(credentials: Credentials): Authenticated | undefined {
    const token = bearerToken(credentials.authorization)
    if (token !== undefined) return this.#byToken(token)
    for (const id of this.#sessionIds(credentials.cookie)) {
      const authenticated = this.#bySession(id)
      if (authenticated !== undefined) return authenticated
    }
    return undefined
  }

  async login(code: string, arrival: Arrival): Promise<SignedIn> {
    const holder = this.#loginCodes.check(code)
    const account = this.users.enabled(holder.name, holder.id)
    if (account === undefined) throw loginLinkInvalid()
    // The session first: a cluster that fails in between must not burn the code.
    const created = await this.#open(account, arrival, 'link')
    try {
      await this.#loginCodes.redeem(code)
    } catch (error) {
      await this.sessions.end(created.id)
      throw error
    }
    await this.#claim(account.name)
    return created
  }

  async loginByPassword(user: string, password: string, arrival: Arrival): Promise<SignedIn> {
    const { addressGroup = '' } = arrival
    const id = this.users.enabled(user)?.id ?? ''
    const device = this.#devices.recognise(this.#deviceMark(arrival.cookie), id)
    const account = await this.#passwords.prove({ account: user, addressGroup, device }, password)
    return await this.#open(account, arrival, 'password')
  }

  async logout(credentials: Credentials): Promise<void> {
    for (const id of this.#sessionIds(credentials.cookie)) await this.sessions.end(id)
  }

  async createLoginLink(caller?: Caller): Promise<LoginLink> {
    const { user } = caller ?? {}
    const account =
      user === undefined ? this.users.firstAdmin() : this.users.enabled(user.name, user.id)
    if (account === undefined) throw userNotFound(user?.name ?? 'admin')
    return await this.#newLink(account, LOGIN_LINK_LIFE_MS)
  }

  async createLoginLinkFor(user: string): Promise<LoginLink> {
    const account = this.users.enabled(user)
    if (account === undefined) throw userNotFound(user)
    return await this.#newLink(account, FIRST_LOGIN_LIFE_MS)
  }

  async changePassword(caller: Caller, change: ChangePassword): Promise<void> {
    const { user, sessionId } = caller
    if (user === undefined || sessionId === undefined) throw sessionNeeded()
    await this.#passwords.change(user, {
      ...change,
      place: sessionId,
      needsCurrent: !this.#cameByLinkJustNow(sessionId),
    })
    await this.sessions.endWhere((other) => other.user === user.name && other.id !== sessionId)
  }

  async deleteUser(name: string): Promise<void> {
    // This alone ends it: the rest only clears up.
    await this.users.remove(name)
    await this.sessions.endWhere(({ user }) => user === name)
    await this.#loginCodes.eraseOf(name)
    await this.tokens.revokeOf(name)
  }

  holderOf({ sessionId, tokenId }: Caller): string {
    if (sessionId !== undefined) return `s${sessionId}`
    if (tokenId !== undefined) return `t${tokenId}`
    throw new Error('A caller who is nobody has nothing to hold')
  }

  mayUseApps(holder: string): boolean {
    const role = this.#roleOfHolder(holder)
    return role !== undefined && mayCall(role, 'operator')
  }

  sessionCookieName(secure: boolean): string {
    return hostBound(`porpulsion-${this.#short}`, secure)
  }

  deviceCookieName(secure: boolean): string {
    return hostBound(`porpulsion-device-${this.#short}`, secure)
  }

  isOurCookie(name: string): boolean {
    return /^(__Host-)?porpulsion-/i.test(name)
  }

  /** Signs them in, however they proved who they are. */
  async #open(account: Account, arrival: Arrival, by: 'link' | 'password'): Promise<SignedIn> {
    const [previous] = this.#sessionIds(arrival.cookie)
    const userAgent = shortUserAgent(arrival.userAgent)
    const { address } = arrival
    const origin = { address, userAgent, byLink: by === 'link' }
    const created = await this.sessions.create(account, origin, previous)
    return { ...created, role: account.role, device: this.#devices.issue(account.id) }
  }

  /** They are in, whatever becomes of this; at worst the next start offers a first login again. */
  async #claim(user: string): Promise<void> {
    const isFirst = !this.users.get(user).hasSignedIn
    try {
      await this.firstLogin.claim(user)
      if (isFirst) this.#onChange('Users')
    } catch (err) {
      this.#logger.error({ err }, 'Could not erase the first login link')
    }
  }

  /** The user is looked up every time: what they lost they have lost everywhere, at once. */
  #bySession(id: string): Authenticated | undefined {
    const session = this.sessions.find(id)
    const user = session && this.users.enabled(session.user, session.userId)
    if (user === undefined || session === undefined) return undefined
    this.sessions.touch(session)
    const { name, role } = user
    return {
      caller: { name, role, user: { id: user.id, name }, sessionId: sessionName(session) },
      via: 'session',
      expiresAtMs: session.expiresAtMs,
    }
  }

  #byToken(text: string): Authenticated {
    const token = this.tokens.use(text)
    const role = token && this.#roleOf(token)
    if (token === undefined || role === undefined) throw tokenInvalid()
    const { id, name, owner, expiresAtMs } = token
    return {
      caller: {
        name: `token/${name}`,
        role,
        tokenId: id,
        ...(owner !== undefined && { user: owner }),
      },
      via: 'token',
      ...(expiresAtMs !== undefined && { expiresAtMs }),
    }
  }

  /** A token may never do more than its owner may now, and nothing without them. */
  #roleOf({ role, owner }: StoredToken): Role | undefined {
    if (owner === undefined) return role
    const account = this.users.enabled(owner.name, owner.id)
    return account && lesserRole(role, account.role)
  }

  #roleOfHolder(holder: string): Role | undefined {
    const name = holder.slice(1)
    if (holder.startsWith('t')) {
      const token = this.tokens.byId(name)
      return token && this.#roleOf(token)
    }
    const session = this.sessions.byName(name)
    return session && this.users.enabled(session.user, session.userId)?.role
  }

  #cameByLinkJustNow(sessionId: string): boolean {
    const session = this.sessions.byName(sessionId)
    const { byLink = false, createdAtMs = 0 } = session ?? {}
    return byLink && this.#clock.now() - createdAtMs < LOGIN_LINK_LIFE_MS
  }

  async #newLink(account: Account, lifeMs: number): Promise<LoginLink> {
    const { code, expiresAtMs } = await this.#loginCodes.create(account, lifeMs)
    return { url: this.#linkFor(code), expiresAtMs }
  }

  /** The `__Host-` one first: a page on a sibling host cannot plant it. */
  #sessionIds(cookie: string | undefined): readonly string[] {
    const cookies = readCookies(cookie)
    return [true, false].flatMap((secure) => cookies.get(this.sessionCookieName(secure)) ?? [])
  }

  #deviceMark(cookie: string | undefined): string | undefined {
    const cookies = readCookies(cookie)
    return cookies.get(this.deviceCookieName(true)) ?? cookies.get(this.deviceCookieName(false))
  }

  #linkFor(code: string): string {
    return `${this.#options.dashboardUrl()}/login?code=${code}`
  }
}

const hostBound = (name: string, secure: boolean): string => (secure ? `__Host-${name}` : name)

function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
}

const tokenInvalid = (): PorpulsionError =>
  new PorpulsionError(
    'Unauthenticated',
    'TokenInvalid',
    'The API token is unknown, expired or revoked, or its owner may not get in any more; create one with `porpulsion token create`',
  )

const sessionNeeded = (): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'SessionNeeded',
    'An API token cannot do this; sign in as a user',
  )

const userNotFound = (name: string): PorpulsionError =>
  new PorpulsionError('NotFound', 'UserNotFound', `There is no user "${name}" that may get in`)
