import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** An upgrade request, and the connection that Node gave up for it. */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  /** What came after the head already. */
  readonly head: Buffer
  /** Answers as to any request; the connection ends with the answer. */
  readonly response: ServerResponse
  /** The connection is no longer the response's. */
  takeSocket(): void
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>()

/** Makes an upgrade something that routes can refuse like any other request. */
export function beginUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Upgrade {
  const response = new ServerResponse(request)
  // Node declares sockets, and works with every Duplex: it asks before using what only sockets have.
  const connection = socket as unknown as Socket
  response.shouldKeepAlive = false
  response.assignSocket(connection)
  const onFinish = (): void => {
    response.detachSocket(connection)
    // A client that does not read must not keep the socket.
    socket.end(() => socket.destroy())
  }
  response.once('finish', onFinish)
  const upgrade: Upgrade = {
    request,
    socket,
    head,
    response,
    takeSocket() {
      response.off('finish', onFinish)
      response.detachSocket(connection)
    },
  }
  upgrades.set(request, upgrade)
  return upgrade
}

/** Undefined: an ordinary request. */
export const upgradeOf = (request: IncomingMessage): Upgrade | undefined => upgrades.get(request)
