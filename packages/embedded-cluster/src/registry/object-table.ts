/** All objects in memory, with the indexes that requests and controllers need. */
import type { Stored } from './registry.ts'

export class ObjectTable {
  /** resource id → namespace ('' if cluster-scoped) → name → object */
  readonly #resources = new Map<string, Map<string, Map<string, Stored>>>()
  readonly #byUid = new Map<string, Stored>()
  /** owner uid → dependent uid → dependent */
  readonly #dependents = new Map<string, Map<string, Stored>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(resource: string, namespace: string | undefined, name: string): Stored | undefined {
    return this.#resources
      .get(resource)
      ?.get(namespace ?? '')
      ?.get(name)
  }

  getByUid(uid: string): Stored | undefined {
    return this.#byUid.get(uid)
  }

  dependentsOf(uid: string): readonly Stored[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])]
  }

  /** In order of insertion; `undefined` as namespace means all. */
  *list(resource: string, namespace?: string): Iterable<Stored> {
    const namespaces = this.#resources.get(resource)
    if (namespaces === undefined) return
    if (namespace !== undefined) {
      yield* namespaces.get(namespace)?.values() ?? []
    } else {
      for (const objects of namespaces.values()) yield* objects.values()
    }
  }

  count(resource: string): number {
    let count = 0
    for (const objects of this.#resources.get(resource)?.values() ?? []) count += objects.size
    return count
  }

  *all(): Iterable<{ readonly resource: string; readonly object: Stored }> {
    for (const resource of this.#resources.keys()) {
      for (const object of this.list(resource)) yield { resource, object }
    }
  }

  put(resource: string, object: Stored): void {
    const { namespace, name, uid } = object.metadata
    const objects = this.#namespace(resource, namespace ?? '')
    const previous = objects.get(name)
    if (previous === undefined) this.#size += 1
    else this.#unindex(previous)
    objects.set(name, object)
    this.#byUid.set(uid, object)
    for (const owner of object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid) ?? new Map<string, Stored>()
      this.#dependents.set(owner.uid, dependents.set(uid, object))
    }
  }

  remove(resource: string, object: Stored): void {
    const namespace = object.metadata.namespace ?? ''
    const namespaces = this.#resources.get(resource)
    const objects = namespaces?.get(namespace)
    const present = objects?.get(object.metadata.name)
    if (namespaces === undefined || objects === undefined || present === undefined) return
    objects.delete(object.metadata.name)
    if (objects.size === 0) namespaces.delete(namespace)
    this.#unindex(present)
    this.#size -= 1
  }

  #namespace(resource: string, namespace: string): Map<string, Stored> {
    let namespaces = this.#resources.get(resource)
    if (namespaces === undefined)
      this.#resources.set(resource, (namespaces = new Map<string, Map<string, Stored>>()))
    let objects = namespaces.get(namespace)
    if (objects === undefined) namespaces.set(namespace, (objects = new Map<string, Stored>()))
    return objects
  }

  #unindex(object: Stored): void {
    const { uid, ownerReferences } = object.metadata
    this.#byUid.delete(uid)
    for (const owner of ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid)
      dependents?.delete(uid)
      if (dependents?.size === 0) this.#dependents.delete(owner.uid)
    }
  }
}
