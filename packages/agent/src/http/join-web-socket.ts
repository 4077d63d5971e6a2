import type { Duplex } from 'node:stream'
import { ConnectionClose, endOfConnectionBytes, isPorpulsionError } from '@porpulsion/contract'
import type { WebSocket } from 'ws'
import { MAX_WEB_SOCKET_BACKLOG_BYTES } from './limits.ts'

/** RFC 6455, and ours above 4000. */
export const CloseCode = {
  ...ConnectionClose,
  GoingAway: 1001,
  Unsupported: 1003,
  Policy: 1008,
} as const

/**
 * Joins a WebSocket and what a handler made, message by message, as they are. Whoever reads slowly slows the other side
 * down; nothing piles up here. The end of `stream` closes the WebSocket, its error resets it.
 */
export function joinMessages(socket: WebSocket, stream: Duplex): void {
  pump(socket, stream, (message) => {
    if (stream.writable && !stream.write(message)) socket.pause()
  })
  stream.once('end', () => close(socket, CloseCode.Ended))
}

/** The same for the bytes of a connection: each direction ends on its own. */
export function joinBytes(socket: WebSocket, stream: Duplex): void {
  const closeAtEnd = (): void => {
    if (stream.readableEnded && stream.writableEnded) close(socket, CloseCode.Ended)
  }
  pump(socket, stream, (message) => {
    if (!stream.writable) return
    if (message.length > 0) {
      if (!stream.write(message)) socket.pause()
    } else {
      stream.end()
      closeAtEnd()
    }
  })
  stream.once('end', () => {
    socket.send(endOfConnectionBytes)
    closeAtEnd()
  })
}

function pump(socket: WebSocket, stream: Duplex, onMessage: (message: Buffer) => void): void {
  socket.binaryType = 'nodebuffer'
  // Told by its close as well; without a listener the process would end.
  socket.on('error', () => socket.terminate())
  socket.on('message', (message: Buffer, isBinary) => {
    if (isBinary) onMessage(message)
    else socket.close(CloseCode.Unsupported, 'Messages are binary')
  })
  stream.on('drain', () => socket.resume())
  const onSent = (): void => {
    if (stream.isPaused() && !isBehind(socket)) stream.resume()
  }
  stream.on('data', (bytes: Uint8Array) => {
    socket.send(bytes, onSent)
    if (isBehind(socket)) stream.pause()
  })
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
