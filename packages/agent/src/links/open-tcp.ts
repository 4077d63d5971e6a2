import type { Duplex } from 'node:stream'
import { StreamCode, type ChannelStream } from '@porpulsion/protocol'
import { onAbort } from './on-abort.ts'
import { StreamDuplex, type ResetToError } from './stream-duplex.ts'

/**
 * The first byte of the acceptor on a tcp stream: the connection to the app stands, what follows is the app's. A
 * refusal is a Reset instead. So the opener knows before it sends anything whether anybody got it.
 */
export const connectedByte = 0x01

/** Resolves with the app's bytes once the other side has connected; rejects with its refusal. */
export function whenConnected(
  stream: ChannelStream,
  toError: ResetToError,
  signal: AbortSignal,
): Promise<Duplex> {
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
        const duplex = new StreamDuplex(stream, toError)
        if (first.length > 1) duplex.unshift(Buffer.from(first.subarray(1)))
        resolve(duplex)
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
