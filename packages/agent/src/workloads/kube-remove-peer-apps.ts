import { Annotation, FINALIZER } from '@porpulsion/contract'
import { isNotFound, removeFinalizer, type KubeClient } from '@porpulsion/kube'
import type { KnownPeer, RemovalChoices, RemovalCounts } from '../peers/index.ts'
import { RemoteAppKind, type StoredRemoteApp } from './kube-app-kinds.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import type { TombstoneController } from './tombstone-controller.ts'

export interface RemovePeerAppsDeps {
  readonly client: KubeClient
  readonly remoteApps: KubeRemoteAppStore
  readonly hosted: KubeHostedAppStore
  readonly tombstones: Pick<TombstoneController, 'forgetPeer'>
}

/** The end of a relation, whether the other side is there or not: nothing here waits for it any more. */
export async function removePeerApps(
  { client, remoteApps, hosted, tombstones }: RemovePeerAppsDeps,
  peer: KnownPeer,
  choices: RemovalChoices,
  signal: AbortSignal,
): Promise<RemovalCounts> {
  const executing = choices.executingApps === 'delete' ? hosted.ofPeer(peer.fingerprint) : []
  if (choices.executingApps === 'delete') await hosted.removeAll(peer.fingerprint, signal)
  await tombstones.forgetPeer(peer.fingerprint)
  const ours = remoteApps.ofPeer(peer.name).filter((app) => wasSentTo(app, peer))
  // Kept ones lose the finalizer too: their later deletion concerns nobody but us.
  for (const app of ours) {
    await removeFinalizer(client, RemoteAppKind, app, FINALIZER, { signal })
    if (choices.remoteApps === 'forget') await deleteIfThere(client, app, signal)
  }
  return {
    deletedExecutingApps: executing.length,
    forgottenRemoteApps: choices.remoteApps === 'forget' ? ours.length : 0,
  }
}

function wasSentTo({ metadata }: StoredRemoteApp, peer: KnownPeer): boolean {
  const pinned = metadata.annotations?.[Annotation.PeerFingerprint]
  return pinned === undefined || pinned === peer.fingerprint
}

async function deleteIfThere(
  client: KubeClient,
  { metadata }: StoredRemoteApp,
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.delete(RemoteAppKind, metadata, { uid: metadata.uid, signal })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
