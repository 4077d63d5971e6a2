/** Whether an app still fits beside the others: the totals of all peers together, and those of its own peer. */
import { formatQuantity, parseQuantity, type Settings } from '@porpulsion/contract'
import { countedResources } from './container-resources.ts'
import { add, type Usage } from './usage.ts'
import type { OtherUsage } from './usage-ledger.ts'

interface Total {
  readonly limits: Settings['totals']
  readonly others: Usage
  /** `totals`, `peers.b.totals`. */
  readonly path: string
  /** The peer whose total it is; undefined where others share it, and what they take is not this peer's to know. */
  readonly peer: string | undefined
}

/** Why it does not fit; undefined when it does. */
export function overTotal(
  own: Usage,
  others: OtherUsage,
  limits: { readonly all: Settings['totals']; readonly peer: Settings['totals'] },
  peerName: string,
): string | undefined {
  return (
    overOne(own, {
      limits: limits.all,
      others: others.all,
      path: 'totals',
      peer: undefined,
    }) ??
    overOne(own, {
      limits: limits.peer,
      others: others.peer,
      path: `peers.${peerName}.totals`,
      peer: peerName,
    })
  )
}

function overOne(own: Usage, total: Total): string | undefined {
  return overCount(own, total) ?? unbounded(own, total) ?? overAmount(own, total)
}

function overCount(own: Usage, { limits, others, path, peer }: Total): string | undefined {
  for (const what of ['apps', 'pods'] as const) {
    const most = limits[what]
    const sum = others[what] + own[what]
    // What takes nothing more never breaks a total: an app can be scaled to 0 while it is exceeded.
    if (most === 0 || own[what] === 0 || sum <= most) continue
    if (peer === undefined)
      return noRoom({ most: `${most} ${what}`, asked: `${own[what]}`, path: `${path}.${what}` })
    return `With it there would be ${sum} ${what} of peer "${peer}", more than the ${most} allowed (${path}.${what})`
  }
  return undefined
}

function unbounded(own: Usage, { limits, others, path, peer }: Total): string | undefined {
  const whose = peer === undefined ? 'all peers together' : `peer "${peer}"`
  for (const resource of countedResources) {
    if (limits[resource] === '') continue
    if (own.unbounded[resource] > 0)
      return `It has a container without ${resource} limit, which counts as unlimited, and ${whose} may use ${limits[resource]} (${path}.${resource}); set resources.limits.${resource}`
    const loose = others.unbounded[resource]
    if (own.pods === 0 || loose === 0) continue
    if (peer === undefined) return noRoom(amounts(own, resource, limits, path))
    return `${loose} ${loose === 1 ? 'app' : 'apps'} of ${whose} without ${resource} limit already may use all of the ${limits[resource]} allowed (${path}.${resource})`
  }
  return undefined
}

function overAmount(own: Usage, { limits, others, path, peer }: Total): string | undefined {
  const sum = add(own, others)
  for (const what of ['cpu', 'memory', 'storage'] as const) {
    const most = limits[what] === '' ? undefined : parseQuantity(limits[what])
    if (most === undefined || own[what] === 0n || sum[what] <= most) continue
    if (peer === undefined) return noRoom(amounts(own, what, limits, path))
    return `With it peer "${peer}" could use ${formatQuantity(sum[what])} of ${what}, more than the ${limits[what]} allowed (${path}.${what}); it asks for ${formatQuantity(own[what])}`
  }
  return undefined
}

interface Room {
  readonly most: string
  readonly asked: string
  readonly path: string
}

const amounts = (
  own: Usage,
  what: 'cpu' | 'memory' | 'storage',
  limits: Settings['totals'],
  path: string,
): Room => ({
  most: `${limits[what]} of ${what}`,
  asked: formatQuantity(own[what]),
  path: `${path}.${what}`,
})

const noRoom = ({ most, asked, path }: Room): string =>
  `There is no room left for it in the ${most} that all peers share (${path}); it asks for ${asked}`
