/** Which pods a quota is about; pure. */
import { listAt, objectAt, objectsAt, stringAt } from '../fields.ts'
import type { JsonObject } from '../json.ts'

export function isInScope(quota: unknown, resourceId: string, object: unknown): boolean {
  const scopes = listAt(quota, 'spec', 'scopes').map(String)
  const expressions = objectsAt(quota, 'spec', 'scopeSelector', 'matchExpressions')
  if (scopes.length + expressions.length === 0) return true
  // Scopes are about pods; a quota that has some counts nothing else.
  if (resourceId !== 'pods') return false
  return (
    scopes.every((scope) => hasScope(scope, object)) &&
    expressions.every((expression) => matches(expression, object))
  )
}

function matches(expression: JsonObject, pod: unknown): boolean {
  const scope = stringAt(expression, 'scopeName') ?? ''
  const isSo = hasScope(scope, pod)
  switch (expression['operator']) {
    case 'Exists':
      return isSo
    case 'DoesNotExist':
      return !isSo
    case 'In':
      return isSo && listAt(expression, 'values').includes(priorityClass(pod))
    case 'NotIn':
      return !listAt(expression, 'values').includes(priorityClass(pod))
    default:
      return false
  }
}

function hasScope(scope: string, pod: unknown): boolean {
  const isTerminating = objectAt(pod, 'spec')['activeDeadlineSeconds'] !== undefined
  const isBestEffort = stringAt(pod, 'status', 'qosClass') === 'BestEffort'
  switch (scope) {
    case 'Terminating':
      return isTerminating
    case 'NotTerminating':
      return !isTerminating
    case 'BestEffort':
      return isBestEffort
    case 'NotBestEffort':
      return !isBestEffort
    case 'PriorityClass':
      return priorityClass(pod) !== undefined
    default:
      return false
  }
}

function priorityClass(pod: unknown): string | undefined {
  return stringAt(pod, 'spec', 'priorityClassName')
}
