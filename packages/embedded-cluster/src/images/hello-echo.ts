import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'

/** `/ws`: every message comes back as it came; the first subprotocol offered is accepted. */
export function acceptEchoSockets(server: Server, signal: AbortSignal): void {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 64 * 1024 * 1024,
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?')[0] !== '/ws') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => client.terminate())
      client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }))
    })
  })
  // An open socket would hold the server for the whole grace period.
  const closeAll = (): void => sockets.clients.forEach((client) => client.close(1001, 'Going away'))
  signal.addEventListener('abort', closeAll, { once: true })
}
