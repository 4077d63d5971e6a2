/**
 * The one event stream of the API (`GET /api/events`, server-sent events). An event carries the new state of one
 * object; `Last-Event-ID` resumes, and a `reset` event says that something was missed: read the lists again.
 */
import { Type, type Static } from 'typebox'
import { ExecutingApp } from './executing-app.ts'
import { Peer } from './peer.ts'
import { LinkFigures } from './peer-link.ts'
import { RemoteApp } from './remote-app.ts'
import { Notification } from './rest-bodies.ts'

const upsert = <K extends string, T extends Parameters<typeof Type.Object>[0][string]>(
  kind: K,
  object: T,
) => Type.Object({ type: Type.Literal('upsert'), kind: Type.Literal(kind), object })

export const ApiEvent = Type.Union([
  upsert('Peer', Peer),
  upsert('RemoteApp', RemoteApp),
  upsert('ExecutingApp', ExecutingApp),
  upsert('Notification', Notification),
  Type.Object({
    type: Type.Literal('delete'),
    kind: Type.Enum(['Peer', 'RemoteApp', 'ExecutingApp']),
    name: Type.String(),
    namespace: Type.Optional(Type.String()),
    uid: Type.Optional(Type.String()),
  }),
  Type.Object({
    type: Type.Literal('changed'),
    kind: Type.Enum([
      'Approvals',
      'Audit',
      'Identity',
      'Invites',
      'Sessions',
      'Settings',
      'Status',
      'Tokens',
      'Users',
    ]),
  }),
  Type.Object(
    {
      type: Type.Literal('links'),
      links: Type.Array(LinkFigures, { description: 'Those whose figures changed.' }),
    },
    { description: 'Every two seconds while something changes. Without an id: never resumed.' },
  ),
  Type.Object({ type: Type.Literal('reset') }),
])
export type ApiEvent = Static<typeof ApiEvent>
