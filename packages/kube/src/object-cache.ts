import { objectKey, type KubeObject, type ObjectRef, type Stored } from './kube-object.ts'

/** Which values of an index an object is found under. */
export type IndexFunction<T extends KubeObject> = (object: Stored<T>) => readonly string[]

/** What came over a cache entry. */
export type CacheChange<T extends KubeObject> =
  | { readonly kind: 'added'; readonly object: Stored<T> }
  | { readonly kind: 'updated'; readonly object: Stored<T>; readonly old: Stored<T> }
  | { readonly kind: 'deleted'; readonly object: Stored<T> }

const byNamespace: IndexFunction<KubeObject> = ({ metadata }) => [metadata.namespace ?? '']
const byOwner: IndexFunction<KubeObject> = ({ metadata }) =>
  (metadata.ownerReferences ?? []).map(({ uid }) => uid)

/**
 * The objects of one kind as last seen, with indexes. Objects are frozen to the bottom: everybody reads the same ones,
 * and a writer would change what others compare against.
 */
export class ObjectCache<T extends KubeObject> {
  readonly #objects = new Map<string, Stored<T>>()
  readonly #namespaces = new ObjectIndex<T>(byNamespace)
  readonly #owners = new ObjectIndex<T>(byOwner)
  readonly #custom: ReadonlyMap<string, ObjectIndex<T>>

  constructor(indexes: Readonly<Record<string, IndexFunction<T>>> = {}) {
    this.#custom = new Map(
      Object.entries(indexes).map(([name, keysOf]) => [name, new ObjectIndex(keysOf)]),
    )
  }

  get size(): number {
    return this.#objects.size
  }

  get(ref: ObjectRef): Stored<T> | undefined {
    return this.#objects.get(objectKey(ref))
  }

  list(): Stored<T>[] {
    return [...this.#objects.values()]
  }

  inNamespace(namespace: string): Stored<T>[] {
    return this.#namespaces.find(namespace)
  }

  ownedBy(uid: string): Stored<T>[] {
    return this.#owners.find(uid)
  }

  byIndex(name: string, value: string): Stored<T>[] {
    const index = this.#custom.get(name)
    if (index === undefined) throw new TypeError(`There is no index "${name}"`)
    return index.find(value)
  }

  /** Takes over an object as the server sent it; the cache owns it from here on. */
  set(object: Stored<T>): readonly CacheChange<T>[] {
    const key = objectKey(object.metadata)
    const old = this.#objects.get(key)
    if (old?.metadata.resourceVersion === object.metadata.resourceVersion) return []
    this.#put(key, old, deepFrozen(object))
    if (old === undefined) return [{ kind: 'added', object }]
    // A namesake: whoever keeps something per object must hear that the first one is gone.
    if (old.metadata.uid !== object.metadata.uid)
      return [
        { kind: 'deleted', object: old },
        { kind: 'added', object },
      ]
    return [{ kind: 'updated', object, old }]
  }

  /** `last` is the object as it was when it went, if the server said so. */
  delete(ref: ObjectRef, last?: Stored<T>): readonly CacheChange<T>[] {
    const key = objectKey(ref)
    const old = this.#objects.get(key)
    if (old === undefined) return []
    this.#objects.delete(key)
    for (const index of this.#indexes()) index.remove(old)
    return [
      { kind: 'deleted', object: last?.metadata.uid === old.metadata.uid ? deepFrozen(last) : old },
    ]
  }

  /** Makes the cache equal to a complete list; what is not in it has been deleted unseen. */
  replace(objects: readonly Stored<T>[]): readonly CacheChange<T>[] {
    const listed = new Set(objects.map(({ metadata }) => objectKey(metadata)))
    const gone = this.list().filter(({ metadata }) => !listed.has(objectKey(metadata)))
    return [
      ...gone.flatMap(({ metadata }) => this.delete(metadata)),
      ...objects.flatMap((object) => this.set(object)),
    ]
  }

  #put(key: string, old: Stored<T> | undefined, object: Stored<T>): void {
    this.#objects.set(key, object)
    for (const index of this.#indexes()) {
      if (old !== undefined) index.remove(old)
      index.add(object)
    }
  }

  #indexes(): readonly ObjectIndex<T>[] {
    return [this.#namespaces, this.#owners, ...this.#custom.values()]
  }
}

class ObjectIndex<T extends KubeObject> {
  readonly #keysOf: IndexFunction<T>
  readonly #objects = new Map<string, Set<Stored<T>>>()

  constructor(keysOf: IndexFunction<T>) {
    this.#keysOf = keysOf
  }

  find(value: string): Stored<T>[] {
    return [...(this.#objects.get(value) ?? [])]
  }

  add(object: Stored<T>): void {
    for (const value of this.#keysOf(object)) {
      const found = this.#objects.get(value)
      if (found === undefined) this.#objects.set(value, new Set([object]))
      else found.add(object)
    }
  }

  remove(object: Stored<T>): void {
    for (const value of this.#keysOf(object)) {
      const found = this.#objects.get(value)
      found?.delete(object)
      if (found?.size === 0) this.#objects.delete(value)
    }
  }
}

function deepFrozen<V>(value: V): V {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFrozen(member)
  }
  return value
}
