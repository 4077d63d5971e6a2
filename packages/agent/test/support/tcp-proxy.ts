import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

type Direction = 'toTarget' | 'toClient'

export interface TcpProxy {
  readonly port: number
  readonly url: string
  /** What passed, per connection, in the direction to the target. */
  readonly recorded: Buffer[][]
  /** Everything that passed, both ways. */
  seen(): Buffer
  /** What is to be passed on in place of what came. Undefined: nothing. */
  alter: (bytes: Buffer, direction: Direction) => Buffer | undefined
  /** Neither passes on nor ends anything from here on: a frozen peer, a half-open connection. */
  freeze(): void
  /** Resets every connection. */
  cut(): void
}

/** A man in the middle of a TCP connection on this machine. */
export async function aTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const recorded: Buffer[][] = []
  const all: Buffer[] = []
  let isFrozen = false

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true })
    const own: Buffer[] = []
    recorded.push(own)
    const pass = (from: Socket, to: Socket, direction: Direction): void => {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('data', (bytes) => {
        if (isFrozen) return
        all.push(bytes)
        if (direction === 'toTarget') own.push(bytes)
        const altered = proxy.alter(bytes, direction)
        if (altered !== undefined) to.write(altered)
      })
      from.on('end', () => {
        if (!isFrozen) to.end()
      })
      from.on('close', () => {
        sockets.delete(from)
        if (!isFrozen) to.destroy()
      })
    }
    pass(client, target, 'toTarget')
    pass(target, client, 'toClient')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const proxy: TcpProxy = {
    port,
    url: `http://127.0.0.1:${port}`,
    recorded,
    seen: () => Buffer.concat(all),
    alter: (bytes) => bytes,
    freeze() {
      isFrozen = true
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
  }
  onTestFinished(async () => {
    isFrozen = false
    proxy.cut()
    await new Promise((resolve) => server.close(resolve))
  })
  return proxy
}
