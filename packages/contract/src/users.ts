/** Bodies of the REST API about people: users, their passwords and sessions. */
import { Type, type Static } from 'typebox'
import { closed } from './kubernetes-object.ts'
import { DnsLabel } from './names.ts'
import { passwordLength } from './password-length.ts'
import { Role } from './rest-bodies.ts'

const Time = Type.String({ format: 'date-time' })

const NewPassword = Type.String({
  minLength: passwordLength.min,
  maxLength: passwordLength.max,
  description: `${passwordLength.min} to ${passwordLength.max} characters.`,
})
/** As given to prove it: whatever its length, the answer is the same as for any wrong one. */
const GivenPassword = Type.String({ minLength: 1, maxLength: 1_024 })

export const User = Type.Object({
  name: Type.String(),
  role: Role,
  disabled: Type.Boolean(),
  hasPassword: Type.Boolean(),
  hasSignedIn: Type.Boolean({ description: 'Whether somebody ever signed in as this user.' }),
  createdAt: Type.Optional(Time),
})
export type User = Static<typeof User>
export const UserList = Type.Object({ items: Type.Array(User) })

export const CreateUser = closed({ name: DnsLabel, role: Role })
export type CreateUser = Static<typeof CreateUser>

export const CreatedUser = Type.Object({
  ...User.properties,
  loginUrl: Type.String({ description: 'Signs the user in once; to hand over. Shown once.' }),
  loginUrlExpiresAt: Time,
})
export type CreatedUser = Static<typeof CreatedUser>

export const UpdateUser = closed({
  role: Type.Optional(Role),
  disabled: Type.Optional(
    Type.Boolean({ description: 'A disabled user keeps everything and gets in nowhere.' }),
  ),
  password: Type.Optional(
    Type.Null({ description: 'null takes the password away; only the user can set one.' }),
  ),
})
export type UpdateUser = Static<typeof UpdateUser>

export const ChangePassword = closed({
  currentPassword: Type.Optional(GivenPassword),
  newPassword: NewPassword,
})
export type ChangePassword = Static<typeof ChangePassword>

/** Either a code of a login link, or a name and a password. */
export const Login = closed({
  code: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  user: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  password: Type.Optional(GivenPassword),
})
export type Login = Static<typeof Login>

export const Session = Type.Object({
  id: Type.String(),
  user: Type.String(),
  createdAt: Type.Optional(Time),
  lastUsedAt: Type.Optional(Time),
  expiresAt: Time,
  address: Type.Optional(Type.String({ description: 'Where the user signed in from.' })),
  userAgent: Type.Optional(Type.String({ description: 'Shortened: `Firefox 140 on Linux`.' })),
  current: Type.Boolean({ description: 'The session this was asked with.' }),
})
export type Session = Static<typeof Session>
export const SessionList = Type.Object({ items: Type.Array(Session) })

export const EndSessionsQuery = Type.Object({
  user: Type.Optional(
    Type.String({
      maxLength: 63,
      description: 'Every session of this user (admins). Default: your own, but not this one.',
    }),
  ),
})
export const EndedSessions = Type.Object({ ended: Type.Integer() })
