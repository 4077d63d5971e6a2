/** What an app was before: its last specs, and the way back to one of them. */
import { Type, type Static } from 'typebox'
import { closed } from './kubernetes-object.ts'
import { RemoteAppSpec } from './remote-app.ts'

/** As many specs of one app are kept. */
export const maxAppRevisions = 10

export const AppRevision = Type.Object({
  revision: Type.Integer({ description: 'Rises with every change; never given twice.' }),
  time: Type.String({ format: 'date-time', description: 'When the agent saw it.' }),
  by: Type.Optional(
    Type.String({
      description:
        'Who wrote it: a user or token of this API, else the field manager (`kubectl-client-side-apply`). Left out where nobody can say.',
    }),
  ),
  isCurrent: Type.Boolean({ description: 'The app is asked to be like this now.' }),
  changed: Type.Array(Type.String(), {
    description:
      'Dotted paths in the spec that differ from the revision before, by name where a list has names: `env[GREETING].value`. Empty for the oldest that is kept.',
  }),
  spec: RemoteAppSpec,
})
export type AppRevision = Static<typeof AppRevision>

export const AppRevisionList = Type.Object({
  items: Type.Array(AppRevision, {
    description:
      'Newest first, at most ten. Values of secrets are empty. Changes in a row that only scale are one revision.',
  }),
})
export type AppRevisionList = Static<typeof AppRevisionList>

export const RollbackApp = closed({
  revision: Type.Integer({
    minimum: 1,
    description: 'Its spec becomes the newest one, values of secrets included.',
  }),
})
export type RollbackApp = Static<typeof RollbackApp>
