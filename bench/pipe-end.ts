/**
 * One end of the bare pipe our link is measured against: one WebSocket with inner TLS per TCP connection. No frames, no
 * flow control, no checks. Reads its order as a line of JSON, prints the port it listens on, and runs until its
 * standard input ends.
 */
import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import {
  connect as connectTcp,
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
} from 'node:net'
import { createInterface } from 'node:readline'
import { pipeline, type Duplex } from 'node:stream'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { createWebSocketStream, WebSocket, WebSocketServer } from 'ws'
import type { KeyAndCertificate } from './self-signed.ts'

export interface PipeOrder extends KeyAndCertificate {
  /** `near` takes TCP and dials; `far` is dialled and leads to the pod. */
  readonly end: 'near' | 'far'
  readonly host: string
  readonly port: number
}

const lines = createInterface(process.stdin)
const [line] = (await once(lines, 'line')) as [string]
const order = JSON.parse(line) as PipeOrder // written by whoever started us
const { key, cert } = order
const plain = { perMessageDeflate: false } as const

lines.once('close', () => process.exit(0))
const server = order.end === 'far' ? far() : near()
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`),
)

function far(): HttpServer {
  const http = createHttpServer()
  new WebSocketServer({ server: http, ...plain }).on('connection', (socket) => {
    const tls = createTlsServer({ key, cert, ca: [cert], requestCert: true, minVersion: 'TLSv1.3' })
    tls.on('secureConnection', (inner) => {
      join(inner, connectTcp({ host: order.host, port: order.port, noDelay: true }))
    })
    tls.emit('connection', createWebSocketStream(socket))
  })
  return http
}

function near(): Server {
  return createTcpServer({ noDelay: true }, (client) => {
    const socket = new WebSocket(`ws://${order.host}:${order.port}`, plain)
    const inner = connectTls({
      socket: createWebSocketStream(socket),
      key,
      cert,
      ca: [cert],
      checkServerIdentity: () => undefined,
    })
    join(client, inner)
  })
}

/** Either side's end or failure is the other's; a benchmark has nobody to tell. */
function join(one: Duplex, other: Duplex): void {
  pipeline(one, other, one, () => {
    one.destroy()
    other.destroy()
  })
}
