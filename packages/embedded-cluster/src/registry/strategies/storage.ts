/** Claims, volumes and storage classes: what may be asked for, and what stays as it was. */
import { limitClaim } from '../admission/limit-range.ts'
import { type FieldCause, forbidden } from '../api-error.ts'
import { ensureObject, listAt, objectAt, setDefault, stringAt } from '../fields.ts'
import { forbiddenField, invalid, notSupported, required } from '../field-errors.ts'
import { deepEqual, type JsonObject } from '../json.ts'
import { claimProtection, defaultClassOf, volumeProtection } from '../persistent-storage.ts'
import { compareQuantities, parseQuantity } from '../quantity.ts'
import type { Stored } from '../registry.ts'
import type { Draft, Strategy, StrategyContext } from '../resource.ts'

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const volumeModes = ['Block', 'Filesystem']
const reclaimPolicies = ['Delete', 'Retain']
const bindingModes = ['Immediate', 'WaitForFirstConsumer']

export const claimStrategy: Strategy = {
  applyDefaults(draft) {
    setDefault(ensureObject(draft, 'spec'), 'volumeMode', 'Filesystem')
  },
  prepareCreate(draft, context) {
    draft['status'] = { phase: 'Pending' }
    protect(draft, claimProtection)
    const fallback = defaultClassOf(context.list('storageclasses.storage.k8s.io'))
    if (fallback !== undefined)
      setDefault(ensureObject(draft, 'spec'), 'storageClassName', fallback)
    limitClaim(draft, context)
  },
  prepareUpdate: refuseGrowthOfWhatCannotGrow,
  validate(claim, old) {
    const spec = objectAt(claim, 'spec')
    return [
      ...validateAccessModes(spec),
      ...oneOf(spec, 'volumeMode', volumeModes),
      ...validateRequest(spec),
      ...(old === undefined ? [] : validateClaimUpdate(spec, old)),
    ]
  },
}

function protect(draft: Draft, finalizer: string): void {
  const finalizers = draft.metadata.finalizers ?? []
  if (!finalizers.includes(finalizer)) draft.metadata.finalizers = [...finalizers, finalizer]
}

function validateAccessModes(spec: JsonObject): FieldCause[] {
  const field = 'spec.accessModes'
  const modes = listAt(spec, 'accessModes')
  if (modes.length === 0) return [required(field, 'at least 1 access mode is required')]
  const unknown = modes.filter((mode) => !accessModes.includes(String(mode)))
  if (unknown.length > 0) return unknown.map((mode) => notSupported(field, mode, accessModes))
  const isShared = modes.includes('ReadWriteOncePod') && modes.length > 1
  return isShared
    ? [forbiddenField(field, 'may not use ReadWriteOncePod with other access modes')]
    : []
}

function oneOf(owner: JsonObject, field: string, supported: readonly string[]): FieldCause[] {
  const value = owner[field]
  if (value === undefined || (typeof value === 'string' && supported.includes(value))) return []
  return [notSupported(`spec.${field}`, value, supported)]
}

function validateRequest(spec: JsonObject): FieldCause[] {
  const request = storageOf(spec)
  if (request === undefined) return [required('spec.resources[storage]')]
  return (parseQuantity(request) ?? 0) > 0
    ? []
    : [invalid('spec.resources[storage]', request, 'must be greater than zero')]
}

function storageOf(spec: JsonObject): unknown {
  return objectAt(spec, 'resources', 'requests')['storage']
}

function validateClaimUpdate(spec: JsonObject, old: Stored): FieldCause[] {
  const before = objectAt(old, 'spec')
  const isBound = stringAt(old, 'status', 'phase') === 'Bound'
  if (!deepEqual(fixedPart(spec, before, isBound), fixedPart(before, before, isBound))) {
    return [
      forbiddenField(
        'spec',
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ),
    ]
  }
  return isBound && compareQuantities(storageOf(spec), storageOf(before)) < 0
    ? [
        forbiddenField(
          'spec.resources.requests.storage',
          'field can not be less than previous value',
        ),
      ]
    : []
}

