import { request as httpRequest, ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { isPorpulsionError } from '@porpulsion/contract'
import { asSocket } from './as-socket.ts'
import { asAnswerFailure, formatHead, passAnswer, type Forwarding } from './forward-request.ts'
import { MAX_HEADER_BYTES } from './limits.ts'
import { mapHeaders } from './raw-headers.ts'

/**
 * Passes an upgrade request on. If the app agrees, both connections become one pipe of bytes; if not, its answer goes
 * back like any other.
 */
export function forwardUpgrade(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  forwarding: Forwarding,
): void {
  const outgoing = httpRequest({
    agent: forwarding.agent,
    method: incoming.method ?? 'GET',
    path: forwarding.path,
    headers: [
      ...forwarding.headers,
      'Connection',
      'Upgrade',
      'Upgrade',
      incoming.headers.upgrade ?? '',
    ],
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  let hasAnswered = false
  const onGone = (): void => {
    if (!hasAnswered) forwarding.agent.abort(outgoing)
  }
  socket.once('close', onGone)

  outgoing.on('error', (error) => {
    if (hasAnswered || socket.destroyed) {
      socket.destroy()
      return
    }
    // A kept connection may be dead without our knowing.
    if (outgoing.reusedSocket && !isPorpulsionError(error)) {
      socket.off('close', onGone)
      forwardUpgrade(incoming, socket, head, forwarding)
      return
    }
    hasAnswered = true
    forwarding.onFailure(asAnswerFailure(error))
  })
  outgoing.once('upgrade', (answer, appSocket, appHead) => {
    hasAnswered = true
    const headers = upgradeHeaders(answer, forwarding)
    socket.write(
      formatHead(answer.statusCode ?? 101, answer.statusMessage ?? '', headers),
      'latin1',
    )
    if (appHead.length > 0) socket.write(appHead)
    if (head.length > 0) appSocket.write(head)
    joinStreams(socket, appSocket)
  })
  outgoing.once('response', (answer) => {
    hasAnswered = true
    const response = responseOn(incoming, socket)
    passAnswer(answer, incoming, response, forwarding.answerHeaders(answer))
  })
  outgoing.end()
}

/** A response object for a socket that Node gave up for the upgrade. */
export function responseOn(incoming: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(incoming)
  response.shouldKeepAlive = false
  response.assignSocket(asSocket(socket))
  response.once('finish', () => {
    response.detachSocket(asSocket(socket))
    socket.end()
  })
  return response
}

/** Here `Connection` and `Upgrade` are the message. */
function upgradeHeaders(answer: IncomingMessage, forwarding: Forwarding): string[] {
  const own = mapHeaders(answer.rawHeaders, (name, value) =>
    name === 'connection' || name === 'upgrade' ? value : undefined,
  )
  return [...own, ...forwarding.answerHeaders(answer)]
}

/** Bytes both ways, each direction with its own end; what breaks on one side breaks the other. */
function joinStreams(one: Duplex, other: Duplex): void {
  one.pipe(other)
  other.pipe(one)
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy())
    from.once('close', () => {
      // After an orderly end of both directions there is nothing left to destroy.
      if (!from.readableEnded || !to.writableFinished) to.destroy()
    })
  }
}
