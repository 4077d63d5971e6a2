import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import { KEEP_ALIVE_MS } from './limits.ts'

/** Opens the other end. The signal fires when nobody waits for it any more. */
export type OpenOtherEnd = (signal: AbortSignal) => Promise<Duplex>

/**
 * Joins a connection of this cluster with one to the app at the peer: bytes as they are, each direction with its own
 * end, as slow as the slower reader. What breaks on one side is a reset on the other: an orderly end would tell a
 * database client that it has read everything.
 *
 * Rejects if the other end cannot be opened, with the socket reset. Resolves once both are joined, or the client went
 * before; `ended` tells when it is no more.
 */
export async function carryConnection(
  socket: Socket,
  open: OpenOtherEnd,
  ended: () => void,
): Promise<'joined' | 'client-gone'> {
  const gone = new AbortController()
  socket.on('error', ignored)
  socket.once('close', () => {
    gone.abort(new Error('The client went away'))
    ended()
  })
  let stream: Duplex
  try {
    stream = await open(gone.signal)
  } catch (error) {
    if (socket.destroyed) return 'client-gone'
    socket.resetAndDestroy()
    throw error
  }
  stream.on('error', ignored)
  if (socket.destroyed) {
    stream.destroy()
    return 'client-gone'
  }
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  // Whoever said all it had to say may go before the last of it has arrived.
  socket.once('close', () => {
    if (!socket.readableEnded || !stream.readableEnded) stream.destroy(clientGone())
  })
  stream.once('close', () => {
    if (!stream.readableEnded || !stream.writableFinished) socket.resetAndDestroy()
  })
  socket.pipe(stream)
  stream.pipe(socket)
  return 'joined'
}

/** With a reason the peer resets what leads to the app; without one it would end it, as after the last byte. */
const clientGone = (): PorpulsionError =>
  new PorpulsionError('Aborted', 'RequestAborted', 'The client is gone')

/** An error always comes with a close, and that is what we act on. */
const ignored = (): void => undefined
