/**
 * What agents say to each other. Everything here arrives from another owner's cluster: `unknown` until read through
 * these schemas. Peer messages tolerate unknown fields, so that a newer peer can add some.
 */
import { Type, type Static } from 'typebox'
import { AppSpec, ObservedAppStatus } from './remote-app.ts'
import { AppName, DnsLabel, Fingerprint } from './names.ts'
import { LogsQuery } from './rest-bodies.ts'
import { patterns } from './patterns.ts'
import { UsedOfTotals } from './used-of-totals.ts'

/** Versions of the peer API this build speaks. */
export const peerApiVersions = [1] as const

const Base64 = (maxLength: number) => Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', maxLength })
const PeerUrl = Type.String({ pattern: '^(https?://.*)?$', maxLength: 2_048 })

/** `POST /peer`, redeeming an invite. Read before authentication: every field is hostile until HMAC and signature hold. */
export const RedeemRequest = Type.Object({
  versions: Type.Array(Type.Integer({ minimum: 1, maximum: 1_000 }), { minItems: 1, maxItems: 16 }),
  name: DnsLabel,
  url: PeerUrl,
  caCertificate: Base64(4_096),
  inviteId: Type.String({ pattern: '^[0-9a-z]{8,32}$' }),
  nonce: Base64(64),
  hmac: Base64(64),
  signature: Base64(512),
})
export type RedeemRequest = Static<typeof RedeemRequest>

export const RedeemReply = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  name: DnsLabel,
  url: PeerUrl,
  caCertificate: Base64(4_096),
  nonce: Base64(64),
  hmac: Base64(64),
  signature: Base64(512),
})
export type RedeemReply = Static<typeof RedeemReply>

const Uid = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9-]+$' })
const Hash = Type.String({ pattern: patterns.sha256 })

/** `PUT /v1/apps/{uid}`: the submitter makes the host agree. Idempotent; the spec hash decides. */
export const AppSubmission = Type.Object({
  name: AppName,
  namespace: DnsLabel,
  generation: Type.Integer({ minimum: 0 }),
  epoch: Type.String({ maxLength: 64 }),
  specHash: Hash,
  restartedAt: Type.Optional(Type.String({ maxLength: 64 })),
  spec: AppSpec,
})
export type AppSubmission = Static<typeof AppSubmission>

/** The host's answer to a submission. A refusal is an answer, not an error. */
export const AppVerdict = Type.Object({
  verdict: Type.Enum(['Accepted', 'Refused']),
  reason: Type.String({ maxLength: 128 }),
  message: Type.String({ maxLength: 4_096 }),
  policyRevision: Type.String({ maxLength: 128 }),
})
export type AppVerdict = Static<typeof AppVerdict>

/** `POST /v1/checks`: what would become of this? Nothing is recorded. */
export const AppCheckRequest = Type.Object({
  /** Of the app it would be an update of. */
  uid: Type.Optional(Uid),
  name: AppName,
  namespace: Type.Optional(DnsLabel),
  spec: AppSpec,
})
export type AppCheckRequest = Static<typeof AppCheckRequest>

/** Everything that stands against an app at once, and what the host would add to it. */
export const AppCheckReply = Type.Object({
  verdict: Type.Enum(['Accepted', 'ApprovalPending', 'Refused']),
  objections: Type.Array(
    Type.Object({
      reason: Type.String({ maxLength: 128 }),
      message: Type.String({ maxLength: 4_096 }),
    }),
    { maxItems: 100 },
  ),
  filledIn: Type.Array(
    Type.Object({
      path: Type.String({ maxLength: 256, description: 'In the spec: `resources.limits.cpu`.' }),
      value: Type.String({ maxLength: 1_024 }),
      setting: Type.String({ maxLength: 256, description: 'The setting of the host behind it.' }),
    }),
    { maxItems: 200 },
  ),
  ofTotals: Type.Optional(
    Type.Object(UsedOfTotals.properties, {
      description:
        'What the submitter would then take of what the owner gives it alone; left out where that has no limit.',
    }),
  ),
})
export type AppCheckReply = Static<typeof AppCheckReply>

