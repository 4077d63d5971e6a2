/** The streams of a command over SPDY: `v4.channel.k8s.io`, a stream for each, named by its header `streamtype`. */
import type { Status } from 'kubernetes-types/meta/v1.js'
import { finished } from 'node:stream/promises'
import type { TerminalSize } from '../../registry/ports.ts'
import type { UpgradedConnection } from '../api-request.ts'
import { LastValue } from './last-value.ts'
import type { RemoteStreams, WantedStreams } from './remote-command.ts'
import { acceptSpdy } from './spdy.ts'
import type { SpdySession, SpdyStream } from './spdy-session.ts'
import { readTerminalSize } from './terminal-size.ts'

export const spdyCommandProtocol = 'v4.channel.k8s.io'

/** A client opens its streams at once. */
const streamsTimeoutMs = 30_000

/** Resolves once the client has opened all streams it asked for; undefined if it went before, or did not. */
export async function spdyStreams(
  connection: UpgradedConnection,
  wanted: WantedStreams,
  tty: boolean,
): Promise<RemoteStreams | undefined> {
  const names = [
    'error',
    ...(['stdin', 'stdout', 'stderr'] as const).filter((name) => wanted[name]),
  ]
  const expected = new Set([...names, ...(tty ? ['resize'] : [])])
  const streams = new Map<string, SpdyStream>()
  let complete = (): void => undefined
  const opened = new Promise<void>((resolve) => (complete = resolve))
  const session = acceptSpdy(connection, spdyCommandProtocol, (stream) => {
    const type = stream.headers.get('streamtype') ?? ''
    if (!expected.has(type) || streams.has(type)) stream.destroy()
    else streams.set(type, stream)
    if (streams.size === expected.size) complete()
  })
  void session.run()
  const timer = setTimeout(complete, streamsTimeoutMs)
  session.gone.addEventListener('abort', complete)
  await opened
  clearTimeout(timer)
  if (streams.size === expected.size) return remoteStreams(session, streams)
  session.close()
  return undefined
}

function remoteStreams(
  session: SpdySession,
  streams: ReadonlyMap<string, SpdyStream>,
): RemoteStreams {
  const [stdin, stdout, stderr] = ['stdin', 'stdout', 'stderr'].map((name) => streams.get(name))
  const resizes = new LastValue<TerminalSize>()
  streams.get('resize')?.on('data', (chunk: Buffer) => {
    // Each size is written at once, with a newline.
    const size = readTerminalSize(chunk)
    if (size !== undefined) resizes.set(size)
  })
  return {
    ...(stdin !== undefined && { stdin }),
    ...(stdout !== undefined && { stdout }),
    ...(stderr !== undefined && { stderr }),
    onResize: (listener) => resizes.listen(listener),
    gone: session.gone,
    finish: async (status: Status) => {
      const error = streams.get('error')
      if (error !== undefined) {
        error.end(JSON.stringify(status))
        await finished(error, { readable: false }).catch(() => undefined)
      }
      session.close()
    },
  }
}
