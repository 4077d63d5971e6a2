/** Bodies of the REST API that are not Kubernetes objects. */
import { Type, type Static } from 'typebox'
import { closed } from './kubernetes-object.ts'
import { DnsLabel, Fingerprint } from './names.ts'
import { roles } from './role-names.ts'

const Time = Type.String({ format: 'date-time' })

export const Role = Type.Enum([...roles])
export type Role = (typeof roles)[number]

export const AgentStatus = Type.Object({
  name: Type.String(),
  fingerprint: Fingerprint,
  version: Type.String(),
  url: Type.Optional(
    Type.String({ description: 'Where peers reach this agent; left out when they cannot.' }),
  ),
  cluster: Type.Object({
    kind: Type.Enum(['embedded', 'kubernetes']),
    version: Type.Optional(Type.String()),
    ready: Type.Boolean(),
    message: Type.Optional(Type.String()),
  }),
  namespace: Type.String(),
  startedAt: Time,
  peers: Type.Object({ total: Type.Integer(), connected: Type.Integer() }),
  remoteApps: Type.Object({ total: Type.Integer(), ready: Type.Integer() }),
  executingApps: Type.Object({ total: Type.Integer(), ready: Type.Integer() }),
  notifications: Type.Object({ unacknowledged: Type.Integer() }),
})
export type AgentStatus = Static<typeof AgentStatus>

export const SessionInfo = Type.Object({
  user: Type.String(),
  role: Role,
  via: Type.Enum(['session', 'token']),
  expiresAt: Type.Optional(Time),
})
export type SessionInfo = Static<typeof SessionInfo>

export const LoginLink = Type.Object({ url: Type.String(), expiresAt: Time })
export type LoginLink = Static<typeof LoginLink>

export const CreateToken = closed({
  name: DnsLabel,
  role: Type.Optional(Role),
  expiresInSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 10 * 365 * 86_400 })),
})
export type CreateToken = Static<typeof CreateToken>

export const ApiToken = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Role,
  owner: Type.Optional(
    Type.String({
      description: 'User it belongs to: it may never do more than they, and ends with them.',
    }),
  ),
  createdAt: Time,
  expiresAt: Type.Optional(Time),
  lastUsedAt: Type.Optional(Time),
})
export type ApiToken = Static<typeof ApiToken>
export const ApiTokenList = Type.Object({ items: Type.Array(ApiToken) })
export const CreatedToken = Type.Object({
  ...ApiToken.properties,
  token: Type.String({ description: 'Shown once.' }),
})
export type CreatedToken = Static<typeof CreatedToken>

export const CreateInvite = closed({
  expiresInSeconds: Type.Optional(
    Type.Integer({ minimum: 60, maximum: 7 * 86_400, description: 'Default 3600.' }),
  ),
  autoConfirm: Type.Optional(
    Type.Boolean({
      description:
        'Trust whoever redeems it without comparing fingerprints. Who steals it can use it first.',
    }),
  ),
})
export type CreateInvite = Static<typeof CreateInvite>

export const Invite = Type.Object({
  id: Type.String(),
  createdAt: Time,
  createdBy: Type.String(),
  expiresAt: Time,
  autoConfirm: Type.Boolean(),
})
export type Invite = Static<typeof Invite>
export const InviteList = Type.Object({ items: Type.Array(Invite) })
export const CreatedInvite = Type.Object({
  ...Invite.properties,
  bundle: Type.String({ description: 'To paste at the other cluster. Shown once.' }),
})
export type CreatedInvite = Static<typeof CreatedInvite>

export const AddPeer = closed({
  bundle: Type.String({ minLength: 1, maxLength: 16_384 }),
  as: Type.Optional(DnsLabel),
  confirm: Type.Optional(
    Type.Boolean({
      description: 'Trust it at once: only when the invite came over a channel you trust.',
    }),
  ),
})
export type AddPeer = Static<typeof AddPeer>

export const ConfirmPeer = closed({
  fingerprint: Type.Optional(
    Type.String({
      maxLength: 128,
      description: "What you compared; refused when it is not the peer's.",
    }),
  ),
})
export type ConfirmPeer = Static<typeof ConfirmPeer>

/** What becomes of apps when a peer is removed. */
export const RemovePeerQuery = Type.Object({
  executingApps: Type.Optional(
    Type.Enum(['delete', 'keep'], { description: 'Its apps that run here. Default delete.' }),
  ),
  remoteApps: Type.Optional(
    Type.Enum(['forget', 'keep'], {
      description: 'Our RemoteApps there: delete the records, or keep them. Default keep.',
    }),
  ),
})
export type RemovePeerQuery = Static<typeof RemovePeerQuery>

export const PeerRemoval = Type.Object({
  name: Type.String(),
  deletedExecutingApps: Type.Integer(),
  forgottenRemoteApps: Type.Integer(),
})
export type PeerRemoval = Static<typeof PeerRemoval>

export const ScaleApp = closed({ replicas: Type.Integer({ minimum: 0, maximum: 1_000 }) })
export type ScaleApp = Static<typeof ScaleApp>

export const AppUrlRequest = closed({
  port: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: 65_535 }), Type.String({ maxLength: 15 })], {
      description: 'Number or name. Default: the first TCP port.',
    }),
  ),
  path: Type.Optional(Type.String({ maxLength: 2_048 })),
})
export type AppUrlRequest = Static<typeof AppUrlRequest>

export const AppUrl = Type.Object({
  url: Type.String({ description: "On the app's own origin, with a ticket." }),
  pathUrl: Type.String({ description: 'For API clients: under /api/…/proxy/, with a ticket.' }),
  expiresAt: Time,
})
export type AppUrl = Static<typeof AppUrl>

export const LogsQuery = Type.Object({
  follow: Type.Optional(Type.Boolean()),
  tail: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
  sinceSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 31_536_000 })),
  sinceTime: Type.Optional(
    Type.String({ maxLength: 40, description: 'RFC 3339; lines after it.' }),
  ),
  previous: Type.Optional(Type.Boolean()),
  pod: Type.Optional(Type.String({ maxLength: 253 })),
})
export type LogsQuery = Static<typeof LogsQuery>

export const Notification = Type.Object({
  id: Type.String(),
  time: Time,
  reason: Type.String({ description: 'Stable code, see docs/notifications.md.' }),
  message: Type.String(),
  severity: Type.Enum(['info', 'warning', 'error']),
  about: Type.Optional(
    Type.Object({
      kind: Type.Enum(['RemoteApp', 'ExecutingApp', 'Peer']),
      namespace: Type.Optional(Type.String()),
      name: Type.String(),
      uid: Type.Optional(Type.String()),
    }),
  ),
  count: Type.Integer(),
  acknowledgedAt: Type.Optional(Time),
  resolvedAt: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'When what it tells of was over; it counts as seen from then on.',
    }),
  ),
})
export type Notification = Static<typeof Notification>
export const NotificationList = Type.Object({ items: Type.Array(Notification) })
export type NotificationList = Static<typeof NotificationList>

export const SettingsView = Type.Object({
  revision: Type.String(),
  /** What the owner wrote. */
  document: Type.Unknown(),
  /** With every default filled in. */
  effective: Type.Unknown(),
  /** Set while the stored document is invalid and the last valid one is in force. */
  problem: Type.Optional(Type.String()),
})
export type SettingsView = Static<typeof SettingsView>
