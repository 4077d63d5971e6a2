/** What the node has to know of a pod's claims: whether the pod can be placed, and which directories it gets. */
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.js'
import { Kinds } from '../registry/kinds.ts'
import { claimsOf, directoryProvisioner } from '../registry/persistent-storage.ts'
import type { VolumeDirectories } from '../registry/ports.ts'
import type { ObjectKey, Registry, Stored } from '../registry/registry.ts'
import { ContainerConfigError } from './container-env.ts'

/** Why a pod cannot be placed for want of its claims, as the scheduler says it; undefined if it can. */
export function claimProblem(registry: Registry, pod: Stored<Pod>): string | undefined {
  const { namespace = '' } = pod.metadata
  for (const name of claimsOf(pod)) {
    const claim = registry.get(Kinds.PersistentVolumeClaim, { namespace, name })
    const problem =
      claim === undefined
        ? `persistentvolumeclaim "${name}" not found`
        : (problemOf(registry, claim) ?? sharingProblem(registry, claim, pod))
    if (problem !== undefined) return problem
  }
  return undefined
}

function problemOf(registry: Registry, claim: Stored<PersistentVolumeClaim>): string | undefined {
  const { metadata, spec, status } = claim
  if (metadata.deletionTimestamp !== undefined)
    return `persistentvolumeclaim "${metadata.name}" is being deleted`
  const name = spec?.volumeName ?? ''
  const isLost =
    status?.phase === 'Lost' ||
    (status?.phase === 'Bound' && registry.get(Kinds.PersistentVolume, { name }) === undefined)
  if (isLost)
    return `persistentvolumeclaim "${metadata.name}" bound to non-existent persistentvolume "${name}"`
  return status?.phase === 'Bound' ? undefined : 'pod has unbound immediate PersistentVolumeClaims'
}

/** One access mode is a promise that a single node cannot keep by itself: one pod at a time. */
function sharingProblem(
  registry: Registry,
  { metadata, spec }: Stored<PersistentVolumeClaim>,
  pod: Stored<Pod>,
): string | undefined {
  if (spec?.accessModes?.includes('ReadWriteOncePod') !== true) return undefined
  const { namespace = '', name } = metadata
  const isTaken = registry
    .list(Kinds.Pod, { namespace })
    .items.some(
      (other) =>
        other.metadata.uid !== pod.metadata.uid &&
        Boolean(other.spec?.nodeName) &&
        other.status?.phase !== 'Succeeded' &&
        other.status?.phase !== 'Failed' &&
        claimsOf(other).includes(name),
    )
  return isTaken
    ? '1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'
    : undefined
}

/** Throws `ContainerConfigError` if there is no such directory (yet). */
export function claimedDirectory(
  registry: Registry,
  volumes: VolumeDirectories,
  key: ObjectKey,
): string {
  const claim = registry.get(Kinds.PersistentVolumeClaim, key)
  if (claim === undefined)
    throw new ContainerConfigError(`persistentvolumeclaim "${key.name}" not found`)
  const name = claim.spec?.volumeName ?? ''
  const volume = registry.get(Kinds.PersistentVolume, { name })
  if (volume === undefined || claim.status?.phase !== 'Bound')
    throw new ContainerConfigError(`persistentvolumeclaim "${key.name}" is not bound`)
  const { driver, volumeHandle } = volume.spec?.csi ?? {}
  if (driver !== directoryProvisioner || volumeHandle === undefined) {
    throw new ContainerConfigError(
      `persistent volume "${name}" is none that the embedded cluster can mount: it has those of ${directoryProvisioner}`,
    )
  }
  const directory = volumes.find(volumeHandle)
  if (directory === undefined)
    throw new ContainerConfigError(`the directory of persistent volume "${name}" is gone`)
  return directory
}
