import { createHash } from 'node:crypto'
import type { Settings } from '@porpulsion/contract'

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
  readonly resources: Settings['resources']
  readonly storage: Settings['storage']
  readonly tunnels: Pick<Settings['tunnels'], 'mode'>
}

/** For one peer scalars replace, `images.block` adds, `images.allow` replaces. */
export function rulesFor(settings: Settings, peerName: string): PeerRules {
  const { inbound, images, resources, storage, tunnels } = settings
  // Own properties only: a peer may be called "constructor".
  const own = Object.hasOwn(settings.peers, peerName) ? settings.peers[peerName] : undefined
  return {
    inbound: {
      enabled: own?.inbound?.enabled ?? inbound.enabled,
      denied: inbound.denyPeers.includes(peerName),
      notListed: inbound.allowPeers.length > 0 && !inbound.allowPeers.includes(peerName),
    },
    images: {
      allow: own?.images?.allow ?? images.allow,
      block: [...images.block, ...(own?.images?.block ?? [])],
    },
    resources: {
      maxPerPod: {
        cpu: own?.resources?.maxPerPod?.cpu ?? resources.maxPerPod.cpu,
        memory: own?.resources?.maxPerPod?.memory ?? resources.maxPerPod.memory,
      },
      maxReplicasPerApp: own?.resources?.maxReplicasPerApp ?? resources.maxReplicasPerApp,
    },
    storage: {
      enabled: own?.storage?.enabled ?? storage.enabled,
      maxPerClaim: own?.storage?.maxPerClaim ?? storage.maxPerClaim,
    },
    tunnels: { mode: own?.tunnels?.mode ?? tunnels.mode },
  }
}

/**
 * Names what decides over submissions of this peer. A refusal holds until it changes, so what has no part in admission
 * has none in it: switching tunnels off must not make every peer offer its refused apps again.
 */
export function policyRevision(rules: PeerRules): string {
  const { inbound, images, resources, storage } = rules
  const decisive = [
    inbound.enabled,
    inbound.denied,
    inbound.notListed,
    images.allow,
    images.block,
    resources.maxPerPod.cpu,
    resources.maxPerPod.memory,
    resources.maxReplicasPerApp,
    storage.enabled,
    storage.maxPerClaim,
  ]
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex').slice(0, 16)
}
