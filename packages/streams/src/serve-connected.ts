import type { Duplex } from 'node:stream'
import { isPorpulsionError } from '@porpulsion/contract'
import { StreamCode, type ChannelStream } from '@porpulsion/protocol'
import { connectedByte } from './connected-stream.ts'
import { spliceStream } from './splice-stream.ts'

/**
 * The acceptor's half of a stream that leads to a connection: makes that, says so, and joins the two. `connect` hears by
 * its signal when the opener is gone. Never rejects: a failure is the opener's news, as a Reset.
 */
export async function serveConnected(
  stream: ChannelStream,
  connect: (signal: AbortSignal) => Promise<Duplex>,
): Promise<void> {
  const gone = new AbortController()
  stream.handle({
    onReadable: () => undefined,
    onWritable: () => undefined,
    onClosed: () => gone.abort(),
  })
  try {
    const socket = await connect(gone.signal)
    if (gone.signal.aborted) {
      // Nobody is left to hear of it, and an error that nobody hears ends the process.
      socket.on('error', () => undefined)
      socket.destroy()
      return
    }
    stream.write(Uint8Array.of(connectedByte))
    spliceStream(stream, socket)
  } catch (error) {
    if (isPorpulsionError(error)) stream.reset(error.code, error.message)
    else stream.reset(StreamCode.InternalError, 'The connection failed for a reason of this agent')
  }
}
