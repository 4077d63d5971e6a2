/** What an app takes at its host: per pod times pods, as the host counts it against its totals. */
import {
  defaultReplicas,
  formatQuantity,
  parseQuantity,
  type AppCheckReply,
} from '@porpulsion/contract'
import { isRecord, valueAt } from './field-path.ts'

export interface AppCost {
  readonly pods: number
  /** Quantities of all pods together; left out what has no limit. */
  readonly cpu?: string
  readonly memory?: string
  readonly storage?: string
}

/** With what the host fills in where nothing is set. */
export function costOf(spec: unknown, filledIn: AppCheckReply['filledIn'] = []): AppCost {
  const replicas = valueAt(spec, ['replicas'])
  const pods = typeof replicas === 'number' ? replicas : defaultReplicas
  const limit = (name: string): unknown =>
    valueAt(spec, ['resources', 'limits', name]) ??
    filledIn.find(({ path }) => path === `resources.limits.${name}`)?.value
  const claims = valueAt(spec, ['pvcs'])
  const cpu = times(limit('cpu'), pods)
  const memory = times(limit('memory'), pods)
  // Replicas share a claim.
  const storage = sum(Array.isArray(claims) ? claims.map((one) => valueAt(one, ['storage'])) : [])
  return {
    pods,
    ...(cpu !== undefined && { cpu }),
    ...(memory !== undefined && { memory }),
    ...(storage !== undefined && { storage }),
  }
}

function times(amount: unknown, count: number): string | undefined {
  const parsed = isAmount(amount) ? parseQuantity(String(amount)) : undefined
  return parsed === undefined
    ? undefined
    : formatQuantity(parsed * BigInt(Math.max(0, Math.trunc(count))))
}

function sum(amounts: readonly unknown[]): string | undefined {
  const parsed = amounts.flatMap((amount) => {
    const one = isAmount(amount) ? parseQuantity(String(amount)) : undefined
    return one === undefined ? [] : [one]
  })
  return parsed.length === 0 ? undefined : formatQuantity(parsed.reduce((a, b) => a + b, 0n))
}

const isAmount = (value: unknown): value is string | number =>
  !isRecord(value) && (typeof value === 'string' || typeof value === 'number')
