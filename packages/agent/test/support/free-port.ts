import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** A port on which nobody listens, for now: for what must know its own address before it listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server that listens
  server.close()
  await once(server, 'close')
  return port
}
