/**
 * The way to the ports of apps. At the submitter: an HTTP proxy, on an origin per app for people and under the API for
 * programs, opened by tickets. At the host: the connections peers ask for, as far as the owner's rules let them.
 *
 * Must not know: how apps are deployed and found (it declares the ports `AppResolver` and `AppTargets`), nor how
 * requests reach it (http hands them over raw).
 */
export type { AppResolver, AppTargets, TunnelApp, TunnelPort } from './app-ports.ts'
export { createTunnels, type Tunnels, type TunnelsDeps, type TunnelsOptions } from './tunnels.ts'
export { tunnelHandlers } from './tunnel-routes.ts'
