/** Two ends of one WebSocket of this machine, bare or with TLS inside, for benchmarks of what lies above. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { WebSocket, WebSocketServer } from 'ws'
import { selfSigned } from './self-signed.ts'

export interface Ends {
  readonly near: Duplex
  readonly far: Duplex
  close(): void
}

/** `asDuplex` makes a stream of bytes of either end. */
export async function webSocketPair(asDuplex: (socket: WebSocket) => Duplex): Promise<Ends> {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo // listens on TCP
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  const [[server]] = (await Promise.all([once(sockets, 'connection'), once(client, 'open')])) as [
    [WebSocket],
    unknown,
  ] // what ws passes to `connection`
  const [near, far] = [asDuplex(client), asDuplex(server)]
  for (const end of [near, far]) end.on('error', () => undefined) // the sockets are torn down below
  return {
    near,
    far,
    close: () => {
      client.terminate()
      server.terminate()
      http.close()
    },
  }
}

/** The same with mutual TLS 1.3 on it. */
export async function innerTlsOn(pair: Ends): Promise<Ends> {
  const { key, cert } = await selfSigned('bench')
  const server = createTlsServer({
    key,
    cert,
    ca: [cert],
    requestCert: true,
    minVersion: 'TLSv1.3',
  })
  server.emit('connection', pair.far)
  const near = connectTls({
    socket: pair.near,
    key,
    cert,
    ca: [cert],
    checkServerIdentity: () => undefined,
  })
  const [[far]] = (await Promise.all([
    once(server, 'secureConnection'),
    once(near, 'secureConnect'),
  ])) as [[TLSSocket], unknown]
  for (const end of [near, far]) end.on('error', () => undefined)
  return { near, far, close: () => pair.close() }
}