/** What must stay: the volume and a class of its own are given to a claim once, its size may change when it is bound. */
function fixedPart(spec: JsonObject, before: JsonObject, isBound: boolean): JsonObject {
  const fixed: JsonObject = { ...spec }
  const givenOnce = before['volumeName'] === undefined ? ['volumeName', 'storageClassName'] : []
  for (const field of givenOnce)
    if (before[field] === undefined) Reflect.deleteProperty(fixed, field)
  if (isBound) Reflect.deleteProperty(fixed, 'resources')
  return fixed
}

function refuseGrowthOfWhatCannotGrow(draft: Draft, old: Stored, context: StrategyContext): void {
  const isBound = stringAt(old, 'status', 'phase') === 'Bound'
  const before = storageOf(objectAt(old, 'spec'))
  if (!isBound || compareQuantities(storageOf(objectAt(draft, 'spec')), before) <= 0) return
  const className = stringAt(old, 'spec', 'storageClassName') ?? ''
  const found = context.find('storageclasses.storage.k8s.io', undefined, className)
  if (objectAt({ found }, 'found')['allowVolumeExpansion'] === true) return
  throw forbidden(
    { group: '', plural: 'persistentvolumeclaims' },
    old.metadata.name,
    'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  )
}

export const volumeStrategy: Strategy = {
  applyDefaults(draft) {
    const spec = ensureObject(draft, 'spec')
    setDefault(spec, 'persistentVolumeReclaimPolicy', 'Retain')
    setDefault(spec, 'volumeMode', 'Filesystem')
  },
  prepareCreate(draft) {
    draft['status'] = { phase: 'Pending' }
    protect(draft, volumeProtection)
  },
  validate(volume, old) {
    const spec = objectAt(volume, 'spec')
    return [
      ...validateAccessModes(spec),
      ...(objectAt(spec, 'capacity')['storage'] === undefined ? [required('spec.capacity')] : []),
      ...oneOf(spec, 'persistentVolumeReclaimPolicy', reclaimPolicies),
      ...oneOf(spec, 'volumeMode', volumeModes),
      ...validateSource(spec),
      ...(old === undefined || deepEqual(sourceOf(spec), sourceOf(objectAt(old, 'spec')))
        ? []
        : [
            forbiddenField(
              'spec.persistentvolumesource',
              'spec.persistentvolumesource is immutable after creation',
            ),
          ]),
    ]
  },
}

function validateSource(spec: JsonObject): FieldCause[] {
  const [first, ...others] = Object.keys(sourceOf(spec))
  if (first === undefined) return [required('spec', 'must specify a volume type')]
  return others.map((source) =>
    forbiddenField(`spec.${source}`, 'may not specify more than 1 volume type'),
  )
}

/** Of a volume's fields these say what it is like; the one that is left says where it is. */
const describing = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
])

function sourceOf(spec: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !describing.has(field)))
}

export const storageClassStrategy: Strategy = {
  applyDefaults(draft) {
    setDefault(draft, 'reclaimPolicy', 'Delete')
    setDefault(draft, 'volumeBindingMode', 'Immediate')
  },
  validate(storageClass, old) {
    const causes = stringAt(storageClass, 'provisioner') ? [] : [required('provisioner')]
    const choices = { reclaimPolicy: reclaimPolicies, volumeBindingMode: bindingModes }
    for (const [field, supported] of Object.entries(choices)) {
      const value = storageClass[field]
      if (!supported.includes(String(value))) causes.push(notSupported(field, value, supported))
    }
    if (old === undefined) return causes
    const before: JsonObject = { ...old }
    const fixed = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']
    const changed = fixed.filter((field) => !deepEqual(before[field], storageClass[field]))
    return [
      ...causes,
      ...changed.map((field) => forbiddenField(field, `updates to ${field} are forbidden.`)),
    ]
  },
}
