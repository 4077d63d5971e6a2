/** The names by which API server, controllers and node speak of persistent storage. */
import type { Pod } from 'kubernetes-types/core/v1.js'
import type { Stored } from './registry.ts'

/** Makes volumes that are directories of this machine; also the CSI driver that its volumes name. */
export const directoryProvisioner = 'porpulsion.io/directory'
/** The class every cluster has. */
export const directoryClass = 'local-directory'

/** Holds a claim while a pod uses it. */
export const claimProtection = 'kubernetes.io/pvc-protection'
/** Holds a volume while a claim is bound to it. */
export const volumeProtection = 'kubernetes.io/pv-protection'

export const defaultClassAnnotation = 'storageclass.kubernetes.io/is-default-class'

/** The class of claims that name none: of several defaults the youngest, as in Kubernetes. */
export function defaultClassOf(classes: Iterable<Stored>): string | undefined {
  const defaults = [...classes].filter(isDefaultClass)
  return defaults
    .toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))
    .at(0)?.metadata.name
}

export function isDefaultClass({ metadata }: Stored): boolean {
  return metadata.annotations?.[defaultClassAnnotation] === 'true'
}

/** Names of the claims that a pod mounts. */
export function claimsOf({ spec }: Pod): string[] {
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName],
  )
}
