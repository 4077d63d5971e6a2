/** What any change of an app through the API has to keep, whichever endpoint it comes by. */
import {
  invalidFields,
  PorpulsionError,
  type FieldError,
  type RemoteApp,
  type RemoteAppManifest,
  type RemoteAppSpec,
} from '@porpulsion/contract'
import { appSpecErrors } from './app-spec-errors.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import type { Directory } from './neighbours.ts'
import { unknownPeer } from './remote-app-obstacle.ts'

export type Written = Pick<RemoteApp, 'metadata' | 'spec'>

/** Everything that can be said at once about what somebody wrote, before anything is made of it. */
export function assertSound(
  {
    peers,
    store,
  }: {
    readonly peers: Directory
    readonly store: Pick<KubeRemoteAppStore, 'isWatched' | 'namespaces'>
  },
  { metadata, spec }: Pick<RemoteAppManifest, 'metadata' | 'spec'>,
): void {
  const fields: FieldError[] = appSpecErrors(spec)
  if (peers.byName(spec.targetPeer) === undefined) {
    const names = peers.list().map(({ name }) => name)
    fields.push({ path: 'spec.targetPeer', message: unknownPeer(spec.targetPeer, names) })
  }
  const { namespace } = metadata
  if (namespace !== undefined && !store.isWatched(namespace))
    fields.push({
      path: 'metadata.namespace',
      message: `this agent takes RemoteApps in ${store.namespaces.join(', ')} only`,
    })
  if (fields.length > 0) throw invalidFields(fields)
}

/** Its identity and its peer stay. */
export function respecified(current: StoredRemoteApp, spec: RemoteAppSpec): Written {
  if (current.metadata.deletionTimestamp !== undefined)
    throw new PorpulsionError(
      'FailedPrecondition',
      'AppDeleting',
      `App "${current.metadata.name}" is being deleted; wait until it is gone and create it anew`,
    )
  if (spec.targetPeer !== current.spec.targetPeer)
    throw invalidFields([
      {
        path: 'spec.targetPeer',
        message: 'cannot change; delete the app and create it for the other peer',
      },
    ])
  return { metadata: current.metadata, spec }
}
