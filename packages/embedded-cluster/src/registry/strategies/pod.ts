import { limitPod } from '../admission/limit-range.ts'
import type { FieldCause } from '../api-error.ts'
import { ensureObject, numberAt, objectAt, objectsAt, setDefault, stringAt } from '../fields.ts'
import { forbiddenField } from '../field-errors.ts'
import { clone, deepEqual, isObject, type JsonObject } from '../json.ts'
import type { Stored } from '../registry.ts'
import type { Draft, Strategy } from '../resource.ts'
import { defaultPodSpec } from './pod-defaults.ts'
import { validatePodSpec } from './pod-validation.ts'

const defaultGraceSeconds = 30

export const podStrategy: Strategy = {
  applyDefaults(draft) {
    const spec = ensureObject(draft, 'spec')
    defaultPodSpec(spec)
    setDefault(spec, 'enableServiceLinks', true)
    setDefault(spec, 'serviceAccountName', 'default')
    setDefault(spec, 'serviceAccount', spec['serviceAccountName'])
    const containers = [...objectsAt(spec, 'initContainers'), ...objectsAt(spec, 'containers')]
    containers.forEach(defaultRequests)
  },

  prepareCreate(draft, context) {
    limitPod(draft, context)
    draft['status'] = { phase: 'Pending', qosClass: qosClass(objectAt(draft, 'spec')) }
  },

  validate(pod, old) {
    const causes = validatePodSpec(objectAt(pod, 'spec'), 'spec', ['Always', 'OnFailure', 'Never'])
    return old === undefined ? causes : [...causes, ...validateUpdate(pod, old)]
  },

  graceSeconds(pod, asked) {
    // Nothing runs yet, or any more: there is nobody to give time to.
    const phase = stringAt(pod, 'status', 'phase')
    const isOver = phase === 'Succeeded' || phase === 'Failed'
    if (stringAt(pod, 'spec', 'nodeName') === undefined || isOver) return 0
    const seconds = asked ?? numberAt(pod, 'spec', 'terminationGracePeriodSeconds')
    return Math.max(0, seconds ?? defaultGraceSeconds)
  },
}

/** What is limited but not requested is requested at its limit. */
function defaultRequests(container: JsonObject): void {
  const resources = container['resources']
  if (!isObject(resources) || !isObject(resources['limits'])) return
  const requests = ensureObject(resources, 'requests')
  for (const [name, value] of Object.entries(resources['limits'])) setDefault(requests, name, value)
}

function qosClass(spec: JsonObject): string {
  const resources = objectsAt(spec, 'containers').map((container) =>
    objectAt(container, 'resources'),
  )
  const isEmpty = (section: JsonObject): boolean => Object.keys(section).length === 0
  if (
    resources.every((one) => isEmpty(objectAt(one, 'limits')) && isEmpty(objectAt(one, 'requests')))
  ) {
    return 'BestEffort'
  }
  const isGuaranteed = resources.every((one) => {
    const limits = objectAt(one, 'limits')
    const hasBoth = limits['cpu'] !== undefined && limits['memory'] !== undefined
    return hasBoth && deepEqual(limits, objectAt(one, 'requests'))
  })
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

/** A pod is what it was made as; only these fields may change. */
function validateUpdate(pod: Draft, old: Stored): FieldCause[] {
  const before = fixedPart(objectAt(old, 'spec'))
  const after = fixedPart(objectAt(pod, 'spec'))
  // The scheduler's decision, once.
  if (before['nodeName'] === undefined) delete after['nodeName']
  if (deepEqual(before, after)) return []
  return [
    forbiddenField(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ),
  ]
}

function fixedPart(spec: JsonObject): JsonObject {
  const fixed = clone(spec)
  for (const field of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates']) {
    Reflect.deleteProperty(fixed, field)
  }
  const containers = [...objectsAt(fixed, 'containers'), ...objectsAt(fixed, 'initContainers')]
  for (const container of containers) Reflect.deleteProperty(container, 'image')
  return fixed
}
