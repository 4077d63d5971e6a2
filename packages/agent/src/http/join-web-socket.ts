import type { Duplex } from 'node:stream'
import { isPorpulsionError } from '@porpulsion/contract'
import type { WebSocket } from 'ws'
import { MAX_WEB_SOCKET_BACKLOG_BYTES } from './limits.ts'

/** RFC 6455, and ours from 4000 on. */
export const CloseCode = {
  Ended: 1000,
  /** It broke. The reason is a code of docs/errors.md. */
  Reset: 4000,
  GoingAway: 1001,
  Unsupported: 1003,
  Policy: 1008,
} as const

/**
 * Joins a WebSocket and what a handler made, message by message, as they are. Whoever reads slowly slows the other side
 * down; nothing piles up here. The end of `stream` closes the WebSocket, its error resets it.
 */
export function joinMessages(socket: WebSocket, stream: Duplex): void {
  socket.binaryType = 'nodebuffer'
  // Told by its close as well; without a listener the process would end.
  socket.on('error', () => socket.terminate())
  socket.on('message', (message: Buffer, isBinary) => {
    if (!isBinary) socket.close(CloseCode.Unsupported, 'Messages are binary')
    else if (stream.writable && !stream.write(message)) socket.pause()
  })
  stream.on('drain', () => socket.resume())
  const onSent = (): void => {
    if (stream.isPaused() && !isBehind(socket)) stream.resume()
  }
  stream.on('data', (bytes: Uint8Array) => {
    socket.send(bytes, onSent)
    if (isBehind(socket)) stream.pause()
  })
  stream.once('end', () => close(socket, CloseCode.Ended))
  const onError = (error: Error): void =>
    close(socket, CloseCode.Reset, isPorpulsionError(error) ? error.code : 'InternalError')
  if (stream.errored === null) stream.once('error', onError)
  // It broke while the WebSocket was made.
  else onError(stream.errored)
}

const isBehind = (socket: WebSocket): boolean =>
  socket.bufferedAmount > MAX_WEB_SOCKET_BACKLOG_BYTES

function close(socket: WebSocket, code: number, reason?: string): void {
  // Or the answer, behind bytes that nobody takes any more, would not be read.
  socket.resume()
  socket.close(code, reason)
}
