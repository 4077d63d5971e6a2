import { PorpulsionError, type ApiEvent, type Role } from '@porpulsion/contract'
import type { ApiHandlers, Caller } from '../api/index.ts'
import type { Access, LoginLink } from './access.ts'
import { lesserRole, mayCall } from './role-rules.ts'

type Publish = (event: ApiEvent) => void
type Changed = (kind: 'Tokens' | 'Users') => void

/** Users, links, tokens and sessions. Signing in and out belong to http: they deal in cookies. */
export function accessHandlers(deps: {
  readonly access: Access
  readonly publish: Publish
}): ApiHandlers {
  const changed: Changed = (kind) => deps.publish({ type: 'changed', kind })
  return {
    ...userHandlers(deps.access, changed),
    ...sessionHandlers(deps.access),
    ...tokenHandlers(deps.access, changed),
  }
}

function userHandlers(access: Access, changed: Changed): ApiHandlers {
  const { users } = access
  return {
    createLoginLink: async ({ caller }) => linkBody(await access.createLoginLink(caller)),
    listUsers: () => Promise.resolve({ items: [...users.list()] }),
    createUser: async ({ body }) => {
      const { name } = await users.create(body)
      const { url, expiresAtMs } = await access.createLoginLinkFor(name)
      changed('Users')
      const loginUrlExpiresAt = new Date(expiresAtMs).toISOString()
      return { ...users.get(name), loginUrl: url, loginUrlExpiresAt }
    },
    updateUser: async ({ params, body }) => {
      const updated = await users.update(params['name'] ?? '', body)
      changed('Users')
      return updated
    },
    deleteUser: async ({ params }) => {
      await access.deleteUser(params['name'] ?? '')
      changed('Users')
      // Theirs went with them.
      changed('Tokens')
      return undefined
    },
    createUserLoginLink: async ({ params }) =>
      linkBody(await access.createLoginLinkFor(params['name'] ?? '')),
    changePassword: async ({ caller, body }) => {
      await access.changePassword(caller, body)
      changed('Users')
      return undefined
    },
  }
}

function sessionHandlers({ sessions, users }: Access): ApiHandlers {
  const isTheirs = (caller: Caller, user: string): boolean =>
    caller.role === 'admin' || caller.user?.name === user
  return {
    listSessions: ({ caller }) => {
      const items = sessions
        .list()
        .filter(({ user }) => isTheirs(caller, user))
        .map((session) => ({ ...session, current: session.id === caller.sessionId }))
      return Promise.resolve({ items })
    },
    endSession: async ({ caller, params }) => {
      const id = params['id'] ?? ''
      const ended = await sessions.endWhere(
        (session) => session.id === id && isTheirs(caller, session.user),
      )
      if (ended === 0) throw sessionNotFound(id)
      return undefined
    },
    endSessions: async ({ caller, query }) => {
      const name = query.user ?? caller.user?.name
      if (name === undefined || !isTheirs(caller, name)) throw notTheirs(caller, name)
      users.get(name)
      const isOwn = query.user === undefined
      const ended = await sessions.endWhere(
        ({ id, user }) => user === name && !(isOwn && id === caller.sessionId),
      )
      return { ended }
    },
  }
}

function tokenHandlers({ tokens }: Access, changed: Changed): ApiHandlers {
  /** Whose tokens a caller may see and revoke; `undefined`: everybody's. */
  const ownerFor = ({ role, user }: Caller): string | undefined =>
    role === 'admin' ? undefined : (user?.name ?? '')
  return {
    listTokens: ({ caller }) => {
      const owner = ownerFor(caller)
      const items = tokens.list().filter((token) => owner === undefined || token.owner === owner)
      return Promise.resolve({ items })
    },
    createToken: async ({ caller, body }) => {
      const role = body.role ?? lesserRole(caller.role, 'operator')
      assertMayGive(caller, role)
      const created = await tokens.create({ ...body, role }, caller.user)
      changed('Tokens')
      return created
    },
    revokeToken: async ({ caller, params }) => {
      await tokens.revoke(params['id'] ?? '', ownerFor(caller))
      changed('Tokens')
      return undefined
    },
  }
}

const linkBody = ({ url, expiresAtMs }: LoginLink): { url: string; expiresAt: string } => ({
  url,
  expiresAt: new Date(expiresAtMs).toISOString(),
})

/** A token that could make others would outlive being revoked; admins can do as much in many other ways. */
function assertMayGive(caller: Caller, role: Role): void {
  if (!mayCall(caller.role, role))
    throw new PorpulsionError(
      'Forbidden',
      'RoleTooLow',
      `${caller.name} is ${caller.role}, and cannot make a token that is ${role}`,
    )
  if (caller.role !== 'admin' && caller.sessionId === undefined)
    throw new PorpulsionError(
      'Forbidden',
      'SessionNeeded',
      'An API token cannot make another one; sign in as a user',
    )
}

const sessionNotFound = (id: string): PorpulsionError =>
  new PorpulsionError(
    'NotFound',
    'SessionNotFound',
    `There is no session "${id}" that you may end; it may have ended`,
  )

const notTheirs = ({ name, role }: Caller, user: string | undefined): PorpulsionError =>
  user === undefined
    ? new PorpulsionError(
        'Invalid',
        'InvalidRequest',
        'This token is nobody’s; say whose sessions are to end',
        { fields: [{ path: 'user', message: 'is required' }] },
      )
    : new PorpulsionError(
        'Forbidden',
        'RoleTooLow',
        `${name} is ${role}; ending the sessions of others needs the role admin`,
      )
