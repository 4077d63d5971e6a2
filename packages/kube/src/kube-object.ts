import type { ListMeta, ObjectMeta } from 'kubernetes-types/meta/v1.d.ts'

export type { ListMeta, ObjectMeta }

/** What every Kubernetes object has in common. */
export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
}

/** Metadata as the API server returns it: these fields it always sets. */
export type StoredMeta = ObjectMeta & {
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  readonly creationTimestamp: string
}

/** An object that has been in the API server: it has a name, a uid and a resourceVersion. */
export type Stored<T extends KubeObject> = T & {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: StoredMeta
}

/** One page, or the whole, of a collection. */
export interface ObjectList<T extends KubeObject> {
  readonly items: Stored<T>[]
  /** Where a watch continues from. */
  readonly resourceVersion: string
  /** Token of the next page; absent on the last one. */
  readonly continueToken?: string
}

/**
 * What addresses an object of a known kind. `metadata` of any object that has a name fits as it is.
 * The namespace is left out for cluster-scoped kinds.
 */
export interface ObjectRef {
  readonly namespace?: string | undefined
  readonly name: string
}

/** `namespace/name`, or `name` for cluster-scoped objects: the key of caches and queues. */
export function objectKey(ref: ObjectRef): string {
  return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`
}

/** The inverse of `objectKey`. Names of objects never contain a slash. */
export function refOfKey(key: string): ObjectRef {
  const slash = key.indexOf('/')
  return slash === -1
    ? { name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
