/**
 * A peer renews its CA: what it says to its peers, and what they keep of it. The bytes under both signatures are in
 * docs/protocol.md, "Renewing an identity".
 */
import { Type, type Static } from 'typebox'
import { Fingerprint } from './names.ts'

const Base64 = (maxLength: number) =>
  Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', minLength: 4, maxLength })

/** Numbers that any JSON reader keeps whole. */
const Sequence = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Grows with every announcement of one agent; an older one is refused.',
})

/** `PUT /v1/identity`: a new CA, proven by the key of the former one and by its own. */
export const IdentityRenewal = Type.Object({
  sequence: Sequence,
  former: Fingerprint,
  caCertificate: Base64(4_096),
  formerSignature: Base64(512),
  signature: Base64(512),
})
export type IdentityRenewal = Static<typeof IdentityRenewal>

/** What the other side has pinned of the caller: `GET` and the answer to `PUT /v1/identity`. */
export const PinnedIdentity = Type.Object({
  /** The CA that counts. */
  fingerprint: Fingerprint,
  /** The announced one, until a session under it came up. */
  next: Type.Optional(Fingerprint),
})
export type PinnedIdentity = Static<typeof PinnedIdentity>

/** Renewals a Peer can have: with one a year it is removed and added anew once in a lifetime. */
export const maxCaRenewals = 32

/** One link of the chain from the CA a peer came with to the one it has now; kept in its Peer. */
export const CaRenewal = Type.Object(
  {
    caCertificate: Base64(4_096),
    sequence: Sequence,
    formerSignature: Base64(512),
    signature: Base64(512),
    renewedAt: Type.String({ maxLength: 40, description: 'When it was announced to us.' }),
    inUse: Type.Optional(
      Type.Boolean({
        description: 'A session under it came up; the CA before it counts no more. Default false.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type CaRenewal = Static<typeof CaRenewal>

/** How far the renewal of our own CA is. */
export const identityStages = ['Settled', 'Announced', 'Switched'] as const

export const RenewalPeerState = Type.Enum(
  ['Knows', 'Waiting', 'CannotRenew', 'Refused', 'Unconfirmed'],
  {
    description:
      'Knows: it has pinned the new CA. Waiting: it has yet to be told, or to answer. CannotRenew: its agent is too old. Refused: the message has its reason. Unconfirmed: nothing can be told before both operators have confirmed.',
  },
)

/** `GET /api/identity`: who this agent is to its peers. */
export const OwnIdentity = Type.Object({
  name: Type.String(),
  fingerprint: Fingerprint,
  caCertificate: Type.String({
    description: 'PEM; what the Peer of another cluster holds of us.',
  }),
  endsAt: Type.String({ description: 'When the CA certificate ends.' }),
  renewedAt: Type.Optional(
    Type.String({ description: 'When this CA took the place of the one before it.' }),
  ),
  stage: Type.Enum([...identityStages], {
    description:
      'Settled: one CA. Announced: a new one exists, is being told to peers, and nothing uses it. Switched: the new one is used; the former is kept for peers that know no other.',
  }),
  since: Type.Optional(Type.String({ description: 'Since when it is in this stage.' })),
  next: Type.Optional(Fingerprint),
  former: Type.Optional(Fingerprint),
  peers: Type.Array(
    Type.Object({
      name: Type.String(),
      state: RenewalPeerState,
      message: Type.Optional(Type.String()),
    }),
    { description: 'What peers know of the new CA, while there is one.' },
  ),
})
export type OwnIdentity = Static<typeof OwnIdentity>

export const RotateIdentity = Type.Object(
  {
    dryRun: Type.Optional(
      Type.Boolean({ description: 'Ask peers whether they could follow, and make nothing.' }),
    ),
    force: Type.Optional(
      Type.Boolean({
        description:
          'Use the new CA at once with all that know it; with the others the former until they do.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type RotateIdentity = Static<typeof RotateIdentity>
