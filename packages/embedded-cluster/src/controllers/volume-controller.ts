import type { PersistentVolume } from 'kubernetes-types/core/v1.js'
import type { EventRecorder } from '../events/event-recorder.ts'
import { Kinds } from '../registry/kinds.ts'
import { directoryProvisioner, volumeProtection } from '../registry/persistent-storage.ts'
import type { WorkloadDeps } from '../registry/ports.ts'
import type { Registry, Stored } from '../registry/registry.ts'
import { deleteObject, keyFor } from './ownership.ts'
import { RegistryController } from './registry-controller.ts'

export interface VolumeControllerDeps extends WorkloadDeps {
  readonly events: EventRecorder
}

type Volume = Stored<PersistentVolume>
type VolumePhase = 'Available' | 'Bound' | 'Released'

const manager = { fieldManager: 'persistentvolume-controller' } as const

/** Says whose a volume is, and does away with what nobody has any more, if the volume's policy is to. */
export function volumeController(deps: VolumeControllerDeps): RegistryController {
  const { registry } = deps
  const heldBy = (claimUid: string): Volume[] =>
    registry
      .list(Kinds.PersistentVolume)
      .items.filter(({ spec }) => spec?.claimRef?.uid === claimUid)
  return new RegistryController(deps, {
    name: 'persistent-volume',
    watch: (enqueue) => [
      registry.watch(Kinds.PersistentVolume, {}, ({ object }) => enqueue(object.metadata.name)),
      registry.watch(Kinds.PersistentVolumeClaim, {}, ({ object: { metadata } }) =>
        heldBy(metadata.uid).forEach((volume) => enqueue(volume.metadata.name)),
      ),
    ],
    reconcile: async (name) => {
      const volume = registry.get(Kinds.PersistentVolume, { name })
      if (volume !== undefined) await reconcile(deps, volume)
      return undefined
    },
  })
}

async function reconcile(deps: VolumeControllerDeps, volume: Volume): Promise<void> {
  const phase = phaseOf(deps.registry, volume)
  await writePhase(deps, volume, phase)
  if (phase === 'Released' && volume.spec?.persistentVolumeReclaimPolicy === 'Delete')
    await reclaim(deps, volume)
  if (phase !== 'Bound') await unprotect(deps, volume)
}

function phaseOf(registry: Registry, { spec }: Volume): VolumePhase {
  const { namespace = '', name = '', uid } = spec?.claimRef ?? {}
  if (uid === undefined) return 'Available'
  const claim = registry.get(Kinds.PersistentVolumeClaim, { namespace, name })
  return claim?.metadata.uid === uid ? 'Bound' : 'Released'
}

async function writePhase(
  { registry }: VolumeControllerDeps,
  volume: Volume,
  phase: VolumePhase,
): Promise<void> {
  await registry.modify(
    Kinds.PersistentVolume,
    keyFor(volume),
    (draft) => Object.assign(draft, { status: { phase } }),
    { ...manager, subresource: 'status' },
  )
}

/** The data first: were the object gone before it, a crash in between would leave the data for ever. */
async function reclaim(deps: VolumeControllerDeps, volume: Volume): Promise<void> {
  const { registry, volumes, events } = deps
  const { driver = '', volumeHandle = '' } = volume.spec?.csi ?? {}
  const fail = (message: string): void =>
    events.record(volume, { type: 'Warning', reason: 'VolumeFailedDelete', message })
  if (driver !== directoryProvisioner) {
    fail(`only volumes of ${directoryProvisioner} can be deleted here; delete it by hand`)
    return
  }
  try {
    await volumes.remove(volumeHandle)
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error))
    throw error
  }
  await deleteObject(registry, Kinds.PersistentVolume, volume)
}

async function unprotect({ registry }: VolumeControllerDeps, volume: Volume): Promise<void> {
  await registry.modify(
    Kinds.PersistentVolume,
    keyFor(volume),
    ({ metadata }) => {
      if (metadata.uid !== volume.metadata.uid || metadata.deletionTimestamp === undefined)
        return false
      metadata.finalizers = (metadata.finalizers ?? []).filter((one) => one !== volumeProtection)
      return true
    },
    manager,
  )
}
