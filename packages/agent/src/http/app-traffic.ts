import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Requests on our port that are for apps, not for us. They never come near our routes: their paths, headers and bodies
 * are the app's business.
 */
export interface AppTraffic {
  /** Does this host name (without port) name an app's own origin? */
  claimsHost(hostName: string): boolean
  /** Is this path of our own origin one that leads to an app? */
  claimsPath(url: string): boolean
  handle(request: IncomingMessage, response: ServerResponse): void
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** For an agent without tunnels. */
export const noAppTraffic: AppTraffic = {
  claimsHost: () => false,
  claimsPath: () => false,
  handle: (_request, response) => void response.writeHead(404).end(),
  handleUpgrade: (_request, socket) => void socket.destroy(),
}
