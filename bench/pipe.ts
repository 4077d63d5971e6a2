/**
 * The bare pipe our link is measured against: TCP in, one WebSocket with inner TLS per connection, TCP out. No frames,
 * no flow control, no checks. Prints the port it listens on; runs until its standard input closes.
 *
 * Usage: tsx bench/pipe.ts <target host> <target port>
 */
import { createServer as createHttpServer } from 'node:http'
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { pipeline, type Duplex } from 'node:stream'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { createWebSocketStream, WebSocket, WebSocketServer } from 'ws'
import { selfSigned } from './self-signed.ts'

const [, , targetHost = '', targetPort = ''] = process.argv
const { key, cert } = await selfSigned('pipe')
const plain = { perMessageDeflate: false } as const

const far = createHttpServer()
const sockets = new WebSocketServer({ server: far, ...plain })
sockets.on('connection', (socket) => {
  const tls = createTlsServer({ key, cert, ca: [cert], requestCert: true, minVersion: 'TLSv1.3' })
  tls.on('secureConnection', (inner) => join(inner, connectTcp(Number(targetPort), targetHost)))
  tls.emit('connection', createWebSocketStream(socket))
})

const near = createTcpServer({ noDelay: true }, (client) => {
  const socket = new WebSocket(`ws://127.0.0.1:${portOf(far)}`, plain)
  const inner = connectTls({
    socket: createWebSocketStream(socket),
    key,
    cert,
    ca: [cert],
    checkServerIdentity: () => undefined,
  })
  join(client, inner)
})

await listening(far)
await listening(near)
process.stdout.write(`${portOf(near)}\n`)
process.stdin.resume().on('end', () => process.exit(0))

/** Either side's end or failure is the other's; a benchmark has nobody to tell. */
function join(one: Duplex, other: Duplex): void {
  pipeline(one, other, one, () => {
    one.destroy()
    other.destroy()
  })
}

function listening(server: typeof far | typeof near): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
}

function portOf(server: typeof far | typeof near): number {
  return (server.address() as AddressInfo).port // listens on TCP
}
