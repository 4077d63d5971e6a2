/** Deployments and ReplicaSets: a selector, a template, a number. */
import type { FieldCause } from '../api-error.ts'
import { ensureObject, numberAt, objectAt, objectsAt, setDefault } from '../fields.ts'
import { forbiddenField, invalid, notSupported, required } from '../field-errors.ts'
import { deepEqual, isObject, type JsonObject } from '../json.ts'
import { validateLabels } from '../metadata.ts'
import type { Stored } from '../registry.ts'
import type { Draft, Strategy } from '../resource.ts'
import { defaultPodSpec } from './pod-defaults.ts'
import { selectorMatches, validatePodSpec } from './pod-validation.ts'

export const replicaSetStrategy: Strategy = {
  applyDefaults(draft) {
    const spec = ensureObject(draft, 'spec')
    setDefault(spec, 'replicas', 1)
    defaultPodSpec(ensureObject(ensureObject(spec, 'template'), 'spec'))
  },
  prepareCreate(draft) {
    draft['status'] = { replicas: 0 }
  },
  validate: validateWorkload,
}

export const deploymentStrategy: Strategy = {
  applyDefaults(draft) {
    const spec = ensureObject(draft, 'spec')
    setDefault(spec, 'replicas', 1)
    setDefault(spec, 'revisionHistoryLimit', 10)
    setDefault(spec, 'progressDeadlineSeconds', 600)
    defaultRollout(ensureObject(spec, 'strategy'))
    defaultPodSpec(ensureObject(ensureObject(spec, 'template'), 'spec'))
  },
  prepareCreate(draft) {
    draft['status'] = {}
  },
  validate(object, old) {
    return [
      ...validateWorkload(object, old),
      ...validateRollout(objectAt(object, 'spec', 'strategy')),
    ]
  },
}

function defaultRollout(strategy: JsonObject): void {
  setDefault(strategy, 'type', 'RollingUpdate')
  if (strategy['type'] !== 'RollingUpdate') return
  const rolling = ensureObject(strategy, 'rollingUpdate')
  setDefault(rolling, 'maxUnavailable', '25%')
  setDefault(rolling, 'maxSurge', '25%')
}

function validateWorkload(object: Draft, old: Stored | undefined): FieldCause[] {
  const spec = objectAt(object, 'spec')
  const replicas = numberAt(spec, 'replicas') ?? 0
  return [
    ...(replicas < 0
      ? [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')]
      : []),
    ...validateSelector(spec),
    ...validateLabels(
      objectAt(spec, 'template', 'metadata')['labels'],
      'spec.template.metadata.labels',
    ),
    ...validatePodSpec(objectAt(spec, 'template', 'spec'), 'spec.template.spec', ['Always']),
    ...(old === undefined ? [] : validateSameSelector(spec, objectAt(old, 'spec'))),
  ]
}

function validateSelector(spec: JsonObject): FieldCause[] {
  const selector = spec['selector']
  if (!isObject(selector)) return [required('spec.selector')]
  const asksNothing =
    Object.keys(objectAt(selector, 'matchLabels')).length === 0 &&
    objectsAt(selector, 'matchExpressions').length === 0
  if (asksNothing) {
    return [invalid('spec.selector', selector, 'empty selector is invalid for deployment')]
  }
  const labels = objectAt(spec, 'template', 'metadata', 'labels')
  if (selectorMatches(selector, labels)) return []
  return [
    invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
  ]
}

function validateSameSelector(spec: JsonObject, old: JsonObject): FieldCause[] {
  if (deepEqual(spec['selector'], old['selector'])) return []
  return [invalid('spec.selector', spec['selector'], 'field is immutable')]
}

function validateRollout(strategy: JsonObject): FieldCause[] {
  const path = 'spec.strategy'
  const { type, rollingUpdate } = strategy
  if (type === 'Recreate') {
    return rollingUpdate === undefined
      ? []
      : [
          forbiddenField(
            `${path}.rollingUpdate`,
            "may not be specified when strategy `type` is 'Recreate'",
          ),
        ]
  }
  if (type !== 'RollingUpdate') {
    return [notSupported(`${path}.type`, type, ['Recreate', 'RollingUpdate'])]
  }
  const { maxUnavailable, maxSurge } = objectAt(strategy, 'rollingUpdate')
  const causes = [
    ...validateShare(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`),
    ...validateShare(maxSurge, `${path}.rollingUpdate.maxSurge`),
  ]
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    const field = `${path}.rollingUpdate.maxUnavailable`
    causes.push(invalid(field, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  return causes
}

function validateShare(value: unknown, field: string): FieldCause[] {
  if (typeof value === 'number') {
    return value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : []
  }
  if (typeof value === 'string' && /^\d+%$/.test(value)) return []
  return [
    invalid(
      field,
      value,
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ),
  ]
}

function isZero(value: unknown): boolean {
  return value === 0 || (typeof value === 'string' && /^0+%$/.test(value))
}
