/** What is to become of a claim that has no volume yet; pure. */
import type { PersistentVolume, PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.js'
import type { StorageClass } from 'kubernetes-types/storage/v1.js'
import type { EventText } from '../events/event-recorder.ts'
import { claimsOf, directoryProvisioner } from '../registry/persistent-storage.ts'
import { compareQuantities } from '../registry/quantity.ts'
import type { Stored } from '../registry/registry.ts'

export interface BindingInput {
  readonly volumes: readonly Stored<PersistentVolume>[]
  readonly classes: readonly Stored<StorageClass>[]
  /** Of the claim's namespace. */
  readonly pods: readonly Stored<Pod>[]
}

export type BindingVerdict =
  | { readonly kind: 'bind'; readonly volume: Stored<PersistentVolume> }
  | { readonly kind: 'provision'; readonly storageClass: Stored<StorageClass> }
  | { readonly kind: 'wait'; readonly why: EventText }

export function decideBinding(
  claim: Stored<PersistentVolumeClaim>,
  { volumes, classes, pods }: BindingInput,
): BindingVerdict {
  const volume = volumes.find((one) => one.spec?.claimRef?.uid === claim.metadata.uid)
  const smallest =
    volume ??
    volumes
      .filter((one) => fits(one, claim))
      .toSorted(bySize)
      .at(0)
  if (smallest !== undefined) return { kind: 'bind', volume: smallest }
  const wanted = claim.spec?.storageClassName ?? ''
  if (wanted === '') return wait('Normal', 'FailedBinding', nothingFits)
  const storageClass = classes.find(({ metadata }) => metadata.name === wanted)
  if (storageClass === undefined)
    return wait('Warning', 'ProvisioningFailed', noSuchClass(wanted, classes))
  return provisionWith(storageClass, claim, pods)
}

const nothingFits = 'no persistent volumes available for this claim and no storage class is set'

function noSuchClass(wanted: string, classes: readonly Stored<StorageClass>[]): string {
  const names = classes.map(({ metadata }) => metadata.name)
  const choice = names.length === 0 ? 'there are none' : `there are: ${names.join(', ')}`
  return `storageclass.storage.k8s.io "${wanted}" not found (${choice})`
}

function provisionWith(
  storageClass: Stored<StorageClass>,
  claim: Stored<PersistentVolumeClaim>,
  pods: readonly Stored<Pod>[],
): BindingVerdict {
  const { provisioner, volumeBindingMode } = storageClass
  if (provisioner !== directoryProvisioner) {
    const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
    return wait('Normal', 'ExternalProvisioning', message)
  }
  const problem = whatADirectoryCannot(claim)
  if (problem !== undefined) return wait('Warning', 'ProvisioningFailed', problem)
  const isAwaited = pods.some((pod) => claimsOf(pod).includes(claim.metadata.name))
  if (volumeBindingMode === 'WaitForFirstConsumer' && !isAwaited) {
    const message = 'waiting for first consumer to be created before binding'
    return wait('Normal', 'WaitForFirstConsumer', message)
  }
  return { kind: 'provision', storageClass }
}

function whatADirectoryCannot({ spec }: PersistentVolumeClaim): string | undefined {
  if (spec?.volumeMode === 'Block')
    return 'a volume of this class is a directory: volumeMode Block is not supported'
  if (spec?.selector !== undefined) return 'claim.spec.selector is not supported'
  if (spec?.dataSource !== undefined || spec?.dataSourceRef !== undefined)
    return 'claim.spec.dataSource is not supported'
  return undefined
}

function wait(type: EventText['type'], reason: string, message: string): BindingVerdict {
  return { kind: 'wait', why: { type, reason, message } }
}

/** A volume that nobody has, or that is meant for this claim, and gives all that the claim asks for. */
function fits(
  { metadata, spec = {}, status }: Stored<PersistentVolume>,
  claim: Stored<PersistentVolumeClaim>,
): boolean {
  const wanted = claim.spec ?? {}
  const { claimRef } = spec
  const isForOthers =
    claimRef !== undefined &&
    (claimRef.uid !== undefined ||
      claimRef.name !== claim.metadata.name ||
      claimRef.namespace !== claim.metadata.namespace)
  return (
    !isForOthers &&
    status?.phase === 'Available' &&
    metadata.deletionTimestamp === undefined &&
    (spec.storageClassName ?? '') === (wanted.storageClassName ?? '') &&
    (spec.volumeMode ?? 'Filesystem') === (wanted.volumeMode ?? 'Filesystem') &&
    (wanted.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode) === true) &&
    hasLabels(metadata.labels ?? {}, wanted.selector?.matchLabels ?? {}) &&
    (wanted.selector?.matchExpressions ?? []).length === 0 &&
    compareQuantities(
      spec.capacity?.['storage'] ?? 0,
      wanted.resources?.requests?.['storage'] ?? 0,
    ) >= 0
  )
}

function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}

function bySize(a: PersistentVolume, b: PersistentVolume): number {
  return compareQuantities(a.spec?.capacity?.['storage'] ?? 0, b.spec?.capacity?.['storage'] ?? 0)
}
