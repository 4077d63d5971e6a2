/** What a new user does first, and how far they are. */
import type { Peer } from '@porpulsion/contract'
import { isUp, trustOf } from '../peers/link-words.ts'

export type Step = 'peer' | 'confirm' | 'deploy'

/** The step to take now; nothing once an app was ever deployed, or a peer has one here. */
export function nextStep(
  peers: readonly Peer[],
  apps: { readonly there: number; readonly here: number },
): Step | undefined {
  if (apps.there > 0 || apps.here > 0) return undefined
  if (peers.length === 0) return 'peer'
  const trusted = peers.filter((peer) => trustOf(peer) === 'both')
  if (trusted.length === 0) return 'confirm'
  return trusted.some(({ status }) => isUp(status?.link)) ? 'deploy' : undefined
}
