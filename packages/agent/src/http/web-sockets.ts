import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  isPorpulsionError,
  maxExecPayloadBytes,
  PorpulsionError,
  type WebSocketUse,
} from '@porpulsion/contract'
import { maxReceivedMessageBytes, WebSocketDuplex } from '@porpulsion/streams'
import { WebSocketServer, type WebSocket } from 'ws'
import type { ServeSession } from '../api/index.ts'
import type { Clock } from '../observability/index.ts'
import { CloseCode, joinMessages } from './join-web-socket.ts'
import { every } from './every.ts'
import {
  MAX_PORT_FORWARDS,
  MAX_PORT_FORWARDS_PER_USER,
  MAX_TERMINALS,
  MAX_TERMINALS_PER_USER,
  WEB_SOCKET_PING_MS,
  RIGHTS_RECHECK_MS,
} from './limits.ts'
import { upgradeOf } from './upgrade-response.ts'

export interface WebSockets {
  /**
   * Throws `WebSocketNeeded` for anything but an upgrade to this subprotocol, `TooManyStreams` at the bounds of all and of
   * this account. Counts from here on: a burst must not get past them while what it asks for is made.
   */
  expect(request: IncomingMessage, use: WebSocketUse, account: string): void
  /** Says yes, and joins it with what a handler made until one side ends, or the check throws. */
  open(request: IncomingMessage, use: WebSocketUse, made: Carried, check: () => void): void
  /** Ends all of them. */
  stop(): void
}

/** What a handler answers: the messages of a terminal, or who serves a session. */
export type Carried = Duplex | ServeSession

/** What differs by what they carry. */
const kinds = {
  terminal: {
    what: 'terminals',
    bound: MAX_TERMINALS,
    boundOfOne: MAX_TERMINALS_PER_USER,
    maxMessageBytes: 1 + maxExecPayloadBytes,
  },
  session: {
    what: 'forwarded ports',
    bound: MAX_PORT_FORWARDS,
    boundOfOne: MAX_PORT_FORWARDS_PER_USER,
    maxMessageBytes: maxReceivedMessageBytes,
  },
} as const

export function createWebSockets(clock: Clock): WebSockets {
  const open = new Set<WebSocket>()
  /** Connections that are or may become one, and whose they are. */
  const counted = { terminal: new Map<Duplex, string>(), session: new Map<Duplex, string>() }
  const servers = new Map<string, WebSocketServer>()

  function serverFor({ subprotocol, carries }: WebSocketUse): WebSocketServer {
    const known = servers.get(subprotocol)
    if (known !== undefined) return known
    const server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: kinds[carries].maxMessageBytes,
      handleProtocols: () => subprotocol,
    })
    servers.set(subprotocol, server)
    return server
  }

  function carry(socket: WebSocket, made: Carried, check: Check): void {
    open.add(socket)
    const stream = joined(socket, made)
    const cancels = [
      every(clock, WEB_SOCKET_PING_MS, pinger(socket, stream)),
      every(clock, RIGHTS_RECHECK_MS, () => {
        const lost = codeOfLoss(check)
        if (lost === undefined) return
        // It ends now; who may not type any more is not waited for.
        stream.destroy()
        socket.close(CloseCode.Policy, lost)
      }),
    ]
    socket.once('close', () => {
      open.delete(socket)
      for (const cancel of cancels) cancel()
      stream.destroy()
    })
  }

  return {
    expect(request, use, account) {
      const { socket } = upgradeOf(request) ?? {}
      if (socket === undefined || !offers(request, use)) throw webSocketNeeded(use)
      const all = counted[use.carries]
      const { bound, boundOfOne } = kinds[use.carries]
      if (all.size >= bound) throw tooMany(use, `There are ${bound}`)
      const own = [...all.values()].filter((other) => other === account).length
      if (own >= boundOfOne) throw tooMany(use, `You have ${boundOfOne}`)
      if (socket.destroyed) return
      all.set(socket, account)
      socket.once('close', () => all.delete(socket))
    },
    open(request, use, made, check) {
      const upgrade = upgradeOf(request)
      if (upgrade === undefined) throw webSocketNeeded(use)
      const { socket, head } = upgrade
      upgrade.takeSocket()
      // Gone while it was asked for, or `ws` itself refuses the upgrade and never calls back.
      const onGone = (): void => {
        if (typeof made !== 'function') made.destroy()
      }
      socket.once('close', onGone)
      // Before it is joined there is nobody to tell.
      if (typeof made !== 'function') made.on('error', () => undefined)
      if (socket.destroyed) onGone()
      else
        serverFor(use).handleUpgrade(request, socket, head, (upgraded) =>
          carry(upgraded, made, check),
        )
    },
    stop() {
      for (const socket of open) socket.close(CloseCode.GoingAway, 'AgentStopping')
    },
  }
}

type Check = () => void

/** What ends with the WebSocket. */
function joined(socket: WebSocket, made: Carried): Duplex {
  if (typeof made !== 'function') {
    joinMessages(socket, made)
    return made
  }
  const bytes = new WebSocketDuplex(socket)
  made(bytes)
  return bytes
}

/**
 * A sign of life must come before the next ping: what stands in between may have forgotten the connection. Anything is
 * one, because what the other side answers may wait behind much else.
 */
function pinger(socket: WebSocket, stream: Duplex): () => void {
  let isQuiet = false
  const onLife = (): void => {
    isQuiet = false
  }
  // Bytes of a session pass beside the messages of the WebSocket.
  if (stream instanceof WebSocketDuplex) stream.on('data', onLife)
  else socket.on('message', onLife)
  socket.on('pong', onLife)
  return () => {
    if (socket.readyState !== socket.OPEN) return
    // While we do not read we hear nothing; and whoever does not read what we send does not read our ping.
    if (isQuiet && !socket.isPaused) socket.terminate()
    else if (socket.bufferedAmount === 0) {
      isQuiet = true
      socket.ping()
    }
  }
}

/** What somebody lost they have lost everywhere, in what they opened before as well. */
function codeOfLoss(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return isPorpulsionError(error) ? error.code : 'NotSignedIn'
  }
}

function offers({ headers }: IncomingMessage, { subprotocol }: WebSocketUse): boolean {
  const offered = headers['sec-websocket-protocol'] ?? ''
  return offered.split(',').some((protocol) => protocol.trim() === subprotocol)
}

const webSocketNeeded = ({ subprotocol }: WebSocketUse): PorpulsionError =>
  new PorpulsionError(
    'Invalid',
    'WebSocketNeeded',
    `This endpoint is a WebSocket; send an upgrade that offers the subprotocol ${subprotocol}`,
  )

const tooMany = ({ carries }: WebSocketUse, many: string): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyStreams',
    `${many} ${kinds[carries].what} open; close some`,
    { retryAfterSeconds: 10 },
  )
