/** Totals beside what is used of them. */
import { parseQuantity, type Usage, type UsedOfTotals } from '@porpulsion/contract'

export interface TotalUse {
  readonly name: keyof UsedOfTotals['used']
  readonly label: string
  readonly used: string
  /** "" where there is none. */
  readonly limit: string
  readonly share: number | undefined
}

const labels = {
  apps: 'Apps',
  pods: 'Pods',
  cpu: 'CPU',
  memory: 'Memory',
  storage: 'Storage',
} as const
const names = ['apps', 'pods', 'cpu', 'memory', 'storage'] as const

/** `limits` are those in the form: they may not be in force yet. */
export function totalUses(
  used: UsedOfTotals['used'],
  limits: Readonly<Record<string, unknown>>,
): readonly TotalUse[] {
  return names.map((name) => {
    const limit = amount(limits[name])
    return {
      name,
      label: labels[name],
      used: amount(used[name]) === '' ? '0' : String(used[name]),
      limit,
      share: shareOf(String(used[name]), limit),
    }
  })
}

/** What a peer uses that has nothing here is nothing. */
export function usedBy(usage: Usage, peer: string | undefined): UsedOfTotals['used'] {
  if (peer === undefined) return usage.all.used
  return usage.peers.find((one) => one.peer === peer)?.used ?? nothing
}

const nothing = { apps: 0, pods: 0, cpu: '0', memory: '0', storage: '0' }

/** 0 and "" mean no limit. */
function amount(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  return parseQuantity(text) === 0n ? '' : text
}

function shareOf(used: string, limit: string): number | undefined {
  const part = parseQuantity(used)
  const whole = parseQuantity(limit)
  if (part === undefined || whole === undefined || whole === 0n) return undefined
  return Number(part) / Number(whole)
}
