/** How one of our RemoteApps looks to the messages between us and its host. */
import { Annotation } from '@porpulsion/contract'
import { isBeingDeleted } from '@porpulsion/kube'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import type { Directory } from './neighbours.ts'
import type { SubmittedApp } from './submissions.ts'

/** What the messages of hosts are compared with. */
export function submittedApp(app: StoredRemoteApp, specHash: string): SubmittedApp {
  const { hostBootId, hostSequence, hostStatusHash } = app.status ?? {}
  return {
    uid: app.metadata.uid,
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
