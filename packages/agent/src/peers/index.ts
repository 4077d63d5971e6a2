/**
 * Who we are, and whom we trust: our identity, invites and their redemption, the peers and their confirmation, the
 * revoked ones, the six words operators compare.
 *
 * Must not know: sockets and sessions (links), what peers may do (policy), what runs for them (workloads). Those
 * register what they need to hear: `onRemoval`, `observeLinks`.
 */
export { createHttpRedeemClient, type HttpRedeemClientDeps } from './http-redeem-client.ts'
export { readCaCertificate, type CaCertificate, type CaReading } from './ca-certificate.ts'
export { identityUri, type Identity, type Leaf, type OwnCa } from './identity.ts'
export type { IdentityStore } from './identity-store.ts'
export { inviteHandlers } from './invite-routes.ts'
export {
  casOf,
  type KnownPeer,
  type PeerDirectory,
  type PinnedCa,
  type PinnedIdentity,
  type RemovalChoices,
  type RemovalCounts,
  type RemovalHandler,
} from './known-peer.ts'
export { lengthPrefixed } from './length-prefixed.ts'
export { createKubeIdentityStore } from './kube-identity-store.ts'
export { createKubePeerStore } from './kube-peer-store.ts'
export type { LinkTrouble, LinkView, LinkViews, SeenOutside } from './link-view.ts'
export { loadIdentity, type LoadIdentityDeps } from './load-identity.ts'
export { announceCa } from './announce-ca.ts'
export { announced, forgotten, met, retired, switched, told, withdrawn } from './identity-record.ts'
export type { OwnIdentity } from './own-identity.ts'
export { nextStep } from './renewal-steps.ts'
export { identityMessages } from './renewal-messages.ts'
export { readOuterTrust, type OuterTrust, type OuterTrustSettings } from './outer-trust.ts'
export { peerHandlers } from './peer-routes.ts'
export type { PeerStore, StoredPeer } from './peer-store.ts'
export { createPeers, type Peers, type PeersDeps, type PeersOptions } from './peers.ts'
export type { RedeemClient } from './redeem-client.ts'
