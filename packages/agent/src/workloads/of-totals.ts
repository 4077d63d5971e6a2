import { formatQuantity, type Settings, type UsedOfTotals } from '@porpulsion/contract'
import type { Usage } from '../policy/index.ts'

/** As it is told to owners and, of their own, to peers. */
export function ofTotals(used: Usage, limits: Settings['totals']): UsedOfTotals {
  const { apps, pods, cpu, memory, storage } = used
  return {
    used: {
      apps,
      pods,
      cpu: formatQuantity(cpu),
      memory: formatQuantity(memory),
      storage: formatQuantity(storage),
    },
    limits,
  }
}

/** Is there anything to be told of? */
export const hasLimit = (limits: Settings['totals']): boolean =>
  Object.values(limits).some((limit) => limit !== 0 && limit !== '')
