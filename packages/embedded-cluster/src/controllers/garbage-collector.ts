/**
 * Deletes what nobody owns any more, and carries out what `propagationPolicy` asked for: foreground (dependents before
 * their owner), background, orphan. Works on one uid at a time, from what is there; after a restart every object is
 * looked at once, so nothing depends on having seen the deletion of an owner.
 */
import type { OwnerReference } from 'kubernetes-types/meta/v1.js'
import { foregroundFinalizer, orphanFinalizer } from '../registry/deletion.ts'
import type { WorkloadDeps } from '../registry/ports.ts'
import type { PropagationPolicy, Registry, Stored } from '../registry/registry.ts'
import { deleteObject, dropOwners, keyFor } from './ownership.ts'
import { RegistryController } from './registry-controller.ts'

export function garbageCollector(deps: WorkloadDeps): RegistryController {
  const { registry } = deps
  return new RegistryController(deps, {
    name: 'garbage-collector',
    watch: (enqueue) => [
      registry.watchAll(({ type, object }) => {
        const { uid, ownerReferences = [], deletionTimestamp } = object.metadata
        if (type === 'DELETED') {
          for (const dependent of registry.dependentsOf(uid)) enqueue(dependent.metadata.uid)
          // An owner that waits for its dependents.
          for (const owner of ownerReferences) enqueue(owner.uid)
        } else if (ownerReferences.length > 0 || deletionTimestamp !== undefined) enqueue(uid)
      }),
    ],
    reconcile: (uid) => collect(registry, uid),
  })
}

async function collect(registry: Registry, uid: string): Promise<undefined> {
  const object = registry.getByUid(uid)
  if (object === undefined) return
  if (object.metadata.deletionTimestamp === undefined) await judge(registry, object)
  else if (hasFinalizer(object, foregroundFinalizer)) await deleteDependents(registry, object)
  else if (hasFinalizer(object, orphanFinalizer)) await orphanDependents(registry, object)
}

function hasFinalizer({ metadata }: Stored, name: string): boolean {
  return metadata.finalizers?.includes(name) === true
}

/** An object goes when none of its owners is left; as long as there is one, it only forgets the others. */
async function judge(registry: Registry, object: Stored): Promise<void> {
  const owners = object.metadata.ownerReferences ?? []
  if (owners.length === 0) return
  const standing = owners.filter((owner) => isStanding(registry, object, owner))
  if (standing.length > 0) {
    const kept = new Set(standing.map(({ uid }) => uid))
    if (kept.size < owners.length) {
      await withKind(registry, object, (kind) =>
        dropOwners(registry, kind, object, (uid) => !kept.has(uid)),
      )
    }
    return
  }
  const isAwaited = owners.some(({ uid }) => isDeletingDependents(registry.getByUid(uid)))
  await remove(registry, object, isAwaited ? 'Foreground' : 'Background')
}

/** An owner of a kind that is not served cannot be judged, so it counts as there: better a leftover than a loss. */
function isStanding(registry: Registry, object: Stored, owner: OwnerReference): boolean {
  if (registry.kindOf(owner) === undefined) return true
  const found = registry.getByUid(owner.uid)
  if (found === undefined || isDeletingDependents(found)) return false
  const { namespace } = found.metadata
  return namespace === undefined || namespace === object.metadata.namespace
}

function isDeletingDependents(object: Stored | undefined): boolean {
  const isGoing = object?.metadata.deletionTimestamp !== undefined
  return isGoing && hasFinalizer(object, foregroundFinalizer)
}

/** The owner stays until those are gone that said they block its deletion. */
async function deleteDependents(registry: Registry, owner: Stored): Promise<void> {
  const dependents = registry.dependentsOf(owner.metadata.uid)
  for (const dependent of dependents) {
    if (dependent.metadata.deletionTimestamp === undefined) await judge(registry, dependent)
  }
  const blocking = registry
    .dependentsOf(owner.metadata.uid)
    .some(({ metadata }) =>
      metadata.ownerReferences?.some(
        (ref) => ref.uid === owner.metadata.uid && ref.blockOwnerDeletion === true,
      ),
    )
  if (!blocking) await removeFinalizer(registry, owner, foregroundFinalizer)
}

async function orphanDependents(registry: Registry, owner: Stored): Promise<void> {
  for (const dependent of registry.dependentsOf(owner.metadata.uid)) {
    await withKind(registry, dependent, (kind) =>
      dropOwners(registry, kind, dependent, (uid) => uid === owner.metadata.uid),
    )
  }
  await removeFinalizer(registry, owner, orphanFinalizer)
}

async function removeFinalizer(registry: Registry, object: Stored, name: string): Promise<void> {
  await withKind(registry, object, async (kind) => {
    await registry.modify(kind, keyFor(object), ({ metadata }) => {
      if (metadata.uid !== object.metadata.uid) return false
      metadata.finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== name)
      return true
    })
  })
}

/** In the way the object's own finalizers ask for, if they do. */
async function remove(
  registry: Registry,
  object: Stored,
  wanted: PropagationPolicy,
): Promise<void> {
  const propagationPolicy = hasFinalizer(object, orphanFinalizer) ? 'Orphan' : wanted
  await withKind(registry, object, (kind) =>
    deleteObject(registry, kind, object, { propagationPolicy }),
  )
}

type KindOf = NonNullable<ReturnType<Registry['kindOf']>>

async function withKind(
  registry: Registry,
  object: Stored,
  act: (kind: KindOf) => Promise<void>,
): Promise<void> {
  const kind = registry.kindOf(object)
  if (kind !== undefined) await act(kind)
}
