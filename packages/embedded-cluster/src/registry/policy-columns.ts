/** What `kubectl get` shows of quotas, ranges and policies. */
import { objectAt, scalarText } from './fields.ts'
import type { Stored } from './registry.ts'
import { age, type Cell, count, tableOf, text, integer } from './table-columns.ts'

export const quotaColumns = tableOf(age, text('Request', usage(false)), text('Limit', usage(true)))

/** `cpu: 1/2, memory: 1Gi/4Gi`: what is used of what there is. */
function usage(ofLimits: boolean): Cell {
  return (quota: Stored) => {
    const used = objectAt(quota, 'status', 'used')
    return Object.entries(objectAt(quota, 'status', 'hard'))
      .filter(([name]) => name.startsWith('limits.') === ofLimits)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, hard]) => `${name}: ${scalarText(used[name] ?? '0')}/${scalarText(hard)}`)
      .join(', ')
  }
}

export const limitRangeColumns = tableOf(
  text('Created At', (object) => object.metadata.creationTimestamp),
)

const orNotAvailable =
  (name: string): Cell =>
  (object) => {
    const value = scalarText(objectAt(object, 'spec')[name])
    return value === '' ? 'N/A' : value
  }

export const disruptionBudgetColumns = tableOf(
  text('Min Available', orNotAvailable('minAvailable')),
  text('Max Unavailable', orNotAvailable('maxUnavailable')),
  integer('Allowed Disruptions', count('status', 'disruptionsAllowed')),
  age,
)