/** `DELETE /v1/apps/{uid}`: `Gone` when nothing of it is left at the host. */
export const AppDeletion = Type.Object({
  state: Type.Enum(['Deleting', 'Gone']),
  remaining: Type.Optional(Type.Array(Type.String({ maxLength: 512 }), { maxItems: 50 })),
})
export type AppDeletion = Static<typeof AppDeletion>

/** `PUT /v1/statuses/{uid}`: newest (bootId, sequence) wins. */
export const StatusReport = Type.Object({
  bootId: Type.String({ maxLength: 64 }),
  sequence: Type.Integer({ minimum: 0 }),
  specHash: Hash,
  generation: Type.Integer({ minimum: 0 }),
  statusHash: Hash,
  policyRevision: Type.String({ maxLength: 128 }),
  gone: Type.Optional(Type.Boolean({ description: 'Nothing of the app is left here.' })),
  status: ObservedAppStatus,
})
export type StatusReport = Static<typeof StatusReport>

/** `GET /v1/apps/{uid}` at the submitter: 200 with this, 410 when deleted, 503 while it cannot know. */
export const AppClaim = Type.Object({
  generation: Type.Integer({ minimum: 0 }),
  specHash: Hash,
})
export type AppClaim = Static<typeof AppClaim>

/** `POST /v1/inventory`, host → submitter: what I run for you. The answer: what to do about the difference. */
export const Inventory = Type.Object({
  bootId: Type.String({ maxLength: 64 }),
  policyRevision: Type.String({ maxLength: 128 }),
  apps: Type.Array(
    Type.Object({
      uid: Uid,
      generation: Type.Integer({ minimum: 0 }),
      specHash: Hash,
      statusHash: Type.Optional(Hash),
    }),
    { maxItems: 10_000 },
  ),
})
export type Inventory = Static<typeof Inventory>

export const InventoryReply = Type.Object({
  /** Apps whose status the submitter has not, or another one. */
  wanted: Type.Array(Uid, { maxItems: 10_000 }),
  /** Apps it does not know. The host asks about each before it deletes anything. */
  unknown: Type.Array(Uid, { maxItems: 10_000 }),
})
export type InventoryReply = Static<typeof InventoryReply>

/** `GET /v1/self`: who answers. */
export const PeerSelf = Type.Object({
  name: DnsLabel,
  fingerprint: Fingerprint,
  version: Type.String({ maxLength: 64 }),
  policyRevision: Type.String({ maxLength: 128 }),
})
export type PeerSelf = Static<typeof PeerSelf>

/** One line of `GET /v1/apps/{uid}/logs`, as newline-delimited JSON. */
export const LogLine = Type.Object({
  pod: Type.String({ maxLength: 253 }),
  time: Type.String({
    maxLength: 40,
    description: 'RFC 3339 with nanoseconds, from the container runtime.',
  }),
  line: Type.String(),
  /** Set on the last line when the stream ended because of a failure, not because the pods did. */
  error: Type.Optional(Type.String({ maxLength: 1_024 })),
})
export type LogLine = Static<typeof LogLine>

/** Where a reader that was cut off goes on: pod → time of the last line it has. */
export const LogPositions = Type.Record(
  Type.String({ maxLength: 253 }),
  Type.String({ maxLength: 40 }),
  { maxProperties: 100 },
)
export type LogPositions = Static<typeof LogPositions>

export const PeerLogsQuery = Type.Object({
  ...LogsQuery.properties,
  resumeFrom: Type.Optional(
    Type.String({
      maxLength: 8_192,
      description:
        'LogPositions as JSON. Pods in it are read from that time on, its line included; others from their beginning.',
    }),
  ),
})
export type PeerLogsQuery = Static<typeof PeerLogsQuery>
