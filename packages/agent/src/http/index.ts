/**
 * The servers: port 8000 with page, API, event stream and the way in to apps; port 8001 for peers; and the API peers
 * call inside a link. Who may call what is decided here, from the endpoint tables and access.
 *
 * Must not know any feature: handlers come merged from outside, apps through the port `AppTraffic`.
 */
export { noAppTraffic, type AppTraffic } from './app-traffic.ts'
export {
  createDashboardServer,
  type DashboardServer,
  type DashboardServerDeps,
  type DashboardServerOptions,
} from './dashboard-server.ts'
export { createEventFeed, type EventFeed } from './event-feed.ts'
export { createPeerApi, type PeerApi } from './peer-api.ts'
export {
  createPeerServer,
  type PeerServer,
  type PeerServerDeps,
  type PeerServerOptions,
} from './peer-server.ts'
export { STOP_GRACE_MS } from './limits.ts'
export { createSharedServer, type SharedServer } from './shared-server.ts'
export { createClientAddress, type ClientAddress } from './client-address.ts'
