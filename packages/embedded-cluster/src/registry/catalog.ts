/** The resources served right now: built-in ones from the start, custom ones as their definitions come and go. */
import type { Kind } from './registry.ts'
import { type Resource, resourceId } from './resource.ts'

export class Catalog {
  readonly #byId = new Map<string, Resource>()
  /** `group/Kind` → resource */
  readonly #byKind = new Map<string, Resource>()
  /** Grows with every change, so that derived documents (discovery, OpenAPI) know when they are stale. */
  #revision = 0

  constructor(builtIns: readonly Resource[]) {
    for (const resource of builtIns) this.add(resource)
  }

  get revision(): number {
    return this.#revision
  }

  /** Adds, or replaces the resource of the same id. */
  add(resource: Resource): void {
    this.#byId.set(resource.id, resource)
    this.#byKind.set(`${resource.group}/${resource.kind}`, resource)
    this.#revision += 1
  }

  remove(id: string): void {
    const resource = this.#byId.get(id)
    if (resource === undefined) return
    this.#byId.delete(id)
    this.#byKind.delete(`${resource.group}/${resource.kind}`)
    this.#revision += 1
  }

  all(): readonly Resource[] {
    return [...this.#byId.values()]
  }

  byId(id: string): Resource | undefined {
    return this.#byId.get(id)
  }

  byPlural(group: string, plural: string): Resource | undefined {
    return this.#byId.get(resourceId({ group, plural }))
  }

  /** Throws for a kind that is not served: a mistake of the caller in this process. */
  require(kind: Kind): Resource {
    const resource = this.byPlural(kind.group, kind.plural)
    if (resource === undefined) throw new Error(`No resource ${resourceId(kind)} is served`)
    return resource
  }

  byTypeMeta(apiVersion: string, kind: string): Resource | undefined {
    const slash = apiVersion.indexOf('/')
    const group = slash < 0 ? '' : apiVersion.slice(0, slash)
    return this.#byKind.get(`${group}/${kind}`)
  }
}
