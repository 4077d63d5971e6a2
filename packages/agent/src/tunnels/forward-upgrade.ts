import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { asSocket } from './as-socket.ts'
import { asAnswerFailure, notHttp, openRequest, type Forwarding } from './forward-request.ts'
import { joinStreams } from './join-streams.ts'
import { faultOf, formatHead, passAnswer, type AnswerHead } from './pass-answer.ts'

/**
 * Passes an upgrade request on. If the app agrees, both connections become one pipe of bytes; if not, its answer goes
 * back like any other. Always on a new connection: it ends with this request, and a dead one cannot be met.
 */
export function forwardUpgrade(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  forwarding: Forwarding,
): void {
  const outgoing = openRequest(incoming, forwarding, 'none')
  let hasAnswered = false
  let isWhole = (): boolean => false
  const onGone = (): void => {
    if (!hasAnswered) forwarding.agent.abort(outgoing)
  }
  const fail = (error: Error): void => {
    hasAnswered = true
    forwarding.onFailure(asAnswerFailure(error, outgoing))
  }
  const passHead = (answer: AnswerHead): void => {
    const { statusCode = 101, statusMessage = '' } = answer
    socket.write(formatHead(statusCode, statusMessage, forwarding.answerHeaders(answer)), 'latin1')
  }
  socket.once('close', onGone)

  outgoing.on('error', (error) => {
    if (isWhole()) return
    if (hasAnswered || socket.destroyed) socket.destroy()
    else fail(error)
  })
  outgoing.on('information', (information: AnswerHead) => {
    if (!socket.writableNeedDrain) passHead(information)
  })
  outgoing.once('upgrade', (answer, appSocket, appHead) => {
    hasAnswered = true
    passHead(answer)
    if (appHead.length > 0) socket.write(appHead)
    if (head.length > 0) appSocket.write(head)
    joinStreams(socket, appSocket)
  })
  outgoing.once('response', (answer) => {
    const fault = faultOf(answer)
    if (fault !== undefined) {
      outgoing.destroy()
      fail(notHttp(fault))
      return
    }
    hasAnswered = true
    isWhole = () => answer.complete
    const response = responseOn(incoming, socket)
    response.once('close', () => {
      if (!response.writableFinished) forwarding.agent.abort(outgoing)
    })
    passAnswer(answer, incoming, response, forwarding.answerHeaders(answer))
  })
  outgoing.end()
}

/** A response object for a socket that Node gave up for the upgrade. */
export function responseOn(incoming: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(incoming)
  response.shouldKeepAlive = false
  response.assignSocket(asSocket(socket))
  // Node's server passes it on for its own responses only.
  const onDrain = (): void => void response.emit('drain')
  socket.on('drain', onDrain)
  response.once('finish', () => {
    socket.off('drain', onDrain)
    response.detachSocket(asSocket(socket))
    socket.end()
  })
  return response
}
