import { StreamCode, type ChannelStream } from '@porpulsion/protocol'
import { onAbort } from './on-abort.ts'
import type { ResetToError } from './stream-duplex.ts'

/**
 * The first byte of the acceptor on a stream that leads to a connection: that stands, what follows is its own. A refusal
 * is a Reset instead. So the opener knows before it sends anything whether anybody got it.
 */
export const connectedByte = 0x01

/**
 * Resolves once the other side has connected, with what of the connection's bytes came along; the rest is the caller's to
 * read. Rejects with its refusal.
 */
export function whenConnected(
  stream: ChannelStream,
  toError: ResetToError,
  signal: AbortSignal,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let forget = (): void => undefined
    const violated = (): void => {
      forget()
      stream.reset(StreamCode.InternalError, 'Expected the byte that says connected')
      reject(toError({ kind: 'reset', by: 'local', code: 'PeerProtocolError', message: '' }))
    }
    stream.handle({
      onReadable: () => {
        const first = stream.read()
        if (first === undefined) {
          if (stream.readEnded) violated()
          return
        }
        if (first[0] !== connectedByte) {
          violated()
          return
        }
        forget()
        stream.handle(waiting)
        resolve(first.subarray(1))
      },
      onWritable: () => undefined,
      onClosed: (outcome) => {
        forget()
        if (outcome.kind === 'reset' && outcome.by !== 'local') reject(toError(outcome))
      },
    })
    forget = onAbort(signal, (reason) => {
      stream.reset(StreamCode.Cancelled)
      reject(reason)
    })
  })
}

/** Until the caller has its own: what comes meanwhile stays in the stream. */
const waiting = { onReadable: ignore, onWritable: ignore, onClosed: ignore }

function ignore(): void {
  return undefined
}
