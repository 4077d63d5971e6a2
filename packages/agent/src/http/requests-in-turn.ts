import type { RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { PorpulsionError } from '@porpulsion/contract'
import { MAX_PEER_PIPELINED } from './limits.ts'

/**
 * Holds a peer to asking one thing after the other on a stream. Node hands over every request as soon as it is read,
 * and a followed log without lines holds back all answers behind it: some dozens of bytes each would open as many logs
 * as the peer likes, where streams are counted. Agents never send ahead.
 */
export function requestsInTurn(handler: RequestListener): RequestListener {
  const underWay = new WeakMap<Socket, Set<ServerResponse>>()
  return (request, response) => {
    const { socket } = request
    const responses = underWay.get(socket) ?? new Set()
    if (responses.size >= MAX_PEER_PIPELINED) {
      socket.destroy(sentAhead())
      return
    }
    underWay.set(socket, responses.add(response))
    response.once('close', () => responses.delete(response))
    handler(request, response)
  }
}

const sentAhead = (): PorpulsionError =>
  new PorpulsionError(
    'ProtocolViolation',
    'PeerProtocolError',
    `More than ${MAX_PEER_PIPELINED} requests were sent on one stream before the first was answered`,
  )
