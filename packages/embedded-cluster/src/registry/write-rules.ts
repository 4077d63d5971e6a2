/** What a write has to keep to, whoever makes it; each refusal is an `ApiError` in the words of a real API server. */
import { quotaRefusal } from './admission/quota.ts'
import { conflict } from './api-error.ts'
import { invalid, invalidObject } from './field-errors.ts'
import { clone } from './json.ts'
import { validateMetadata } from './metadata.ts'
import type { DeleteOptions, Stored, Subresource } from './registry.ts'
import {
  asDraft,
  type Draft,
  type Resource,
  type ServedVersion,
  type StrategyContext,
} from './resource.ts'

export function checkIdentity(draft: Draft, before: Stored, resource: Resource): void {
  const { uid, resourceVersion } = draft.metadata
  const { name } = before.metadata
  if (uid !== undefined && uid !== '' && uid !== before.metadata.uid) {
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
    )
  }
  if (resourceVersion === undefined || resourceVersion === '' || resourceVersion === '0') {
    if (!resource.custom) return
    throw invalidObject(resource, name, [
      invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
    ])
  }
  if (resourceVersion !== before.metadata.resourceVersion) {
    throw conflict(
      resource,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    )
  }
}

export function checkPreconditions(old: Stored, resource: Resource, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {}
  const { metadata } = old
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(
      resource,
      metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      resource,
      metadata.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    )
  }
}

/** What a write through a subresource may change: status alone, or everything but status. */
export function withinSubresource(
  draft: Draft,
  before: Stored,
  served: ServedVersion,
  subresource: Subresource | undefined,
): Draft {
  if (subresource === 'status' || subresource === 'finalize') {
    const next = asDraft(clone(before))
    if (draft.metadata.managedFields !== undefined) {
      next.metadata.managedFields = draft.metadata.managedFields
    }
    const field = subresource === 'status' ? 'status' : 'spec'
    if (draft[field] === undefined) Reflect.deleteProperty(next, field)
    else next[field] = draft[field]
    return next
  }
  if (!served.status) return draft
  const status = asDraft(before)['status']
  if (status === undefined) Reflect.deleteProperty(draft, 'status')
  else draft['status'] = status
  return draft
}

export function refuseInvalid(
  draft: Draft,
  old: Stored | undefined,
  resource: Resource,
  served: ServedVersion,
  isMain: boolean,
): void {
  const causes = [
    ...validateMetadata(draft, old, resource),
    ...(isMain ? (resource.strategy.validate?.(draft, old) ?? []) : []),
    ...(served.validate?.(draft, old) ?? []),
  ]
  if (causes.length > 0) throw invalidObject(resource, draft.metadata.name ?? '', causes)
}

export function refuseExcess(
  resource: Resource,
  draft: Draft,
  old: Stored | undefined,
  context: StrategyContext,
): void {
  const refusal = quotaRefusal(resource, draft, old, context)
  if (refusal !== undefined) throw refusal
}
