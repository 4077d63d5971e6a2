import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { createWebSocketStream, WebSocket, WebSocketServer } from 'ws'
import type { Clock, Random, Session, Transport } from '../../src/index.ts'
import { selfSigned } from './certificate.ts'

/** What a session needs of the outside, on real time and real sockets. */
export const realClock: Clock = {
  now: () => performance.now(),
  schedule: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

export const realRandom: Random = { next: Math.random }

export const realDefer = (callback: () => void): void => {
  setImmediate(callback)
}

/** A connection that a session can be put on. */
export interface Connection {
  readonly transport: Transport
  /** From now on bytes and the end go to the session. */
  attach(session: Session): void
  /** The connection breaks. */
  cut(): void
}

export interface ConnectionPair {
  readonly dialler: Connection
  readonly acceptor: Connection
  close(): Promise<void>
}

/** Two ends in one process: what one writes, the other gets a moment later. */
export function memoryPair(): ConnectionPair {
  const ends: { a?: MemoryEnd; b?: MemoryEnd } = {}
  ends.a = new MemoryEnd(() => ends.b)
  ends.b = new MemoryEnd(() => ends.a)
  return { dialler: ends.a, acceptor: ends.b, close: () => Promise.resolve() }
}

class MemoryEnd implements Connection, Transport {
  readonly #peer: () => MemoryEnd | undefined
  #session: Session | undefined
  #early: Uint8Array[] = []
  #isCut = false
  readonly transport: Transport = this

  constructor(peer: () => MemoryEnd | undefined) {
    this.#peer = peer
  }

  attach(session: Session): void {
    this.#session = session
    for (const chunk of this.#early.splice(0)) session.receive(chunk)
  }

  write(chunks: readonly Uint8Array[]): boolean {
    setImmediate(() => {
      for (const chunk of chunks) this.#peer()?.deliver(chunk)
      this.#session?.transportDrained()
    })
    return false
  }

  deliver(chunk: Uint8Array): void {
    if (this.#isCut) return
    if (this.#session === undefined) this.#early.push(chunk)
    else this.#session.receive(chunk)
  }

  closed(): void {
    this.#session?.transportClosed()
  }

  close(): void {
    setImmediate(() => {
      this.#peer()?.closed()
      this.closed()
    })
  }

  cut(): void {
    this.#isCut = true
    this.close()
  }
}

/** Frames straight in WebSocket messages. */
export async function webSocketPair(): Promise<ConnectionPair> {
  const { client, server, close } = await webSockets()
  return { dialler: new SocketConnection(client), acceptor: new SocketConnection(server), close }
}

class SocketConnection implements Connection {
  readonly #socket: WebSocket
  readonly transport: Transport
  #session: Session | undefined

  constructor(socket: WebSocket) {
    this.#socket = socket
    // The end is told by `close`; without a listener an error would end the process.
    socket.on('error', () => undefined)
    socket.pause()
    this.transport = {
      write: (chunks) => {
        chunks.forEach((chunk, i) => {
          const isLast = i === chunks.length - 1
          socket.send(chunk, { fin: isLast, binary: true }, () => {
            if (isLast) this.#session?.transportDrained()
          })
        })
        return socket.bufferedAmount < socketBufferBytes
      },
      close: () => socket.close(),
    }
  }

  attach(session: Session): void {
    this.#session = session
    this.#socket.on('message', (data) => session.receive(data as Buffer))
    this.#socket.on('close', () => session.transportClosed())
    this.#socket.resume()
  }

  cut(): void {
    this.#socket.terminate()
  }
}

const socketBufferBytes = 128 * 1024

/** The real thing: TLS 1.3 inside the WebSocket, both sides showing the one certificate the other expects. */
export async function innerTlsPair(): Promise<ConnectionPair> {
  const { client, server, close } = await webSockets()
  const [a, b] = [selfSigned('a'), selfSigned('b')]
  const accepted = acceptTls(createWebSocketStream(server), { ...b, ca: a.cert })
  const dialled = connectTls({
    socket: createWebSocketStream(client),
    ...a,
    ca: b.cert,
    minVersion: 'TLSv1.3',
    // The one certificate in `ca` is the identity; there is no host name to compare.
    checkServerIdentity: () => undefined,
  })
  const [tlsServer] = await Promise.all([accepted, once(dialled, 'secureConnect')])
  return {
    dialler: new DuplexConnection(dialled),
    acceptor: new DuplexConnection(tlsServer),
    close,
  }
}

async function acceptTls(
  duplex: Duplex,
  identity: { readonly cert: string; readonly key: string; readonly ca: string },
): Promise<TLSSocket> {
  // A bare `new TLSSocket(…, { isServer: true })` would verify nothing.
  const server = createTlsServer({
    ...identity,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  })
  server.emit('connection', duplex)
  const [socket] = (await once(server, 'secureConnection')) as [TLSSocket]
  return socket
}

class DuplexConnection implements Connection {
  readonly #duplex: Duplex
  readonly transport: Transport

  constructor(duplex: Duplex) {
    this.#duplex = duplex
    duplex.on('error', () => undefined)
    this.transport = {
      write: (chunks) => {
        duplex.cork()
        for (const chunk of chunks) duplex.write(chunk)
        duplex.uncork()
        return !duplex.writableNeedDrain
      },
      close: () => duplex.end(),
    }
  }

  attach(session: Session): void {
    this.#duplex.on('drain', () => session.transportDrained())
    this.#duplex.on('data', (bytes: Buffer) => session.receive(bytes))
    this.#duplex.on('close', () => session.transportClosed())
    this.#duplex.on('end', () => session.transportClosed())
  }

  cut(): void {
    this.#duplex.destroy()
  }
}

async function webSockets(): Promise<{
  readonly client: WebSocket
  readonly server: WebSocket
  readonly close: () => Promise<void>
}> {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  const [[server]] = (await Promise.all([once(sockets, 'connection'), once(client, 'open')])) as [
    [WebSocket],
    unknown,
  ]
  const close = async (): Promise<void> => {
    client.terminate()
    server.terminate()
    sockets.close()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  }
  return { client, server, close }
}
