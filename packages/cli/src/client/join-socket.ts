import type { Socket } from 'node:net'
import { ConnectionClose, endOfConnectionBytes } from '@porpulsion/contract'
import type WebSocket from 'ws'
import type { EndOfSocket } from './message-socket.ts'

/** Beyond this much unsent to the agent, the local side waits. */
const maxBacklogBytes = 256 * 1024

/**
 * Joins a local connection and the WebSocket that carries it (docs/protocol.md, "Connections"): each direction ends on
 * its own, whoever reads slowly slows the other side down, and what breaks one resets the other. `local` is paused, and
 * read once the WebSocket stands. Resolves when it is over, with what broke it, if the agent said that something did.
 */
export function joinSocket(
  socket: WebSocket,
  local: Socket,
  endOf: EndOfSocket,
): Promise<Error | undefined> {
  const isBehind = (): boolean => socket.bufferedAmount > maxBacklogBytes
  const onSent = (): void => {
    if (local.isPaused() && !isBehind()) local.resume()
  }
  socket.on('message', (message: Buffer) => {
    if (message.length === 0) local.end()
    else if (!local.write(message)) socket.pause()
  })
  local.on('drain', () => socket.resume())
  local.on('data', (bytes: Buffer) => {
    socket.send(bytes, onSent)
    if (isBehind()) local.pause()
  })
  local.once('end', () => socket.send(endOfConnectionBytes))
  // Told by its close as well.
  local.on('error', () => undefined)
  local.once('close', () => {
    // After an orderly end the agent says goodbye.
    if (!local.readableEnded || !local.writableFinished) socket.terminate()
  })
  socket.once('open', () => {
    if (local.destroyed) socket.terminate()
    else local.resume()
  })
  return new Promise((resolve) => {
    socket.once('close', (code, reason) => {
      const wasGone = local.destroyed
      if (code === ConnectionClose.Ended) local.end()
      else if (!wasGone) local.resetAndDestroy()
      const isBroken = code !== ConnectionClose.Ended && !wasGone
      resolve(isBroken ? endOf(code, reason.toString('utf8')) : undefined)
    })
  })
}
