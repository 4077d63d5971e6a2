/** How close apps are to a total of the rules: an owner wants to hear of it before the next app is refused. */
import { formatQuantity, parseQuantity, type Settings } from '@porpulsion/contract'
import type { Usage } from './usage.ts'

export type TotalLevel =
  | { readonly kind: 'near'; readonly parts: readonly string[] }
  /** Neither near enough to tell nor far enough to take it back: at the edge nothing shall flicker. */
  | { readonly kind: 'between' }
  | { readonly kind: 'below' }

const NEAR_PERCENT = 90n
const BELOW_PERCENT = 80n

/** What has no limit is never near it. */
export function totalLevel(used: Usage, limits: Settings['totals']): TotalLevel {
  const shares = sharesOf(used, limits)
  const near = shares.filter(({ percent }) => percent >= NEAR_PERCENT)
  if (near.length > 0) return { kind: 'near', parts: near.map(({ text }) => text) }
  return { kind: shares.some(({ percent }) => percent >= BELOW_PERCENT) ? 'between' : 'below' }
}

interface Share {
  readonly percent: bigint
  readonly text: string
}

function sharesOf(used: Usage, limits: Settings['totals']): Share[] {
  const counts = (['apps', 'pods'] as const)
    .filter((what) => limits[what] > 0)
    .map((what) => share(BigInt(used[what]), BigInt(limits[what]), String, what))
  const amounts = (['cpu', 'memory', 'storage'] as const).flatMap((what) => {
    const limit = limits[what] === '' ? undefined : parseQuantity(limits[what])
    return limit === undefined ? [] : [share(used[what], limit, formatQuantity, what)]
  })
  return [...counts, ...amounts]
}

function share(
  used: bigint,
  limit: bigint,
  format: (amount: bigint) => string,
  what: string,
): Share {
  // Nothing allowed: nothing left as soon as anything is used.
  const percent = limit > 0n ? (used * 100n) / limit : used > 0n ? 100n : 0n
  return { percent, text: `${format(used)} of ${format(limit)} ${what} (${percent} %)` }
}
