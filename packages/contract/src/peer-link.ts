/** How the link to a peer is and was, beyond what its `Peer` says: computed when asked, never written to the cluster. */
import { Type, type Static } from 'typebox'
import { LinkStateName } from './peer.ts'

const Time = Type.String({ format: 'date-time' })
const Transport = Type.Enum(['ws', 'wss'])
const Direction = Type.Enum(['outbound', 'inbound'], { description: 'Who dialled.' })
const Bytes = (description: string) => Type.Integer({ minimum: 0, description })
const LatencyMs = (description: string) => Type.Number({ minimum: 0, description })

export const LinkChange = Type.Object({
  time: Time,
  state: LinkStateName,
  message: Type.Optional(Type.String({ description: 'Why. Words of the peer are quoted.' })),
  transport: Type.Optional(Transport),
  direction: Type.Optional(Direction),
})
export type LinkChange = Static<typeof LinkChange>

export const LinkSample = Type.Object({
  time: Type.String({ format: 'date-time', description: 'When the interval began.' }),
  latencyMs: Type.Optional(
    LatencyMs('Round trip, as last measured in the interval; left out when none was.'),
  ),
  receivedBytes: Bytes('In this interval, inside the inner TLS.'),
  sentBytes: Bytes('In this interval, inside the inner TLS.'),
  connectedSeconds: Type.Integer({
    minimum: 0,
    description: 'How much of the interval the link was up, Suspect included.',
  }),
})
export type LinkSample = Static<typeof LinkSample>

export const PeerHistory = Type.Object({
  intervalSeconds: Type.Integer({ description: 'How long the interval of a sample is.' }),
  changes: Type.Array(LinkChange, {
    description: 'Oldest first, of the last 24 hours; at most 500, of which the oldest go.',
  }),
  samples: Type.Array(LinkSample, {
    description: 'Oldest first, of the last 24 hours. None while this agent did not run.',
  }),
})
export type PeerHistory = Static<typeof PeerHistory>

export const PeerLink = Type.Object({
  state: LinkStateName,
  since: Type.Optional(
    Type.String({ format: 'date-time', description: 'Since when it is in this state.' }),
  ),
  sessionSince: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'Since when the session is up; sessions are replaced while the link stays.',
    }),
  ),
  transport: Type.Optional(Transport),
  direction: Type.Optional(Direction),
  latencyMs: Type.Optional(LatencyMs('Round trip, as last measured.')),
  receivedBytes: Bytes('Since this agent started, inside the inner TLS.'),
  sentBytes: Bytes('Since this agent started, inside the inner TLS.'),
  openStreams: Type.Integer({ minimum: 0 }),
  protocolVersion: Type.Optional(
    Type.Integer({ description: 'Of the channel, as the two agents agreed.' }),
  ),
  certificates: Type.Object({
    ca: Type.Object(
      { notBefore: Time, notAfter: Time },
      { description: 'The identity of the peer.' },
    ),
    peerLeaf: Type.Optional(
      Type.Object({ notAfter: Time }, { description: 'What the peer shows in this session.' }),
    ),
    ownLeaf: Type.Optional(
      Type.Object({ notAfter: Time }, { description: 'What we show in this session.' }),
    ),
  }),
  nextDialTime: Type.Optional(
    Type.String({ format: 'date-time', description: 'When we dial next, while we wait to.' }),
  ),
  lastError: Type.Optional(
    Type.String({ description: 'Why the link is down. Words of the peer are quoted.' }),
  ),
})
export type PeerLink = Static<typeof PeerLink>

/** What of a link changes all the time. */
export const LinkFigures = Type.Object({
  peer: Type.String({ description: 'Our local name for it.' }),
  latencyMs: Type.Optional(LatencyMs('Round trip, as last measured; left out while down.')),
  receivedBytesPerSecond: Bytes('Over the last seconds.'),
  sentBytesPerSecond: Bytes('Over the last seconds.'),
})
export type LinkFigures = Static<typeof LinkFigures>
