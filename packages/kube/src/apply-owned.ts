import type { Applied, ApplyOptions, KubeClient } from './kube-client.ts'
import type { KubeObject, Stored } from './kube-object.ts'
import { controllerOf, ownerReference } from './metadata.ts'
import { objectKey } from './kube-object.ts'
import type { ResourceKind } from './resource-kind.ts'

export type AppliedOwned<T extends KubeObject> =
  | { readonly kind: 'applied'; readonly object: Stored<T> }
  /** An object of that name exists and is not the owner's: it was left alone. */
  | { readonly kind: 'taken'; readonly existing: Stored<T>; readonly message: string }

/**
 * Applies a child of `owner` in its namespace. Without looking whose object has the name, two owners whose children are
 * named alike would overwrite each other on every reconcile, for ever; and an app's name could reach a stranger's object.
 */
export async function applyOwned<T extends KubeObject>(
  client: KubeClient,
  kind: ResourceKind<T>,
  child: Applied<T>,
  owner: Stored<KubeObject>,
  options: ApplyOptions = {},
): Promise<AppliedOwned<T>> {
  const ref = {
    name: child.metadata.name,
    ...(owner.metadata.namespace !== undefined && { namespace: owner.metadata.namespace }),
  }
  const existing = await client.find(kind, ref, options)
  if (existing !== undefined && controllerOf(existing)?.uid !== owner.metadata.uid) {
    const message = `${kind.kind} ${objectKey(ref)} exists and does not belong to ${owner.kind} ${owner.metadata.name}`
    return { kind: 'taken', existing, message }
  }
  const metadata = {
    ...child.metadata,
    ...ref,
    ownerReferences: [ownerReference(owner)],
    // Only this very object: a namesake that came in between is refused as a conflict.
    ...(existing !== undefined && { uid: existing.metadata.uid }),
  }
  return { kind: 'applied', object: await client.apply(kind, { ...child, metadata }, options) }
}
