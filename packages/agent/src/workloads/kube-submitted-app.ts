/** How one of our RemoteApps looks to the messages between us and its host. */
import { Annotation } from '@porpulsion/contract'
import { isBeingDeleted } from '@porpulsion/kube'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import type { Directory } from './neighbours.ts'
import type { SubmittedApp } from './submissions.ts'

/**
 * What its host knows it by: the uid it had when it was first sent. Kubernetes gives another one to what is restored
 * from a backup; taken for new, the app would be stopped at its host, and what it stored there lost. A copy under
 * another name is another app.
 */
export function appIdOf({ metadata }: StoredRemoteApp): string {
  const [uid = '', ...owner] = metadata.annotations?.[Annotation.HostedAs]?.split('/') ?? []
  const isOwn = owner.join('/') === ownerOf(metadata) && UID.test(uid)
  return isOwn ? uid : metadata.uid
}

/** The annotation that says so in every backup from now on. */
export const hostedAs = (app: StoredRemoteApp): string => `${appIdOf(app)}/${ownerOf(app.metadata)}`

const UID = /^[A-Za-z0-9-]{1,64}$/
const ownerOf = ({ namespace = '', name }: StoredRemoteApp['metadata']): string =>
  `${namespace}/${name}`

/** What the messages of hosts are compared with. */
export function submittedApp(app: StoredRemoteApp, specHash: string): SubmittedApp {
  const { hostBootId, hostSequence, hostStatusHash } = app.status ?? {}
  return {
    uid: appIdOf(app),
    specHash,
    isDeleting: isBeingDeleted(app),
    shownStatusHash: hostStatusHash,
    shownPosition:
      hostBootId === undefined || hostSequence === undefined
        ? undefined
        : { bootId: hostBootId, sequence: Number(hostSequence) },
  }
}

/** Whether this peer runs it, or would: a peer that took over the name of another never did. */
export function isSentTo(
  { metadata, spec }: StoredRemoteApp,
  peer: { readonly fingerprint: string },
  peers: Directory,
): boolean {
  const pinned = metadata.annotations?.[Annotation.PeerFingerprint]
  if (pinned !== undefined) return pinned === peer.fingerprint
  return peers.byName(spec.targetPeer)?.fingerprint === peer.fingerprint
}

export function generationOf({ metadata }: StoredRemoteApp): number {
  return metadata.generation ?? 0
}

export const restartedAtOf = ({ metadata }: StoredRemoteApp): string | undefined =>
  metadata.annotations?.[Annotation.RestartedAt]

export const refOf = ({
  metadata,
}: StoredRemoteApp): { namespace: string | undefined; name: string } => ({
  namespace: metadata.namespace,
  name: metadata.name,
})
