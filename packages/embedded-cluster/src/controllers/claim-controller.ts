import type { PersistentVolume, PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.js'
import type { StorageClass } from 'kubernetes-types/storage/v1.js'
import type { EventRecorder, EventText } from '../events/event-recorder.ts'
import { isReason } from '../registry/api-error.ts'
import { Kinds } from '../registry/kinds.ts'
import {
  claimProtection,
  claimsOf,
  defaultClassOf,
  directoryProvisioner,
} from '../registry/persistent-storage.ts'
import type { WorkloadDeps } from '../registry/ports.ts'
import { compareQuantities } from '../registry/quantity.ts'
import type { Stored } from '../registry/registry.ts'
import { decideBinding } from './claim-binding.ts'
import { keyFor } from './ownership.ts'
import { keyOf, objectKey, RegistryController } from './registry-controller.ts'

export interface ClaimControllerDeps extends WorkloadDeps {
  readonly events: EventRecorder
}

type Claim = Stored<PersistentVolumeClaim>
type Volume = Stored<PersistentVolume>

const manager = { fieldManager: 'persistentvolume-controller' } as const
const status = { ...manager, subresource: 'status' } as const

/** Finds or makes a volume for each claim, and lets a claim go once no pod uses it. */
export function claimController(deps: ClaimControllerDeps): RegistryController {
  const { registry } = deps
  const told = new ToldOnce(deps.events)
  const waiting = (): Claim[] =>
    registry.list(Kinds.PersistentVolumeClaim).items.filter(({ spec }) => !spec?.volumeName)
  return new RegistryController(deps, {
    name: 'persistent-volume-claim',
    watch: (enqueue) => [
      registry.watch(Kinds.PersistentVolumeClaim, {}, ({ type, object }) => {
        if (type === 'DELETED') told.forget(object)
        else enqueue(keyOf(object))
      }),
      // What was not there may be there now.
      registry.watch(Kinds.StorageClass, {}, () => waiting().forEach((one) => enqueue(keyOf(one)))),
      registry.watch(Kinds.PersistentVolume, {}, ({ object: { spec } }) => {
        const { namespace = '', name } = spec?.claimRef ?? {}
        if (name !== undefined) enqueue(`${namespace}/${name}`)
        else waiting().forEach((one) => enqueue(keyOf(one)))
      }),
      registry.watch(Kinds.Pod, {}, ({ object }) => {
        for (const name of claimsOf(object)) enqueue(`${object.metadata.namespace ?? ''}/${name}`)
      }),
    ],
    reconcile: async (key) => {
      const claim = registry.get(Kinds.PersistentVolumeClaim, objectKey(key))
      if (claim !== undefined) await reconcile(deps, claim, told)
      return undefined
    },
  })
}

/** Each claim's trouble is told when it changes, not each time it is looked at. */
class ToldOnce {
  readonly #events: EventRecorder
  readonly #last = new Map<string, string>()

  constructor(events: EventRecorder) {
    this.#events = events
  }

  tell(claim: Claim, text: EventText): void {
    if (this.#last.get(claim.metadata.uid) === text.message) return
    this.#last.set(claim.metadata.uid, text.message)
    this.#events.record(claim, text)
  }

  forget({ metadata }: Claim): void {
    this.#last.delete(metadata.uid)
  }
}

async function reconcile(deps: ClaimControllerDeps, claim: Claim, told: ToldOnce): Promise<void> {
  if (claim.metadata.deletionTimestamp !== undefined) return letGo(deps, claim)
  const { volumeName } = claim.spec ?? {}
  if (volumeName) return settle(deps, claim, volumeName, told)
  const { registry } = deps
  const classes = registry.list(Kinds.StorageClass).items
  if (claim.spec?.storageClassName === undefined && (await giveDefaultClass(deps, claim, classes)))
    return
  const verdict = decideBinding(claim, {
    classes,
    volumes: registry.list(Kinds.PersistentVolume).items,
    pods: registry.list(Kinds.Pod, { namespace: claim.metadata.namespace ?? '' }).items,
  })
  switch (verdict.kind) {
    case 'wait':
      told.tell(claim, verdict.why)
      return
    case 'bind':
      return bind(deps, claim, verdict.volume)
    case 'provision':
      return provision(deps, claim, verdict.storageClass)
    default:
      return verdict satisfies never
  }
}

/** The claim is older than the default. The change brings it back here. */
async function giveDefaultClass(
  { registry }: ClaimControllerDeps,
  claim: Claim,
  classes: readonly Stored<StorageClass>[],
): Promise<boolean> {
  const fallback = defaultClassOf(classes)
  if (fallback === undefined) return false
  await registry.modify(
    Kinds.PersistentVolumeClaim,
    keyFor(claim),
    ({ spec = {} }) => {
      spec.storageClassName ??= fallback
    },
    manager,
  )
  return true
}

async function provision(
  deps: ClaimControllerDeps,
  claim: Claim,
  storageClass: Stored<StorageClass>,
): Promise<void> {
  const { registry, volumes, events } = deps
  // Named after the claim: made again after a crash in between, it is the same one.
  const name = `pvc-${claim.metadata.uid}`
  await volumes.create(name)
  try {
    await registry.create(Kinds.PersistentVolume, volumeFor(claim, storageClass, name), manager)
    const message = `Successfully provisioned volume ${name}`
    events.record(claim, { type: 'Normal', reason: 'ProvisioningSucceeded', message })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
  const volume = registry.get(Kinds.PersistentVolume, { name })
  if (volume !== undefined) await bind(deps, claim, volume)
}

function volumeFor(
  claim: Claim,
  storageClass: Stored<StorageClass>,
  name: string,
): PersistentVolume {
  const { accessModes = [], volumeMode = 'Filesystem', resources } = claim.spec ?? {}
  return {
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': directoryProvisioner } },
    spec: {
      accessModes,
      capacity: { storage: resources?.requests?.['storage'] ?? '0' },
      claimRef: referenceTo(claim),
      csi: { driver: directoryProvisioner, volumeHandle: name },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode,
    },
  }
}

function referenceTo({
  apiVersion,
  kind,
  metadata,
}: Claim): NonNullable<NonNullable<PersistentVolume['spec']>['claimRef']> {
  const { namespace = '', name, uid, resourceVersion } = metadata
  return { apiVersion, kind, namespace, name, uid, resourceVersion }
}

/** The volume first: whoever is told of the claim's volume finds it to be the claim's. */
async function bind(deps: ClaimControllerDeps, claim: Claim, volume: Volume): Promise<void> {
  const { registry } = deps
  const taken = await registry.modify(
    Kinds.PersistentVolume,
    keyFor(volume),
    ({ spec = {} }) => {
      const owner = spec.claimRef?.uid
      if (owner !== undefined && owner !== claim.metadata.uid) return false
      if (owner === undefined) spec.claimRef = referenceTo(claim)
      return true
    },
    manager,
  )
  if (taken?.spec?.claimRef?.uid !== claim.metadata.uid) return
  const bound = await registry.modify(
    Kinds.PersistentVolumeClaim,
    keyFor(claim),
    ({ metadata, spec = {} }) => {
      if (metadata.uid !== claim.metadata.uid) return false
      spec.volumeName = taken.metadata.name
      metadata.annotations = {
        ...metadata.annotations,
        'pv.kubernetes.io/bind-completed': 'yes',
        'pv.kubernetes.io/bound-by-controller': 'yes',
      }
      return true
    },
    manager,
  )
  if (bound?.metadata.uid === claim.metadata.uid) await writeBound(deps, bound, taken)
}

/** A claim that names its volume: is it still there, and still this claim's? */
async function settle(
  deps: ClaimControllerDeps,
  claim: Claim,
  volumeName: string,
  told: ToldOnce,
): Promise<void> {
  const volume = deps.registry.get(Kinds.PersistentVolume, { name: volumeName })
  const wasBound = claim.metadata.annotations?.['pv.kubernetes.io/bind-completed'] === 'yes'
  if (volume === undefined) {
    if (wasBound) await lose(deps, claim, told)
    else told.tell(claim, failedBinding(`volume "${volumeName}" not found`))
    return
  }
  const owner = volume.spec?.claimRef?.uid
  if (owner === claim.metadata.uid) return writeBound(deps, claim, await grown(deps, claim, volume))
  if (owner === undefined) return bind(deps, claim, volume)
  if (wasBound) await lose(deps, claim, told)
  else told.tell(claim, failedBinding(`volume "${volumeName}" already bound to a different claim.`))
}

function failedBinding(message: string): EventText {
  return { type: 'Warning', reason: 'FailedBinding', message }
}

async function lose(
  { registry }: ClaimControllerDeps,
  claim: Claim,
  told: ToldOnce,
): Promise<void> {
  await registry.modify(
    Kinds.PersistentVolumeClaim,
    keyFor(claim),
    (draft) => Object.assign(draft, { status: { phase: 'Lost' } }),
    status,
  )
  const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'
  told.tell(claim, { type: 'Warning', reason: 'ClaimLost', message })
}

/** A directory is as large as it is said to be. */
async function grown(
  { registry, events }: ClaimControllerDeps,
  claim: Claim,
  volume: Volume,
): Promise<Volume> {
  const wanted = claim.spec?.resources?.requests?.['storage'] ?? '0'
  if (compareQuantities(wanted, volume.spec?.capacity?.['storage'] ?? '0') <= 0) return volume
  const larger = await registry.modify(
    Kinds.PersistentVolume,
    keyFor(volume),
    ({ spec = {} }) => Object.assign(spec, { capacity: { ...spec.capacity, storage: wanted } }),
    manager,
  )
  const message = `Resized volume ${volume.metadata.name} to ${wanted}`
  events.record(claim, { type: 'Normal', reason: 'VolumeResizeSuccessful', message })
  return larger ?? volume
}

async function writeBound(
  { registry }: ClaimControllerDeps,
  claim: Claim,
  { spec = {} }: Volume,
): Promise<void> {
  const { accessModes = [], capacity = {} } = spec
  await registry.modify(
    Kinds.PersistentVolumeClaim,
    keyFor(claim),
    (draft) => {
      if (draft.metadata.uid !== claim.metadata.uid) return false
      return Object.assign(draft, {
        status: { ...draft.status, phase: 'Bound', accessModes, capacity },
      })
    },
    status,
  )
}

/** Not from under a pod: the finalizer goes with the last one that uses the claim. */
async function letGo({ registry }: ClaimControllerDeps, claim: Claim): Promise<void> {
  const { namespace = '', name, uid } = claim.metadata
  if (registry.list(Kinds.Pod, { namespace }).items.some((pod) => isUsedBy(pod, name))) return
  await registry.modify(
    Kinds.PersistentVolumeClaim,
    { namespace, name },
    ({ metadata }) => {
      if (metadata.uid !== uid) return false
      metadata.finalizers = (metadata.finalizers ?? []).filter((one) => one !== claimProtection)
      return true
    },
    manager,
  )
}

/** A pod that has not been placed has nothing mounted yet. */
function isUsedBy(pod: Stored<Pod>, claim: string): boolean {
  return Boolean(pod.spec?.nodeName) && claimsOf(pod).includes(claim)
}
