/**
 * The streams of a command over one WebSocket, as `v4.channel.k8s.io` and `v5.channel.k8s.io` have them: each message
 * begins with a byte that names its channel. They differ in that only v5 can end stdin.
 */
import { Readable, Writable } from 'node:stream'
import type { Status } from 'kubernetes-types/meta/v1.js'
import type { WebSocket } from 'ws'
import type { TerminalSize } from '../../registry/ports.ts'
import type { RemoteStreams, WantedStreams } from './remote-command.ts'
import { LastValue } from './last-value.ts'
import { readTerminalSize } from './terminal-size.ts'

/** In order of preference. */
export const commandProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const

/** The first byte of a message. */
const Channel = {
  Stdin: 0,
  Stdout: 1,
  Stderr: 2,
  /** How it ended: a `Status` as JSON. */
  Error: 3,
  /** `{"Width": 80, "Height": 24}` */
  Resize: 4,
  /** v5: the channel named by the next byte has ended. */
  Close: 255,
} as const

/** A client that goes without a word is noticed when a ping cannot be delivered; also while stdin is held back. */
const pingMs = 10_000

export function channelStreams(socket: WebSocket, wanted: WantedStreams): RemoteStreams {
  const gone = new AbortController()
  const stdin = wanted.stdin ? heldBack(socket) : undefined
  const resizes = new LastValue<TerminalSize>()
  pingWhileOpen(socket)
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    stdin?.destroy()
    gone.abort()
  })
  socket.on('message', (data: Buffer) => {
    const payload = data.subarray(1)
    switch (data[0]) {
      case Channel.Stdin:
        if (payload.length > 0 && stdin?.push(payload) === false) socket.pause()
        return
      case Channel.Resize: {
        const size = readTerminalSize(payload)
        if (size !== undefined) resizes.set(size)
        return
      }
      case Channel.Close:
        if (payload[0] !== Channel.Stdin) return
        stdin?.push(null)
        // Its buffer may be full, and asks for no more now that it has ended.
        socket.resume()
        return
      default:
        // Nothing else is a client's to send.
        socket.close(1002, 'unknown channel')
    }
  })
  if (wanted.stdout) void send(socket, Channel.Stdout, Buffer.alloc(0)).catch(ignore) // "we are connected"
  return {
    ...(stdin !== undefined && { stdin }),
    ...(wanted.stdout && { stdout: channelWriter(socket, Channel.Stdout) }),
    ...(wanted.stderr && { stderr: channelWriter(socket, Channel.Stderr) }),
    onResize: (listener) => resizes.listen(listener),
    gone: gone.signal,
    finish: async (status: Status) => {
      await send(socket, Channel.Error, Buffer.from(JSON.stringify(status))).catch(ignore)
      socket.close(1000)
      // The client's answer may stand behind an input that nobody has read.
      socket.resume()
    },
  }
}

export function pingWhileOpen(socket: WebSocket): void {
  const timer = setInterval(() => socket.ping(), pingMs)
  socket.on('close', () => clearInterval(timer))
}

/** Its buffer is the bound: when that is full the whole connection is not read, for WebSockets know no streams. */
export function heldBack(socket: WebSocket): Readable {
  return new Readable({ read: () => socket.resume() })
}

/** One message at a time is on its way, so that what a client does not read stays with the command. */
export function channelWriter(socket: WebSocket, channel: number): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      send(socket, channel, chunk).then(() => done(), done)
    },
  })
}

/** Resolves when the machine has taken it. */
export function send(socket: WebSocket, channel: number, payload: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(Buffer.concat([Buffer.of(channel), payload]), (error) =>
      error ? reject(error) : resolve(),
    )
  })
}

/** Its failure is told by `close`, too. */
function ignore(): void {
  return undefined
}
