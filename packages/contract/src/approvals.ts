/** What waits for the owner's word: apps and tunnels of peers. */
import { Type, type Static } from 'typebox'
import { closed } from './kubernetes-object.ts'
import { AppSpec } from './remote-app.ts'

const Time = Type.String({ format: 'date-time' })

export const Approval = Type.Object({
  id: Type.String({
    description: 'Of exactly this content: what changes meanwhile has another id.',
  }),
  kind: Type.Enum(['App', 'Tunnel']),
  state: Type.Enum(['Pending', 'Rejected', 'Approved'], {
    description: '`Approved` is listed for tunnels, until it expires.',
  }),
  peer: Type.String(),
  app: Type.Object({
    namespace: Type.String({ description: 'At the submitter.' }),
    name: Type.String(),
    uid: Type.String(),
  }),
  since: Time,
  /** Of an app: something of it runs already, and this would take its place. */
  isUpdate: Type.Optional(Type.Boolean()),
  image: Type.Optional(Type.String()),
  port: Type.Optional(Type.Integer()),
  note: Type.Optional(Type.String()),
  by: Type.Optional(Type.String()),
  expiresAt: Type.Optional(Time),
})
export type Approval = Static<typeof Approval>
export const ApprovalList = Type.Object({ items: Type.Array(Approval) })
export type ApprovalList = Static<typeof ApprovalList>

/** One field that differs; `before` is absent for what is new, `after` for what goes. */
export const Difference = Type.Object({
  path: Type.String({ description: '`env[0].value`' }),
  before: Type.Optional(Type.String()),
  after: Type.Optional(Type.String()),
})
export type Difference = Static<typeof Difference>

export const ApprovalDetail = Type.Object({
  ...Approval.properties,
  /** What would run, without the values of secrets. */
  spec: Type.Optional(AppSpec),
  differences: Type.Array(Difference, {
    description: 'Against what runs now; of a new app every field. Secret values only as changed.',
  }),
})
export type ApprovalDetail = Static<typeof ApprovalDetail>

export const Decision = closed({
  note: Type.Optional(
    Type.String({ maxLength: 1_024, description: 'For the peer to read, and for the record.' }),
  ),
})
export type Decision = Static<typeof Decision>

/** An app that runs here and would not be admitted under the rules as they are now. */
export const Violation = Type.Object({
  namespace: Type.String(),
  name: Type.String({ description: 'Of the ExecutingApp.' }),
  uid: Type.String(),
  peer: Type.String(),
  app: Type.String({ description: 'Its name at the submitter.' }),
  objections: Type.Array(Type.Object({ reason: Type.String(), message: Type.String() })),
})
export type Violation = Static<typeof Violation>
export const ViolationList = Type.Object({ items: Type.Array(Violation) })
export type ViolationList = Static<typeof ViolationList>

export const StopViolations = closed({
  apps: Type.Optional(
    Type.Array(Type.String({ maxLength: 320 }), {
      maxItems: 1_000,
      description: 'uids of ExecutingApps; left out, all that break a rule.',
    }),
  ),
})
export type StopViolations = Static<typeof StopViolations>
