/** Quotas, ranges and policies: what they say has to make sense, whether or not anything here enforces it. */
import type { FieldCause } from '../api-error.ts'
import { isQuotaName } from '../admission/quota-measures.ts'
import {
  ensureObject,
  listAt,
  objectAt,
  objectsAt,
  scalarText,
  setDefault,
  stringAt,
} from '../fields.ts'
import { invalid, notSupported, required } from '../field-errors.ts'
import type { JsonObject } from '../json.ts'
import { compareQuantities, isNegativeQuantity } from '../quantity.ts'
import type { Strategy } from '../resource.ts'

export const quotaStrategy: Strategy = {
  prepareCreate(draft) {
    draft['status'] = {}
  },
  validate(quota) {
    return Object.entries(objectAt(quota, 'spec', 'hard')).flatMap(([name, value]) => {
      const field = `spec.hard[${name}]`
      if (!isQuotaName(name)) return [invalid(field, name, 'must be a standard resource for quota')]
      return isNegativeQuantity(value)
        ? [invalid(field, value, 'must be greater than or equal to 0')]
        : []
    })
  },
}

const limitTypes = ['Container', 'PersistentVolumeClaim', 'Pod']

export const limitRangeStrategy: Strategy = {
  applyDefaults(draft) {
    for (const item of objectsAt(draft, 'spec', 'limits')) {
      if (item['type'] !== 'Container') continue
      copyMissing(item, 'max', 'default')
      copyMissing(item, 'default', 'defaultRequest')
      copyMissing(item, 'min', 'defaultRequest')
    }
  },
  validate(range) {
    const items = objectsAt(range, 'spec', 'limits')
    return items.flatMap((item, index) => validateLimit(item, `spec.limits[${index}]`))
  },
}

function copyMissing(item: JsonObject, from: string, to: string): void {
  for (const [name, value] of Object.entries(objectAt(item, from)))
    setDefault(ensureObject(item, to), name, value)
}

function validateLimit(item: JsonObject, path: string): FieldCause[] {
  const type = stringAt(item, 'type') ?? ''
  if (type === '') return [required(`${path}.type`)]
  // Kinds of other makers have a slash in their names.
  if (!limitTypes.includes(type) && !type.includes('/'))
    return [notSupported(`${path}.type`, type, limitTypes)]
  const ordered = ['min', 'defaultRequest', 'default', 'max']
  return ordered.flatMap((low, index) =>
    ordered.slice(index + 1).flatMap((high) => inOrder(item, low, high, path)),
  )
}

function inOrder(item: JsonObject, low: string, high: string, path: string): FieldCause[] {
  const upper = objectAt(item, high)
  return Object.entries(objectAt(item, low)).flatMap(([name, value]) => {
    const bound = upper[name]
    if (bound === undefined || compareQuantities(value, bound) <= 0) return []
    const why = `${low} value ${scalarText(value)} is greater than ${high} value ${scalarText(bound)}`
    return [invalid(`${path}.${low}[${name}]`, value, why)]
  })
}

export const networkPolicyStrategy: Strategy = {
  applyDefaults(draft) {
    const spec = ensureObject(draft, 'spec')
    const hasEgress = spec['egress'] !== undefined
    setDefault(spec, 'policyTypes', hasEgress ? ['Ingress', 'Egress'] : ['Ingress'])
    for (const rule of [...objectsAt(spec, 'ingress'), ...objectsAt(spec, 'egress')]) {
      for (const port of objectsAt(rule, 'ports')) setDefault(port, 'protocol', 'TCP')
    }
  },
  validate(policy) {
    const types = ['Egress', 'Ingress']
    return listAt(policy, 'spec', 'policyTypes').flatMap((type, index) =>
      types.includes(String(type)) ? [] : [notSupported(`spec.policyTypes[${index}]`, type, types)],
    )
  },
}

export const disruptionBudgetStrategy: Strategy = {
  validate(budget) {
    const { minAvailable, maxUnavailable } = objectAt(budget, 'spec')
    if (minAvailable === undefined || maxUnavailable === undefined) return []
    return [
      invalid(
        'spec',
        { minAvailable, maxUnavailable },
        'minAvailable and maxUnavailable cannot be both set',
      ),
    ]
  },
}
