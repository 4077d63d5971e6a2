import type { RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { PorpulsionError } from '@porpulsion/contract'

/**
 * Holds others to asking one thing after the other on a connection: at one request more than `max` of which none is
 * answered, it ends. Node hands over every request as soon as it is read, and reads on: half a megabyte of them would
 * be gone through before anybody else is served. A peer could open as many logs on one stream, where streams are
 * counted, as it likes.
 */
export function requestsInTurn(max: number, handler: RequestListener): RequestListener {
  const underWay = new WeakMap<Socket, Set<ServerResponse>>()
  return (request, response) => {
    const { socket } = request
    const responses = underWay.get(socket) ?? new Set()
    if (responses.size >= max) {
      socket.destroy(sentAhead(max))
      return
    }
    underWay.set(socket, responses.add(response))
    response.once('close', () => responses.delete(response))
    handler(request, response)
  }
}

const sentAhead = (max: number): PorpulsionError =>
  new PorpulsionError(
    'ProtocolViolation',
    'PeerProtocolError',
    `More than ${max} requests were sent on one connection before the first was answered`,
  )
