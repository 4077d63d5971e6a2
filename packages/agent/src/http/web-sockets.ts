import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  execSubprotocol,
  isPorpulsionError,
  maxExecPayloadBytes,
  PorpulsionError,
} from '@porpulsion/contract'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../observability/index.ts'
import {
  MAX_WEB_SOCKET_BACKLOG_BYTES,
  MAX_WEB_SOCKETS,
  WEB_SOCKET_PING_MS,
  WEB_SOCKET_RECHECK_MS,
} from './limits.ts'
import { upgradeOf } from './upgrade-response.ts'

export interface WebSockets {
  /** Throws `WebSocketNeeded` for anything but an upgrade to the subprotocol, `TooManyStreams` at the bound. */
  expect(request: IncomingMessage): void
  /** Says yes, and carries messages until one side ends, or the check throws. */
  open(request: IncomingMessage, messages: Duplex, check: () => void): void
  /** Ends all of them. */
  stop(): void
}

/** RFC 6455. */
const CloseCode = { Normal: 1000, GoingAway: 1001, Unsupported: 1003, Policy: 1008 } as const

export function createWebSockets(clock: Clock): WebSockets {
  const open = new Set<WebSocket>()
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: 1 + maxExecPayloadBytes,
    handleProtocols: () => execSubprotocol,
  })

  function carry(socket: WebSocket, messages: Duplex, check: () => void): void {
    open.add(socket)
    const cancels = [
      every(clock, WEB_SOCKET_PING_MS, () => keepAlive(socket)),
      every(clock, WEB_SOCKET_RECHECK_MS, () => {
        const lost = codeOfLoss(check)
        if (lost === undefined) return
        // The command ends now; who may not type any more is not waited for.
        messages.destroy()
        socket.close(CloseCode.Policy, lost)
      }),
    ]
    socket.once('close', () => {
      open.delete(socket)
      for (const cancel of cancels) cancel()
      messages.destroy()
    })
    join(socket, messages)
  }

  return {
    expect(request) {
      if (upgradeOf(request) === undefined || !offers(request)) throw webSocketNeeded()
      if (open.size >= MAX_WEB_SOCKETS) throw tooMany()
    },
    open(request, messages, check) {
      const upgrade = upgradeOf(request)
      if (upgrade === undefined) throw webSocketNeeded()
      const { socket, head } = upgrade
      upgrade.takeSocket()
      // Gone while it was asked for, or `ws` itself refuses the upgrade and never calls back.
      const onGone = (): void => {
        messages.destroy()
      }
      socket.once('close', onGone)
      messages.on('error', () => socket.destroy())
      if (socket.destroyed) onGone()
      else server.handleUpgrade(request, socket, head, (made) => carry(made, messages, check))
    },
    stop() {
      for (const socket of open) socket.close(CloseCode.GoingAway, 'AgentStopping')
    },
  }
}

/** Whoever reads slowly slows the other side down; nothing piles up here. */
function join(socket: WebSocket, messages: Duplex): void {
  socket.binaryType = 'nodebuffer'
  // Told by its close as well; without a listener the process would end.
  socket.on('error', () => socket.terminate())
  socket.on('message', (message: Buffer, isBinary) => {
    if (!isBinary) socket.close(CloseCode.Unsupported, 'Messages are binary')
    else if (messages.writable && !messages.write(message)) socket.pause()
  })
  messages.on('drain', () => socket.resume())
  messages.on('data', (message: Uint8Array) => {
    socket.send(message, () => {
      if (socket.bufferedAmount <= MAX_WEB_SOCKET_BACKLOG_BYTES) messages.resume()
    })
    if (socket.bufferedAmount > MAX_WEB_SOCKET_BACKLOG_BYTES) messages.pause()
  })
  messages.once('end', () => {
    socket.resume()
    socket.close(CloseCode.Normal)
  })
}

/** A pong must come before the next ping: what stands in between may have forgotten the connection. */
function keepAlive(socket: WebSocket): void {
  if (socket.readyState !== socket.OPEN) return
  if (unanswered.has(socket)) {
    socket.terminate()
    return
  }
  // A reader who does not read what the command writes does not read our ping either.
  if (socket.isPaused || socket.bufferedAmount > 0) return
  unanswered.add(socket)
  socket.once('pong', () => unanswered.delete(socket))
  socket.ping()
}
const unanswered = new WeakSet<WebSocket>()

/** What somebody lost they have lost everywhere, in what they opened before as well. */
function codeOfLoss(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return isPorpulsionError(error) ? error.code : 'NotSignedIn'
  }
}

function every(clock: Clock, periodMs: number, task: () => void): () => void {
  let cancel = clock.setTimeout(again, periodMs)
  function again(): void {
    cancel = clock.setTimeout(again, periodMs)
    task()
  }
  return () => {
    cancel()
  }
}

function offers({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol'] ?? ''
  return offered.split(',').some((protocol) => protocol.trim() === execSubprotocol)
}

const webSocketNeeded = (): PorpulsionError =>
  new PorpulsionError(
    'Invalid',
    'WebSocketNeeded',
    `This endpoint is a WebSocket; send an upgrade that offers the subprotocol ${execSubprotocol}`,
  )

const tooMany = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyStreams',
    `There are ${MAX_WEB_SOCKETS} terminals open; close some`,
    { retryAfterSeconds: 10 },
  )
