/** `ExecutingApp`: the host's own record of an app it runs for a peer. Written by the agent only. */
import { Type, type Static } from 'typebox'
import { AppPhase } from './conditions.ts'
import { listOf, ObjectMeta } from './kubernetes-object.ts'
import { Fingerprint, GROUP_VERSION } from './names.ts'
import { AppSpec, ObservedAppStatus } from './remote-app.ts'

const Time = Type.String({ format: 'date-time' })

/** One spec as it came, and what it came with. */
const submitted = {
  submitter: Type.Object({
    uid: Type.String({
      description: 'uid of the RemoteApp; with the fingerprint, the key of this app.',
    }),
    namespace: Type.String(),
    name: Type.String(),
    generation: Type.Integer(),
    epoch: Type.String({ description: 'Generations are comparable only within one epoch.' }),
  }),
  specHash: Type.String({ description: 'SHA-256 of what was submitted, secret values included.' }),
  policyRevision: Type.String({ description: "Revision of the owner's rules that admitted it." }),
  restartedAt: Type.Optional(Type.String()),
  app: AppSpec,
  secretValues: Type.Optional(
    Type.Object(
      { secretName: Type.String() },
      { description: 'Secret in this namespace that holds the values of `app.secrets`.' },
    ),
  ),
}

/** Why a spec does not run though the rules admitted it once. */
export const Hold = Type.Object({
  state: Type.Enum(['Pending', 'Rejected', 'Stopped'], {
    description:
      '`Pending` waits for approval; `Rejected` was refused it; `Stopped` ran until the owner stopped what breaks a rule.',
  }),
  since: Time,
  reason: Type.Optional(Type.String({ description: 'Of what was stopped: the rule.' })),
  note: Type.Optional(Type.String({ description: 'What whoever decided has to say.' })),
  by: Type.Optional(Type.String({ description: 'Who decided.' })),
})
export type Hold = Static<typeof Hold>

/** An `AppSpec` whose secret values lie in a Secret beside it; here only their names. */
export const ExecutingAppSpec = Type.Object({
  peer: Type.Object({
    name: Type.String({ description: 'Our name of the peer when the app came.' }),
    fingerprint: Fingerprint,
  }),
  ...submitted,
  hold: Type.Optional(Hold),
  approval: Type.Optional(
    Type.Object(
      { by: Type.String(), at: Time, note: Type.Optional(Type.String()) },
      { description: 'Who approved what runs.' },
    ),
  ),
  update: Type.Optional(
    Type.Object(
      { ...submitted, hold: Hold },
      { description: 'What waits to take the place of what runs.' },
    ),
  ),
})
export type ExecutingAppSpec = Static<typeof ExecutingAppSpec>

export const ExecutingAppStatus = Type.Object({
  ...ObservedAppStatus.properties,
  phase: AppPhase,
  message: Type.Optional(Type.String()),
  resourceName: Type.Optional(Type.String({ description: 'Name of the Deployment here.' })),
})
export type ExecutingAppStatus = Static<typeof ExecutingAppStatus>

export const ExecutingApp = Type.Object({
  apiVersion: Type.Literal(GROUP_VERSION),
  kind: Type.Literal('ExecutingApp'),
  metadata: ObjectMeta,
  spec: ExecutingAppSpec,
  status: Type.Optional(ExecutingAppStatus),
})
export type ExecutingApp = Static<typeof ExecutingApp>

export const ExecutingAppList = listOf('ExecutingAppList', ExecutingApp)
export type ExecutingAppList = Static<typeof ExecutingAppList>
