import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import { isMereOffer, readAgainAsRequest } from './again-as-request.ts'
import type { AppTraffic } from './app-traffic.ts'
import { hostName, isAllowedHost } from './host-rules.ts'
import * as limits from './limits.ts'
import { listenOn } from './listen-on.ts'
import { refuseUpgrade } from './raw-reply.ts'
import { beginUpgrade } from './upgrade-response.ts'
import {
  answerWhileStarting,
  refuseWhileStopping,
  stillStarting,
  stopping,
  type WaitingFor,
} from './while-starting.ts'

/** Who answers on the socket, once the agent can. */
export interface SharedServerUsers {
  readonly appTraffic: AppTraffic
  readonly handleOwn: (request: IncomingMessage, response: ServerResponse) => void
  /** Whether a route of ours answers upgrades at this URL. */
  readonly claimsUpgrade: (url: string) => boolean
}

export interface SharedServerOptions {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** Host names besides `localhost` and addresses; `*.` stands for any name below. */
  readonly allowedHosts: readonly string[]
}

/** Port 8000 as a socket: one server that our own routes and the apps share. */
export interface SharedServer {
  readonly server: Server
  /** From here on it listens, and says that the agent is starting. */
  listen(): Promise<void>
  /** From here on it answers. */
  serve(users: SharedServerUsers): void
  /** Where it listens. */
  port(): number
  /** Takes nothing new; resolves when the last connection has ended. */
  close(): Promise<void>
  /** What is open now ends now. */
  closeAll(): void
}

export function createSharedServer(
  deps: { readonly waitingFor: WaitingFor },
  options: SharedServerOptions,
): SharedServer {
  const upgraded = new Set<Duplex>()
  /** Requests of each connection whose answers have not left. */
  const underWay = new Map<Duplex, number>()
  let isClosing = false
  let isClosed = false
  let users: SharedServerUsers | undefined

  function isForApp(
    { appTraffic }: SharedServerUsers,
    { headers, url = '' }: IncomingMessage,
  ): boolean {
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
  // Their size is bounded. Beyond a number Node leaves headers out without a word, the one that says how long the body
  // is among them, and an app would take the body for its next request.
  server.maxHeadersCount = 0

  server.on('connection', (socket: Socket) => {
    // One that is read again comes again.
    if (underWay.has(socket)) return
    underWay.set(socket, 0)
    socket.once('close', () => underWay.delete(socket))
  })

  /** Whether it may go on. Node reads on whoever sends ahead, before it serves anybody else. */
  function follow({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const requests = (underWay.get(socket) ?? 0) + 1
    if (requests > 1 + limits.MAX_PIPELINED) {
      socket.destroy()
      return false
    }
    underWay.set(socket, requests)
    response.once('close', () => {
      if (!underWay.has(socket)) return
      const left = (underWay.get(socket) ?? 1) - 1
      underWay.set(socket, left)
      // Nobody else would end it for a minute.
      if (isClosing && left === 0) socket.end()
    })
    return true
  }

  server.on('request', (request, response) => {
    if (!follow(request, response)) return
    if (isClosing) refuseWhileStopping(response)
    else if (users === undefined) answerWhileStarting(deps.waitingFor, request, response)
    else if (isForApp(users, request)) users.appTraffic.handle(request, response)
    else users.handleOwn(request, response)
  })

  server.on('checkContinue', (request, response) => {
    // An app answers the question itself.
    if (!isClosing && users !== undefined && isForApp(users, request)) {
      if (follow(request, response)) users.appTraffic.handle(request, response)
    } else {
      response.writeContinue()
      server.emit('request', request, response)
    }
  })

  // Without this Node answers 417 to what it does not know, in the app's place.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))

  // Without this the connection would just end.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy())
    refuseUpgrade(socket, noTunnels())
  })

  // The one place upgrades go through: what nobody claims is ended, or it would hang for ever.
  server.on('upgrade', (request, socket, head) => {
    if (isMereOffer(request)) {
      // Offers wait for their answer. Many of them sent ahead would each have all that is behind them read again.
      if ((underWay.get(socket) ?? 0) > 0) socket.destroy()
      else readAgainAsRequest(server, request, socket, head)
      return
    }
    // An error of a socket nobody listens to ends the process.
    socket.on('error', () => socket.destroy())
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
    if (isClosed) socket.destroy()
    else if (isClosing) refuseUpgrade(socket, stopping())
    else if (users === undefined) refuseUpgrade(socket, stillStarting(deps.waitingFor))
    else if (isForApp(users, request)) users.appTraffic.handleUpgrade(request, socket, head)
    else if (users.claimsUpgrade(request.url ?? ''))
      users.handleOwn(request, beginUpgrade(request, socket, head).response)
    else refuseUpgrade(socket, noSuchUpgrade(request))
  })

  return {
    server,
    listen: () => listenOn(server, options),
    serve(given) {
      users = given
    },
    port: () => (server.address() as AddressInfo).port, // a TCP server that listens
    close() {
      isClosing = true
      // Not HTTP's own `close`: that takes for idle, and cuts, whose answer is complete and not yet read.
      const closed = new Promise<void>((resolve) =>
        NetServer.prototype.close.call(server, () => resolve()),
      )
      for (const [socket, requests] of underWay)
        if (requests === 0 && !upgraded.has(socket)) socket.destroy()
      return closed
    },
    closeAll() {
      isClosed = true
      server.closeAllConnections()
      for (const socket of upgraded) socket.destroy()
    },
  }
}

const noTunnels = (): PorpulsionError =>
  new PorpulsionError(
    'Invalid',
    'MalformedRequest',
    'CONNECT is not served here; `porpulsion app port-forward` carries any protocol',
  )

const noSuchUpgrade = ({ url = '' }: IncomingMessage): PorpulsionError =>
  new PorpulsionError(
    'NotFound',
    'RouteNotFound',
    `There is nothing to upgrade to at ${url.split('?', 1)[0] ?? ''}`,
  )
