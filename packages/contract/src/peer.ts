/** `Peer`: another cluster's agent. `metadata.name` is our local name for it; its identity is the fingerprint. */
import { Type, type Static } from 'typebox'
import { Condition } from './conditions.ts'
import { CaRenewal, maxCaRenewals } from './identity-renewal.ts'
import { closed, listOf, ObjectMeta } from './kubernetes-object.ts'
import { Fingerprint, GROUP_VERSION } from './names.ts'
import { patterns } from './patterns.ts'

/** States of a link, as a peer's status shows them. */
export const linkStates = ['Connecting', 'Connected', 'Suspect', 'Disconnected'] as const
export const LinkStateName = Type.Enum([...linkStates])
export type LinkStateName = (typeof linkStates)[number]

export const PeerSpec = closed({
  caCertificate: Type.String({
    maxLength: 8_192,
    description:
      "The CA certificate the peer came with, in PEM. Immutable; its SHA-256 is the peer's identity, also after the peer has renewed its CA.",
  }),
  fingerprint: Type.Optional(Fingerprint),
  url: Type.Optional(
    Type.String({
      maxLength: 2_048,
      pattern: patterns.httpUrl,
      description: 'Where we dial it. Left out when only it can dial us.',
    }),
  ),
  confirmed: Type.Optional(
    Type.Boolean({
      description: 'We compared the fingerprints (or six words) and trust it. Default false.',
    }),
  ),
  renewals: Type.Optional(
    Type.Array(CaRenewal, {
      maxItems: maxCaRenewals,
      description:
        'CAs the peer has renewed its identity with, oldest first, each signed by the one before it. Written by the agent.',
    }),
  ),
  displayName: Type.Optional(Type.String({ maxLength: 128 })),
})
export type PeerSpec = Static<typeof PeerSpec>

export const PeerStatus = Type.Object({
  fingerprint: Type.Optional(Fingerprint),
  caFingerprint: Type.Optional(
    Type.String({
      pattern: patterns.sha256,
      description: 'Of the CA that proves it now, where that is not the one it came with.',
    }),
  ),
  nextCaFingerprint: Type.Optional(
    Type.String({
      pattern: patterns.sha256,
      description: 'Of the CA it has announced and not used yet.',
    }),
  ),
  identityRenewedAt: Type.Optional(
    Type.String({ description: 'When it announced the CA it has now.' }),
  ),
  words: Type.Optional(
    Type.String({ description: 'Six words, the same on both sides, to compare over the phone.' }),
  ),
  link: LinkStateName,
  linkMessage: Type.Optional(
    Type.String({ description: 'Why the link is not Connected, and what to do.' }),
  ),
  transport: Type.Optional(Type.Enum(['ws', 'wss'])),
  direction: Type.Optional(Type.Enum(['outbound', 'inbound'])),
  latencyMs: Type.Optional(Type.Integer()),
  since: Type.Optional(Type.String({ description: 'Since when the link is in this state.' })),
  remoteName: Type.Optional(Type.String({ description: 'How the peer names itself. Its words.' })),
  agentVersion: Type.Optional(Type.String()),
  confirmedByPeer: Type.Optional(Type.Boolean()),
  conditions: Type.Array(Condition),
})
export type PeerStatus = Static<typeof PeerStatus>

export const Peer = Type.Object({
  apiVersion: Type.Literal(GROUP_VERSION),
  kind: Type.Literal('Peer'),
  metadata: ObjectMeta,
  spec: PeerSpec,
  status: Type.Optional(PeerStatus),
})
export type Peer = Static<typeof Peer>

export const PeerList = listOf('PeerList', Peer)
export type PeerList = Static<typeof PeerList>
