/** Which objects belong to which: controller references, and the selectors that decide about adoption. */
import type { LabelSelector, OwnerReference } from 'kubernetes-types/meta/v1.js'
import { isReason } from '../registry/api-error.ts'
import type { Kind, KubeObject, Registry, Stored } from '../registry/registry.ts'

export function controllerRef(owner: Stored): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

export function controllerOf({ metadata }: Stored): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true)
}

/** An empty selector selects nothing here: who controls objects has to say which. */
export function matchesSelector(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>> = {},
): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {}
  const required = Object.entries(matchLabels)
  if (required.length + matchExpressions.length === 0) return false
  return (
    required.every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key]
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value)
        case 'NotIn':
          return value === undefined || !values.includes(value)
        case 'Exists':
          return value !== undefined
        case 'DoesNotExist':
          return value === undefined
        default:
          return false
      }
    })
  )
}

/**
 * The objects of a kind that `owner` controls: adopts those that match its selector and belong to nobody, lets go of
 * those that no longer match. Without this, a re-created owner would make everything a second time.
 */
export async function claim<T extends KubeObject>(
  registry: Registry,
  kind: Kind<T>,
  owner: Stored,
  selector: LabelSelector | undefined,
): Promise<Stored<T>[]> {
  const { namespace = '' } = owner.metadata
  const claimed: Stored<T>[] = []
  for (const object of registry.list(kind, { namespace }).items) {
    const controller = controllerOf(object)
    const isMatch = matchesSelector(selector, object.metadata.labels)
    if (controller?.uid === owner.metadata.uid) {
      if (isMatch) claimed.push(object)
      else await release(registry, kind, owner, object)
    } else if (isMatch && controller === undefined && isStaying(owner) && isStaying(object)) {
      const adopted = await adopt(registry, kind, owner, object)
      if (adopted !== undefined) claimed.push(adopted)
    }
  }
  return claimed
}

function isStaying({ metadata }: Stored): boolean {
  return metadata.deletionTimestamp === undefined
}

async function adopt<T extends KubeObject>(
  registry: Registry,
  kind: Kind<T>,
  owner: Stored,
  object: Stored<T>,
): Promise<Stored<T> | undefined> {
  return registry.modify(kind, keyFor(object), ({ metadata }) => {
    if (metadata.uid !== object.metadata.uid) return false
    metadata.ownerReferences = [...(metadata.ownerReferences ?? []), controllerRef(owner)]
    return true
  })
}

async function release<T extends KubeObject>(
  registry: Registry,
  kind: Kind<T>,
  owner: Stored,
  object: Stored<T>,
): Promise<void> {
  await dropOwners(registry, kind, object, (uid) => uid === owner.metadata.uid)
}

/** Takes references out of an object, if it is still the same one. */
export async function dropOwners<T extends KubeObject>(
  registry: Registry,
  kind: Kind<T>,
  object: Stored<T>,
  isUnwanted: (ownerUid: string) => boolean,
): Promise<void> {
  await registry.modify(kind, keyFor(object), ({ metadata }) => {
    if (metadata.uid !== object.metadata.uid) return false
    metadata.ownerReferences = (metadata.ownerReferences ?? []).filter(
      ({ uid }) => !isUnwanted(uid),
    )
    return true
  })
}

export function keyFor({ metadata: { namespace, name } }: Stored): {
  namespace?: string
  name: string
} {
  return { ...(namespace !== undefined && { namespace }), name }
}

/** Deletes that very object; one that is gone, or was replaced, is as good as deleted. */
export async function deleteObject<T extends KubeObject>(
  registry: Registry,
  kind: Kind<T>,
  object: Stored<T>,
  options: { readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' } = {},
): Promise<void> {
  try {
    const preconditions = { uid: object.metadata.uid }
    await registry.delete(kind, keyFor(object), { ...options, preconditions })
  } catch (error) {
    if (!isReason(error, 'NotFound', 'Conflict')) throw error
  }
}
