/** A TCP proxy in the test's own process: an address that stays while what is behind it changes, and a link to cut. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface TcpDoor {
  readonly port: number
  /** Ends every connection, and every further one at once. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** `dial` finds whoever is behind it at that moment. */
export async function openTcpDoor(dial: () => Promise<Duplex>, host: string): Promise<TcpDoor> {
  const open = new Set<Socket>()
  let isCut = false

  const server = createServer((socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    // What it means for a connection is seen by those who use it.
    socket.on('error', () => socket.destroy())
    if (isCut) socket.destroy()
    else void join(socket, dial)
  })
  server.listen(0, host)
  await once(server, 'listening')

  const endAll = (): void => open.forEach((socket) => socket.destroy())
  return {
    port: (server.address() as AddressInfo).port, // listening on TCP
    cut() {
      isCut = true
      endAll()
    },
    mend() {
      isCut = false
    },
    async close() {
      server.close()
      endAll()
      await once(server, 'close')
    },
  }
}

async function join(socket: Socket, dial: () => Promise<Duplex>): Promise<void> {
  try {
    const behind = await dial()
    behind.on('error', () => socket.destroy())
    behind.once('close', () => socket.destroy())
    socket.once('close', () => behind.destroy())
    if (socket.destroyed) behind.destroy()
    socket.pipe(behind).pipe(socket)
  } catch {
    socket.destroy() // nobody there: as with a port nobody listens on
  }
}
