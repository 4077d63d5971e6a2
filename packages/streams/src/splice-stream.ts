import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { isPorpulsionError, PorpulsionError } from '@porpulsion/contract'
import { StreamCode, type ChannelStream, type StreamOutcome } from '@porpulsion/protocol'

/**
 * Joins a channel stream and a socket, or what stands for one, byte for byte, each direction ending on its own. Straight
 * from one to the other: this is the path of every tunnelled byte. `onClosed` hears how the stream ended.
 */
export function spliceStream(
  stream: ChannelStream,
  socket: Duplex,
  onClosed: (outcome: StreamOutcome) => void = () => undefined,
): void {
  let socketIsFull = false
  let hasEnded = false

  const pump = (): void => {
    while (!socketIsFull) {
      const bytes = stream.read()
      if (bytes === undefined) break
      socketIsFull = !socket.write(bytes)
    }
    if (stream.readEnded && !hasEnded) {
      hasEnded = true
      socket.end()
    }
  }

  stream.handle({
    onReadable: pump,
    onWritable: () => socket.resume(),
    onClosed: (outcome) => {
      onClosed(outcome)
      if (outcome.kind !== 'reset') return
      // FIN would be the end of what was sent; who is cut off must not be taken for finished.
      if (outcome.code === StreamCode.Cancelled) socket.destroy()
      else if (socket instanceof Socket) socket.resetAndDestroy()
      else socket.destroy(new PorpulsionError('Aborted', 'RequestAborted', 'The client is gone'))
    },
  })
  socket.on('drain', () => {
    socketIsFull = false
    pump()
  })
  socket.on('data', (bytes: Buffer) => {
    if (!stream.write(bytes)) socket.pause()
  })
  socket.on('end', () => stream.close())
  // Of ours it is when a right went away; else what broke is the connection to the app.
  socket.on('error', (error) =>
    stream.reset(isPorpulsionError(error) ? error.code : 'PortUnreachable', error.message),
  )
  socket.on('close', () => {
    // After an orderly end in both directions there is nothing left to reset.
    if (stream.outcome === undefined && !(hasEnded && socket.readableEnded))
      stream.reset(StreamCode.Cancelled, 'The connection to the app ended')
  })
}
