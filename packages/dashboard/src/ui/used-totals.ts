/** What of the totals is used, as meters show it. */
import { parseQuantity, type UsedOfTotals } from '@porpulsion/contract'

export interface UsedTotal {
  readonly label: string
  /** Left out without a limit. */
  readonly share?: number
  readonly text: string
}

/** Limits may be those of a form that is not saved yet: what it leaves out is no limit. */
export function usedTotals({
  used,
  limits,
}: {
  readonly used: UsedOfTotals['used']
  readonly limits: Partial<UsedOfTotals['limits']>
}): readonly UsedTotal[] {
  return [
    counted('Apps', used.apps, limits.apps),
    counted('Pods', used.pods, limits.pods),
    measured('CPU', used.cpu, limits.cpu),
    measured('Memory', used.memory, limits.memory),
    measured('Storage', used.storage, limits.storage),
  ]
}

/** 0 means no limit. */
function counted(label: string, used: number, limit = 0): UsedTotal {
  if (limit === 0) return { label, text: `${used}, no limit` }
  return { label, share: used / limit, text: `${used} of ${limit}` }
}

function measured(label: string, used: string, limit = ''): UsedTotal {
  const most = parseQuantity(limit)
  if (limit === '' || most === undefined || most === 0n)
    return { label, text: `${used === '' ? '0' : used}, no limit` }
  const share = Number(parseQuantity(used) ?? 0n) / Number(most)
  return { label, share, text: `${used} of ${limit}` }
}
