import { createHash } from 'node:crypto'
import { parseQuantity, type PeerSettings, type Settings } from '@porpulsion/contract'

/** The owner's rules as they hold for one peer: the document with that peer's overrides worked in. */
export interface PeerRules {
  readonly inbound: {
    readonly enabled: boolean
    /** The peer is on `inbound.denyPeers`. */
    readonly denied: boolean
    /** `inbound.allowPeers` names peers, and not this one. */
    readonly notListed: boolean
  }
  readonly images: Settings['images']
  readonly approval: Settings['approval']
  readonly resources: Settings['resources']
  /** Of all peers together. */
  readonly totals: Settings['totals']
  /** Of this peer alone. */
  readonly peerTotals: Settings['totals']
  readonly storage: Settings['storage']
  readonly pods: Settings['pods']
  readonly tunnels: Pick<Settings['tunnels'], 'mode' | 'approvalTtlSeconds'> & {
    /** `tunnels.allowPeers` names peers, and not this one. */
    readonly notListed: boolean
  }
  readonly exec: Settings['exec']
}

const noTotals: Settings['totals'] = { apps: 0, pods: 0, cpu: '', memory: '', storage: '' }

/** For one peer scalars replace, `images.block` adds, `images.allow` replaces, `totals` are a second set. */
export function rulesFor(settings: Settings, peerName: string): PeerRules {
  const { inbound, images, approval, resources, totals, storage, pods, tunnels, exec } = settings
  // Own properties only: a peer may be called "constructor".
  const own: PeerSettings =
    (Object.hasOwn(settings.peers, peerName) ? settings.peers[peerName] : undefined) ?? {}
  const { maxPerPod, defaults } = resources
  const notListedIn = (names: readonly string[]): boolean =>
    names.length > 0 && !names.includes(peerName)
  return {
    inbound: {
      enabled: own.inbound?.enabled ?? inbound.enabled,
      denied: inbound.denyPeers.includes(peerName),
      notListed: notListedIn(inbound.allowPeers),
    },
    images: {
      ...images,
      ...own.images,
      block: [...images.block, ...(own.images?.block ?? [])],
    },
    approval: { ...approval, ...own.approval },
    resources: {
      ...resources,
      ...own.resources,
      maxPerPod: meant({ ...maxPerPod, ...own.resources?.maxPerPod }),
      defaults: {
        requests: { ...defaults.requests, ...own.resources?.defaults?.requests },
        limits: { ...defaults.limits, ...own.resources?.defaults?.limits },
      },
    },
    totals: meant(totals),
    peerTotals: meant({ ...noTotals, ...own.totals }),
    storage: meant({ ...storage, ...own.storage }),
    pods: { ...pods, ...own.pods },
    tunnels: {
      mode: own.tunnels?.mode ?? tunnels.mode,
      approvalTtlSeconds: own.tunnels?.approvalTtlSeconds ?? tunnels.approvalTtlSeconds,
      notListed: notListedIn(tunnels.allowPeers),
    },
    exec: { ...exec, ...own.exec },
  }
}

/** An amount of 0 is written as "no limit" as often as "" is, and means the same. */
function meant<T extends object>(limits: T): T {
  const isZero = (limit: unknown): boolean =>
    typeof limit === 'string' && parseQuantity(limit) === 0n
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [name, isZero(limit) ? '' : limit]),
  ) as T // the same members, each of the same type
}

/**
 * Names what decides over submissions of this peer. A refusal holds until it changes, so what has no part in admission
 * has none in it: switching tunnels or commands off must not make every peer offer its refused apps again.
 */
export function policyRevision({
  tunnels: _tunnels,
  exec: _exec,
  pods,
  ...decisive
}: PeerRules): string {
  const { securityLevel } = pods
  const text = JSON.stringify(sorted({ ...decisive, securityLevel }))
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]))
}
