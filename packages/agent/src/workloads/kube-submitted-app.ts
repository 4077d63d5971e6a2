/** How one of our RemoteApps looks to the messages between us and its host. */
import { Annotation } from '@porpulsion/contract'
import { isBeingDeleted } from '@porpulsion/kube'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import type { Directory } from './neighbours.ts'
import { appSpecOf, normaliseAppSpec } from './normalise-app-spec.ts'
import { specHash } from './spec-hash.ts'
import type { SubmittedApp } from './submissions.ts'

/** What the messages of hosts are compared with. */
export function submittedApp(app: StoredRemoteApp): SubmittedApp {
  const { hostBootId, hostSequence, hostStatusHash } = app.status ?? {}
  return {
    uid: app.metadata.uid,
    specHash: hashOf(app),
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

/** Objects from a cache are frozen and shared, so a hash can be kept with each. */
const hashes = new WeakMap<StoredRemoteApp, string>()

export function hashOf(app: StoredRemoteApp): string {
  const known = hashes.get(app)
  if (known !== undefined) return known
  const spec = normaliseAppSpec(appSpecOf(app.spec))
  const hash = specHash({ name: app.metadata.name, restartedAt: restartedAtOf(app), spec })
  hashes.set(app, hash)
  return hash
}

export const restartedAtOf = ({ metadata }: StoredRemoteApp): string | undefined =>
  metadata.annotations?.[Annotation.RestartedAt]

export const refOf = ({
  metadata,
}: StoredRemoteApp): { namespace: string | undefined; name: string } => ({
  namespace: metadata.namespace,
  name: metadata.name,
})
