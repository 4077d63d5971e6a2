import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import type { AppTraffic } from './app-traffic.ts'
import { hostName, isAllowedHost } from './host-rules.ts'
import * as limits from './limits.ts'
import { refuseUpgrade } from './raw-reply.ts'

/** Port 8000 as a socket: one server that our own routes and the apps share. */
export interface SharedServer {
  readonly server: Server
  /** What is open now ends now. */
  closeAll(): void
}

export function createSharedServer(
  deps: {
    readonly appTraffic: AppTraffic
    readonly handleOwn: (request: IncomingMessage, response: ServerResponse) => void
  },
  options: { readonly allowedHosts: readonly string[] },
): SharedServer {
  const { appTraffic, handleOwn } = deps
  const upgraded = new Set<Duplex>()
  let isClosed = false

  function isForApp({ headers, url = '' }: IncomingMessage): boolean {
    const name = hostName(headers.host)
    if (name === undefined) return false
    if (appTraffic.claimsHost(name)) return true
    return appTraffic.claimsPath(url) && isAllowedHost(name, options.allowedHosts)
  }

  const server = createServer({
    maxHeaderSize: limits.MAX_HEADER_BYTES,
    headersTimeout: limits.HEADERS_TIMEOUT_MS,
    keepAliveTimeout: limits.KEEP_ALIVE_MS,
    // Bodies to and from apps may take for ever.
    requestTimeout: 0,
    noDelay: true,
  })
  server.maxConnections = limits.MAX_CONNECTIONS

  server.on('request', (request, response) => {
    if (isForApp(request)) appTraffic.handle(request, response)
    else handleOwn(request, response)
  })

  server.on('checkContinue', (request, response) => {
    // An app answers the question itself.
    if (isForApp(request)) appTraffic.handle(request, response)
    else {
      response.writeContinue()
      handleOwn(request, response)
    }
  })

  // The one place upgrades go through: what nobody claims is ended, or it would hang for ever.
  server.on('upgrade', (request, socket, head) => {
    // An error of a socket nobody listens to ends the process.
    socket.on('error', () => socket.destroy())
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
    if (isClosed) socket.destroy()
    else if (isForApp(request)) appTraffic.handleUpgrade(request, socket, head)
    else refuseUpgrade(socket, noSuchUpgrade(request))
  })

  return {
    server,
    closeAll() {
      isClosed = true
      server.closeAllConnections()
      for (const socket of upgraded) socket.destroy()
    },
  }
}

const noSuchUpgrade = ({ url = '' }: IncomingMessage): PorpulsionError =>
  new PorpulsionError(
    'NotFound',
    'RouteNotFound',
    `There is nothing to upgrade to at ${url.split('?', 1)[0] ?? ''}`,
  )
