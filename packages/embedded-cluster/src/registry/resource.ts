/** What the server knows about one resource: names, versions, shape, and the rules of its kind. */
import type { ApiError, FieldCause } from './api-error.ts'
import type { JsonObject } from './json.ts'
import type { Kind, Stored } from './registry.ts'
import type { Shape } from './shape.ts'

/** An object on its way in: mutable, not yet complete. */
export interface Draft extends JsonObject {
  apiVersion: string
  kind: string
  metadata: DraftMeta
}

export interface DraftMeta extends JsonObject {
  name?: string
  namespace?: string
  generateName?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: OwnerReference[]
  managedFields?: ManagedFieldsEntry[]
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export interface ManagedFieldsEntry {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time?: string
  fieldsType: 'FieldsV1'
  fieldsV1: JsonObject
  subresource?: string
}

export interface ColumnDefinition {
  readonly name: string
  readonly type: string
  readonly format?: string
  readonly description?: string
  readonly priority?: number
}

/** How `kubectl get` shows a kind. */
export interface TableColumns {
  readonly definitions: readonly ColumnDefinition[]
  cells(object: Stored, nowMs: number): readonly unknown[]
}

export interface ScalePaths {
  readonly specReplicas: readonly string[]
  readonly statusReplicas: readonly string[]
  /** Where the label selector is kept: as an object, or as its string form. */
  readonly selector: readonly string[] | undefined
}

export interface ServedVersion {
  readonly name: string
  readonly shape: Shape
  readonly columns: TableColumns
  readonly scale: ScalePaths | undefined
  readonly status: boolean
  readonly deprecated: boolean
  /** Custom resources: fills in defaults of the schema. */
  readonly applyDefaults?: (draft: Draft) => void
  /** Custom resources: schema and CEL rules. */
  readonly validate?: (object: Draft, old: Stored | undefined) => readonly FieldCause[]
}

/** What a strategy may read while it decides. */
export interface StrategyContext {
  readonly nowMs: number
  /** Any object, by `kindOf`-style reference: used for cross-object rules such as a namespace being there. */
  find(resourceId: string, namespace: string | undefined, name: string): Stored | undefined
  /** All objects of a resource; of one namespace, if it is given. */
  list(resourceId: string, namespace?: string): Iterable<Stored>
  /** What is served at this moment. */
  resources(): readonly Resource[]
  allocateClusterIp(wanted: string | undefined, ownerUid: string): string | ApiError
}

/** Rules of one kind beyond what all share. Every function may be left out. */
export interface Strategy {
  /** Fills in defaults; runs on everything that comes in. */
  applyDefaults?(draft: Draft): void
  /** What the server decides on creation, after defaults. */
  prepareCreate?(draft: Draft, context: StrategyContext): void
  /** What the server decides on update, after defaults. */
  prepareUpdate?(draft: Draft, old: Stored, context: StrategyContext): void
  validate?(object: Draft, old: Stored | undefined): readonly FieldCause[]
  /** Refuses before anything is deleted. */
  checkDelete?(object: Stored): ApiError | undefined
  /** Holds an object that is being deleted, beside finalizers. */
  holdsDeletion?(object: Draft): boolean
  /** How long an object that is being deleted may take; left out: it goes at once. */
  graceSeconds?(object: Draft, asked: number | undefined): number
  /** What else the start of a deletion changes. */
  onDeletion?(draft: Draft): void
}

export interface Resource extends Kind {
  /** `deployments.apps`; the key under which objects are stored. */
  readonly id: string
  readonly singular: string
  readonly listKind: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly string[]
  /** Preferred first. `version` is the stored one. */
  readonly versions: readonly ServedVersion[]
  /** Subresources other than status and scale that the API serves: `log`, `token`, `finalize`. */
  readonly subresources: readonly string[]
  /** Counts changes of what is neither metadata nor status. */
  readonly hasGeneration: boolean
  readonly custom: boolean
  readonly strategy: Strategy
  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly selectableFields: readonly string[]
  /** False while a CRD is being deleted: nothing new may be made. */
  readonly creatable: boolean
  /** Answers questions and keeps nothing (TokenReview). */
  readonly virtual: boolean
  /** Another view of a stored resource: `events.k8s.io` shows the core Events. */
  readonly alias?: Alias
}

export interface Alias {
  /** Id of the resource that is stored. */
  readonly of: string
  toStored(draft: Draft): Draft
  fromStored(stored: Stored): Stored
}

/** The key under which a resource's objects are stored. */
export function storageId(resource: Resource): string {
  return resource.alias?.of ?? resource.id
}

export function servedVersion(resource: Resource, version: string): ServedVersion | undefined {
  return resource.versions.find((served) => served.name === version)
}

export function groupVersion(resource: { readonly group: string }, version: string): string {
  return resource.group === '' ? version : `${resource.group}/${version}`
}

export function resourceId(kind: { readonly group: string; readonly plural: string }): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`
}

export function asDraft(object: Stored): Draft {
  return object as unknown as Draft // A private clone: the same fields, no longer read-only.
}
