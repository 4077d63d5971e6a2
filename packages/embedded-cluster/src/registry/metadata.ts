/** What all kinds share: names, labels, the fields of metadata that belong to the server. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { FieldCause } from './api-error.ts'
import { forbiddenField, invalid, required, tooLong } from './field-errors.ts'
import { deepEqual, isObject } from './json.ts'
import {
  dns1035Problem,
  dnsLabelProblem,
  dnsSubdomainProblem,
  labelKeyProblem,
  labelValueProblem,
  pathSegmentProblem,
} from './names.ts'
import type { Stored } from './registry.ts'
import type { Draft, DraftMeta, Resource } from './resource.ts'

const maxAnnotationBytes = 256 * 1024
const maxGeneratedPrefix = 58

/** Kubernetes times have whole seconds. */
export function timestamp(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`
}

/** Random, without vowels and look-alikes, as generated names have it. */
function randomSuffix(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  return [...randomBytes(5)].map((byte) => letters.charAt(byte % letters.length)).join('')
}

/** Gives a new object its identity; whatever the client claimed of it is dropped. */
export function prepareNewMetadata(draft: Draft, resource: Resource, nowMs: number): void {
  const meta = draft.metadata
  if ((meta.name === undefined || meta.name === '') && meta.generateName !== undefined) {
    meta.name = `${meta.generateName.slice(0, maxGeneratedPrefix)}${randomSuffix()}`
  }
  if (!resource.namespaced) delete meta.namespace
  meta.uid = randomUUID()
  meta.creationTimestamp = timestamp(nowMs)
  delete meta.resourceVersion
  delete meta.deletionTimestamp
  delete meta.deletionGracePeriodSeconds
  delete meta['selfLink']
  if (resource.hasGeneration) meta.generation = 1
  else delete meta.generation
  dropEmpty(meta)
}

/** Puts back what a client cannot change. */
export function carryOverMetadata(draft: Draft, old: Stored): void {
  const meta = draft.metadata
  const before = old.metadata
  meta.name = before.name
  meta.uid = before.uid
  meta.creationTimestamp = before.creationTimestamp
  meta.resourceVersion = before.resourceVersion
  restore(meta, 'namespace', before.namespace)
  restore(meta, 'generation', before.generation)
  restore(meta, 'deletionTimestamp', before.deletionTimestamp)
  restore(meta, 'deletionGracePeriodSeconds', before.deletionGracePeriodSeconds)
  restore(meta, 'generateName', meta.generateName ?? before.generateName)
  delete meta['selfLink']
  dropEmpty(meta)
}

function restore<K extends keyof DraftMeta>(
  meta: DraftMeta,
  key: K,
  value: DraftMeta[K] | undefined,
): void {
  if (value === undefined) Reflect.deleteProperty(meta, key)
  else meta[key] = value
}

/** `labels: null` and empty collections are the same as absent, or every re-apply would look like a change. */
function dropEmpty(meta: DraftMeta): void {
  for (const key of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
    const value: unknown = meta[key]
    if (value === null || (isObject(value) && Object.keys(value).length === 0)) {
      Reflect.deleteProperty(meta, key)
    } else if (Array.isArray(value) && value.length === 0) Reflect.deleteProperty(meta, key)
  }
}

/** Counts a change of what the user wants: anything but metadata and status. */
export function bumpGeneration(draft: Draft, old: Stored, resource: Resource): void {
  if (!resource.hasGeneration) return
  const generation = old.metadata.generation ?? 1
  draft.metadata.generation = isSameIntent(draft, old) ? generation : generation + 1
}

function isSameIntent(draft: Draft, old: Stored): boolean {
  const intent = (object: object): object => ({
    ...object,
    metadata: undefined,
    status: undefined,
    apiVersion: undefined,
  })
  return deepEqual(intent(draft), intent(old))
}

export function validateMetadata(
  draft: Draft,
  old: Stored | undefined,
  resource: Resource,
): FieldCause[] {
  const meta = draft.metadata
  return [
    ...validateName(meta, resource),
    ...validateLabels(meta.labels, 'metadata.labels'),
    ...validateAnnotations(meta.annotations),
    ...validateFinalizers(meta, old),
    ...validateOwners(meta),
  ]
}

function validateName(meta: DraftMeta, resource: Resource): FieldCause[] {
  if (meta.name === undefined || meta.name === '') {
    return [required('metadata.name', 'name or generateName is required')]
  }
  const problem = nameProblem(meta.name, resource)
  return problem === undefined ? [] : [invalid('metadata.name', meta.name, problem)]
}

function nameProblem(name: string, resource: Resource): string | undefined {
  if (resource.group === 'rbac.authorization.k8s.io') return pathSegmentProblem(name)
  if (resource.id === 'namespaces') return dnsLabelProblem(name)
  if (resource.id === 'services') return dns1035Problem(name)
  return dnsSubdomainProblem(name)
}

export function validateLabels(labels: unknown, path: string): FieldCause[] {
  if (labels === undefined || labels === null) return []
  if (!isObject(labels)) return [invalid(path, labels, 'must be a map of strings')]
  const causes: FieldCause[] = []
  for (const [key, value] of Object.entries(labels)) {
    const keyProblem = labelKeyProblem(key)
    if (keyProblem !== undefined) causes.push(invalid(path, key, keyProblem))
    const valueProblem = typeof value === 'string' ? labelValueProblem(value) : 'must be a string'
    if (valueProblem !== undefined) causes.push(invalid(path, value, valueProblem))
  }
  return causes
}

function validateAnnotations(annotations: unknown): FieldCause[] {
  if (annotations === undefined || annotations === null) return []
  const path = 'metadata.annotations'
  if (!isObject(annotations)) return [invalid(path, annotations, 'must be a map of strings')]
  const causes: FieldCause[] = []
  let bytes = 0
  for (const [key, value] of Object.entries(annotations)) {
    const problem = labelKeyProblem(key.toLowerCase())
    if (problem !== undefined) causes.push(invalid(path, key, problem))
    if (typeof value !== 'string') causes.push(invalid(path, value, 'must be a string'))
    else bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  return bytes > maxAnnotationBytes ? [...causes, tooLong(path, maxAnnotationBytes)] : causes
}

function validateFinalizers(meta: DraftMeta, old: Stored | undefined): FieldCause[] {
  const finalizers = meta.finalizers ?? []
  const causes = finalizers.flatMap((name) => {
    const problem = labelKeyProblem(name)
    return problem === undefined ? [] : [invalid('metadata.finalizers', name, problem)]
  })
  if (old?.metadata.deletionTimestamp === undefined) return causes
  const before = old.metadata.finalizers ?? []
  const added = finalizers.filter((name) => !before.includes(name))
  if (added.length === 0) return causes
  return [
    ...causes,
    forbiddenField(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
    ),
  ]
}

function validateOwners(meta: DraftMeta): FieldCause[] {
  const causes: FieldCause[] = []
  const owners = meta.ownerReferences ?? []
  owners.forEach((owner, index) => {
    const path = `metadata.ownerReferences[${index}]`
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (!owner[field]) causes.push(required(`${path}.${field}`))
    }
  })
  if (owners.filter((owner) => owner.controller === true).length > 1) {
    causes.push(
      invalid(
        'metadata.ownerReferences',
        owners.length,
        'only one reference can have controller set to true',
      ),
    )
  }
  return causes
}
