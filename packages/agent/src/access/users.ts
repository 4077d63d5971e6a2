import { PorpulsionError, Role, type User } from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import { createStoredRecord, type DocumentStore } from '../documents/index.ts'
import type { Clock } from '../observability/index.ts'
import { PasswordHash } from './password.ts'
import { newId } from './secrets.ts'

const UserRecord = Type.Object({
  users: Type.Array(
    Type.Object({
      /** Tells a user from an earlier one of the same name. The first admin of old has none. */
      id: Type.Optional(Type.String()),
      name: Type.String(),
      role: Role,
      /** Set once somebody signed in as this user. */
      claimed: Type.Boolean(),
      disabled: Type.Optional(Type.Boolean()),
      password: Type.Optional(PasswordHash),
      createdAtMs: Type.Optional(Type.Number()),
    }),
  ),
})
type StoredUser = Static<typeof UserRecord>['users'][number]

/** The one user there is at first. */
const ADMIN = 'admin'

/** Keeps the Secrets of users and sessions small. At the bound making another is refused. */
export const MAX_USERS = 100

/** Names that mean somebody else in the audit trail. */
const reservedNames: ReadonlySet<string> = new Set(['anyone', 'agent', 'ticket'])

/** A user who may get in. What they may do is always looked up here, never copied. */
export interface Account {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly password: PasswordHash | undefined
}

export interface UserChange {
  readonly role?: Role
  readonly disabled?: boolean
  /** `null` takes it away. */
  readonly password?: PasswordHash | null
}

/** Who there is. Every change acts on the next request. */
export interface Users {
  /** Makes the admin, once. */
  start(signal: AbortSignal): Promise<void>
  list(): readonly User[]
  /** Throws `UserNotFound`. */
  get(name: string): User
  /** `undefined`: nobody, somebody else of that name, or disabled. */
  enabled(name: string, id?: string): Account | undefined
  /** The admin who has been there longest: for links nobody in particular asks for. */
  firstAdmin(): Account | undefined
  create(user: { name: string; role: Role }): Promise<Account>
  /** Throws `LastAdmin` when nobody who ever signed in would be admin. */
  update(name: string, change: UserChange): Promise<User>
  remove(name: string): Promise<void>
  /** Whether anybody ever signed in. */
  isClaimed(): boolean
  claim(name: string): Promise<void>
}

export function createUsers(store: DocumentStore, clock: Clock): Users {
  const record = createStoredRecord(store, { schema: UserRecord, empty: { users: [] } })
  const all = (): readonly StoredUser[] => record.current().users

  function change(name: string, apply: (user: StoredUser) => StoredUser | undefined) {
    return record.update(({ users: before }) => {
      const user = before.find((known) => known.name === name)
      if (user === undefined) throw notFound(name)
      const after = apply(user)
      const users = before.flatMap((known) => (known === user ? (after ?? []) : known))
      // While nobody has signed in yet, the one the first login link is for.
      const isNeeded = before.some(canGovern) ? canGovern : isAdmin
      if (!users.some(isNeeded)) throw lastAdmin(name)
      return { users }
    })
  }

  function get(name: string): User {
    const user = all().find((known) => known.name === name)
    if (user === undefined) throw notFound(name)
    return describe(user)
  }

  return {
    async start(signal) {
      await record.start(signal)
      await record.update((value) =>
        value.users.length > 0
          ? value
          : { users: [{ id: newId(), name: ADMIN, role: 'admin' as const, claimed: false }] },
      )
    },
    list: () => all().map(describe),
    get,

    enabled(name, id) {
      const user = all().find((known) => known.name === name)
      if (user === undefined || user.disabled === true) return undefined
      const account = accountOf(user)
      return id === undefined || id === account.id ? account : undefined
    },

    firstAdmin() {
      const admin = all().find(isAdmin)
      return admin && accountOf(admin)
    },

    async create({ name, role }) {
      if (reservedNames.has(name)) throw exists(name)
      const user = { id: newId(), name, role, claimed: false, createdAtMs: clock.now() }
      await record.update(({ users }) => {
        if (users.some((known) => known.name === name)) throw exists(name)
        if (users.length >= MAX_USERS) throw tooMany()
        return { users: [...users, user] }
      })
      return accountOf(user)
    },

    async update(name, { role, disabled, password }) {
      await change(name, ({ password: kept, disabled: wasDisabled = false, ...user }) => {
        const next = password === undefined ? kept : (password ?? undefined)
        return {
          ...user,
          ...(role !== undefined && { role }),
          ...((disabled ?? wasDisabled) && { disabled: true }),
          ...(next !== undefined && { password: next }),
        }
      })
      return get(name)
    },

    async remove(name) {
      await change(name, () => undefined)
    },

    isClaimed: () => all().some(({ claimed }) => claimed),

    async claim(name) {
      if (all().some((user) => user.name === name && user.claimed)) return
      await change(name, (user) => ({ ...user, claimed: true }))
    },
  }
}

/** Somebody who never signed in may hold a link that expires: the last admin must not depend on that. */
const canGovern = (user: StoredUser): boolean => isAdmin(user) && user.claimed

const isAdmin = ({ role, disabled }: StoredUser): boolean => role === 'admin' && disabled !== true

const accountOf = ({ id, name, role, password }: StoredUser): Account => ({
  id: id ?? name,
  name,
  role,
  password,
})

const describe = (user: StoredUser): User => ({
  name: user.name,
  role: user.role,
  disabled: user.disabled ?? false,
  hasPassword: user.password !== undefined,
  hasSignedIn: user.claimed,
  ...(user.createdAtMs !== undefined && { createdAt: new Date(user.createdAtMs).toISOString() }),
})

const notFound = (name: string): PorpulsionError =>
  new PorpulsionError('NotFound', 'UserNotFound', `There is no user "${name}"`)

const exists = (name: string): PorpulsionError =>
  new PorpulsionError(
    'AlreadyExists',
    'UserExists',
    `The name "${name}" is taken; choose another one`,
  )

const tooMany = (): PorpulsionError =>
  new PorpulsionError('LimitExceeded', 'TooManyUsers', `There are ${MAX_USERS} users; delete some`)

const lastAdmin = (name: string): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'LastAdmin',
    `"${name}" is the last admin who has ever signed in; make somebody else admin, and let them sign in, first`,
  )
