/** `AppCheck`: what a peer says to an app before anything of it is made. */
import { Type, type Static } from 'typebox'
import { GROUP_VERSION } from './names.ts'
import { AppCheckReply } from './peer-messages.ts'
import type { RemoteApp } from './remote-app.ts'

export const AppCheck = Type.Object({
  apiVersion: Type.Literal(GROUP_VERSION),
  kind: Type.Literal('AppCheck'),
  metadata: Type.Object({ name: Type.String(), namespace: Type.Optional(Type.String()) }),
  spec: Type.Object({
    targetPeer: Type.String(),
    isUpdate: Type.Boolean({ description: 'An app of this name exists, and would be changed.' }),
  }),
  status: AppCheckReply,
})
export type AppCheck = Static<typeof AppCheck>

/** The answer to a request that was no dry run. */
export function createdApp(answer: RemoteApp | AppCheck): RemoteApp {
  if (answer.kind === 'AppCheck') throw new TypeError('A dry run creates no app')
  return answer
}
