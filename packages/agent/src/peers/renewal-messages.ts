import { createRateLimit, type PeerHandlers } from '../api/index.ts'
import type { Clock } from '../observability/index.ts'
import type { Peers } from './peers.ts'

/** A renewal is a few requests in years; each costs two signatures and a write. */
const renewalLimit = { perSecond: 0.1, burst: 6, maxKeys: 5_000 } as const

/** What peers say of their own CAs. It concerns the caller's own Peer alone: nothing in a request names another. */
export function identityMessages(deps: {
  readonly renewals: Peers['renewals']
  readonly clock: Clock
}): PeerHandlers {
  const { renewals, clock } = deps
  const limit = createRateLimit(clock, renewalLimit)
  return {
    getPinnedIdentity: ({ peer }) => Promise.resolve(renewals.pinned(peer)),
    putIdentityRenewal: async ({ peer, body }) => {
      limit.take(peer.fingerprint)
      return await renewals.pin(peer, body)
    },
    withdrawIdentityRenewal: async ({ peer, params }) => {
      limit.take(peer.fingerprint)
      return await renewals.withdraw(peer, params['fingerprint'] ?? '')
    },
  }
}
