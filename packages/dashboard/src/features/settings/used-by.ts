import type { Usage, UsedOfTotals } from '@porpulsion/contract'

/** What a peer uses that has nothing here is nothing. Without a peer: what all use. */
export function usedBy(usage: Usage, peer: string | undefined): UsedOfTotals['used'] {
  if (peer === undefined) return usage.all.used
  return usage.peers.find((one) => one.peer === peer)?.used ?? nothing
}

const nothing = { apps: 0, pods: 0, cpu: '0', memory: '0', storage: '0' }
