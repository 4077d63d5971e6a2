import { Label } from '@porpulsion/contract'
import {
  controllerOf,
  isBeingDeleted,
  KubeError,
  ownerReference,
  PersistentVolumeClaim,
  type Applied,
  type KubeClient,
  type KubeObject,
} from '@porpulsion/kube'
import type { StoredExecutingApp } from './kube-app-kinds.ts'

export const isRetained = ({ metadata }: KubeObject): boolean =>
  metadata?.labels?.[Label.Retained] === 'true'

/**
 * Makes the claim as wished. It may be there already, left by an app of the same name that was told to keep it; one that
 * still belongs to an app on its way out is waited for, because it goes with that app.
 */
export async function applyClaim(
  client: KubeClient,
  record: StoredExecutingApp,
  desired: Applied<PersistentVolumeClaim>,
  signal: AbortSignal,
): Promise<void> {
  const live = await client.find(PersistentVolumeClaim, desired.metadata, { signal })
  const owner = live && controllerOf(live)?.uid
  if (live !== undefined && (isBeingDeleted(live) || isStranger(owner, record)))
    throw new KubeError({
      status: 409,
      reason: 'Conflict',
      message: `Claim ${live.metadata.name} still belongs to an earlier app of this name, which is being deleted`,
    })
  const ownerReferences = isRetained(desired) ? [] : [ownerReference(record)]
  await client.apply(
    PersistentVolumeClaim,
    { ...desired, metadata: { ...desired.metadata, ownerReferences } },
    { signal },
  )
}

const isStranger = (owner: string | undefined, { metadata }: StoredExecutingApp): boolean =>
  owner !== undefined && owner !== metadata.uid
