import { createServer, type Server, type Socket } from 'node:net'

export interface ExposedPortListener {
  /** The port it got. */
  readonly port: number
  /** Takes no more connections; those it has are whose they are. Idempotent. */
  stop(): void
}

export type ListenOutcome =
  | { readonly kind: 'listening'; readonly listener: ExposedPortListener }
  /** Every port was taken. */
  | { readonly kind: 'none-free' }
  /** The address itself cannot be listened on. */
  | { readonly kind: 'failed'; readonly error: Error }

/** Listens on the first of `ports` that is free. Connections are handed over unread. */
export async function listenOnFree(
  ports: readonly number[],
  host: string,
  onConnection: (socket: Socket) => void,
): Promise<ListenOutcome> {
  for (const port of ports) {
    // Half-close is the app's to see, and nothing is read before somebody is there to read it to.
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, onConnection)
    const error = await listen(server, port, host)
    if (error === undefined) {
      // It may run out of file descriptors; the next connection tells that.
      server.on('error', () => undefined)
      return { kind: 'listening', listener: { port, stop: () => void server.close() } }
    }
    if (!isTaken(error)) return { kind: 'failed', error }
  }
  return { kind: 'none-free' }
}

function listen(server: Server, port: number, host: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen({ port, host, exclusive: true }, () => {
      server.off('error', resolve)
      resolve(undefined)
    })
  })
}

/** By another, or for another: systems keep ranges for themselves. */
const isTaken = (error: NodeJS.ErrnoException): boolean =>
  error.code === 'EADDRINUSE' || error.code === 'EACCES'
