/** The audit trail: who did what, from where, and how it ended. Never what was in a request. */
import { Type, type Static } from 'typebox'

/** `refused`: somebody was told no. `failed`: it was allowed and did not come about. */
export const auditOutcomes = ['done', 'refused', 'failed'] as const
export const AuditOutcome = Type.Enum([...auditOutcomes])
export type AuditOutcome = (typeof auditOutcomes)[number]

const Text = (description: string) => Type.String({ maxLength: 256, description })

export const AuditEntry = Type.Object({
  id: Type.String(),
  time: Type.String({ format: 'date-time' }),
  actor: Text(
    'A user (`admin`), an API token (`token/ci`), a peer by our name for it (`peer/b`), `anyone` who proved nothing, `ticket` for whoever holds one, or the `agent` itself.',
  ),
  action: Text('Operation of the REST API (`createToken`), or what a peer did (`openTunnel`).'),
  about: Type.Optional(Text('What it was done to: `remoteapp/porpulsion,web`.')),
  peer: Type.Optional(Text('The peer it concerns, by our name for it.')),
  outcome: AuditOutcome,
  reason: Type.Optional(Text('The code of the error, or the rule that refused.')),
  from: Type.Optional(Text('Address it came from.')),
  changes: Type.Optional(
    Type.Array(Text('Dotted path.'), { description: 'Which settings changed, without values.' }),
  ),
  count: Type.Optional(
    Type.Integer({ description: 'How often the same happened since the entry before it.' }),
  ),
})
export type AuditEntry = Static<typeof AuditEntry>

export const AuditQuery = Type.Object({
  since: Type.Optional(
    Type.String({
      format: 'date-time',
      maxLength: 40,
      description: 'RFC 3339; entries from then on.',
    }),
  ),
  actor: Type.Optional(Type.String({ maxLength: 256 })),
  action: Type.Optional(Type.String({ maxLength: 256 })),
  about: Type.Optional(
    Type.String({
      maxLength: 256,
      description:
        'Exactly this, or a port of it: `remoteapp/porpulsion,web` is all that was done to that app.',
    }),
  ),
  outcome: Type.Optional(AuditOutcome),
  peer: Type.Optional(
    Type.String({ maxLength: 63, description: 'What this peer did, and what was done about it.' }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 2_000, description: 'At most so many. Default 100.' }),
  ),
})
export type AuditQuery = Static<typeof AuditQuery>

export const AuditList = Type.Object({
  items: Type.Array(AuditEntry, { description: 'Newest first.' }),
})
