import type { CallOptions, KubeClient } from './kube-client.ts'
import { isNotFound } from './kube-error.ts'
import type { KubeObject, Stored } from './kube-object.ts'
import type { ResourceKind } from './resource-kind.ts'
import { retryOnConflict } from './retry-on-conflict.ts'

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata?.finalizers?.includes(finalizer) ?? false
}

/** Returns the object with the finalizer on it. An object already being deleted cannot get one: `isInvalid`. */
export async function addFinalizer<T extends KubeObject>(
  client: KubeClient,
  kind: ResourceKind<T>,
  object: Stored<T>,
  finalizer: string,
  options: CallOptions = {},
): Promise<Stored<T>> {
  const written = await setFinalizers(client, kind, object, options, (finalizers) =>
    finalizers.includes(finalizer) ? finalizers : [...finalizers, finalizer],
  )
  return written ?? object
}

/** Lets the object go. One that is gone already, or whose name another object has now, counts as done. */
export async function removeFinalizer<T extends KubeObject>(
  client: KubeClient,
  kind: ResourceKind<T>,
  object: Stored<T>,
  finalizer: string,
  options: CallOptions = {},
): Promise<void> {
  try {
    await setFinalizers(client, kind, object, options, (finalizers) =>
      finalizers.includes(finalizer) ? finalizers.filter((one) => one !== finalizer) : finalizers,
    )
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/**
 * The list is written whole, so only against the version it was read from: a finalizer that somebody else added in
 * between must not get lost. Returns undefined if there was nothing to write.
 */
async function setFinalizers<T extends KubeObject>(
  client: KubeClient,
  kind: ResourceKind<T>,
  object: Stored<T>,
  options: CallOptions,
  change: (finalizers: string[]) => string[],
): Promise<Stored<T> | undefined> {
  let current: Stored<T> | undefined = object
  return await retryOnConflict(async () => {
    // The given object may be old, from a cache: after a conflict the server's counts.
    current ??= await client.get(kind, object.metadata, options)
    const { metadata }: Stored<KubeObject> = current
    current = undefined
    if (metadata.uid !== object.metadata.uid) return undefined
    const before = metadata.finalizers ?? []
    const finalizers = change(before)
    if (finalizers === before) return undefined
    return await client.patch(
      kind,
      metadata,
      {
        kind: 'merge',
        body: { metadata: { resourceVersion: metadata.resourceVersion, finalizers } },
      },
      options,
    )
  })
}
