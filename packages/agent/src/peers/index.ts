/**
 * Who we are, and whom we trust: our identity, invites and their redemption, the peers and their confirmation, the
 * revoked ones, the six words operators compare.
 *
 * Must not know: sockets and sessions (links), what peers may do (policy), what runs for them (workloads). Those
 * register what they need to hear: `onRemoval`, `observeLinks`.
 */
export { identityUri, type Identity, type Leaf } from './identity.ts'
export type {
  KnownPeer,
  PeerDirectory,
  RemovalChoices,
  RemovalCounts,
  RemovalHandler,
} from './known-peer.ts'
export type { LinkView, LinkViews } from './link-view.ts'
