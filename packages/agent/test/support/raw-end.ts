import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** How the other side let go: orderly, or with an error. */
export type Parting = 'end' | 'reset'

/** One end of a TCP connection in the hands of a test: bytes go out as they are, and all that comes is kept. */
export interface RawEnd {
  send(bytes: string | Buffer): void
  /** Writes for as long as the other side takes it; resolves with how much that was. */
  pour(limitBytes: number): Promise<number>
  /** Our direction ends; the other's may go on. */
  end(): void
  /** As a process that dies. */
  reset(): void
  destroy(): void
  pause(): void
  resume(): void
  received(): Buffer
  /** Whether the other side has ended its direction, or all of it. */
  hasEnded(): boolean
  /** Resolves once what was received is such. Rejects when the connection ends before. */
  until(isSo: (received: Buffer) => boolean): Promise<void>
  /** Resolves once this text has come. */
  receives(text: string): Promise<void>
  /** Resolves when the other side has let go. */
  readonly parted: Promise<Parting>
}

/** Longer than anything inside this process takes to make room. */
const QUIET_TURNS = 200

function rawEnd(socket: Socket): RawEnd {
  const chunks: Buffer[] = []
  const listeners = new Set<() => void>()
  let parting: Parting | undefined
  const changed = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const part = (how: Parting): void => {
    parting ??= how
    changed()
  }
  socket.on('data', (bytes: Buffer) => {
    chunks.push(bytes)
    changed()
  })
  socket.on('error', () => part('reset'))
  socket.on('end', () => part('end'))
  socket.on('close', () => part('end'))
  onTestFinished(() => void socket.destroy())

  const received = (): Buffer => {
    if (chunks.length > 1) chunks.splice(0, chunks.length, Buffer.concat(chunks))
    return chunks[0] ?? Buffer.alloc(0)
  }
  function when<T>(answer: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = answer()
        if (found === undefined) return
        listeners.delete(look)
        resolve(found)
      }
      listeners.add(look)
      look()
    })
  }
  async function until(isSo: (bytes: Buffer) => boolean): Promise<void> {
    const how = await when(() => (isSo(received()) ? 'so' : parting))
    if (how === 'so' || isSo(received())) return
    const got = received().subarray(0, 1_000).toString('latin1')
    throw new Error(`The connection went away (${how}) after ${JSON.stringify(got)}`)
  }

  return {
    send: (bytes) => void socket.write(bytes, 'latin1'),
    async pour(limitBytes) {
      const piece = Buffer.alloc(64 * 1024, 'x')
      for (let sent = 0; sent < limitBytes; sent += piece.length) {
        if (socket.write(piece) || (await drained(socket))) continue
        return sent
      }
      return limitBytes
    },
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    destroy: () => void socket.destroy(),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    received,
    hasEnded: () => parting !== undefined,
    until,
    receives: (text) => until((bytes) => bytes.includes(text, 0, 'latin1')),
    parted: when(() => parting),
  }
}

/** Whether room came in time. */
async function drained(socket: Socket): Promise<boolean> {
  for (let turn = 0; turn < QUIET_TURNS && socket.writableNeedDrain; turn++)
    await new Promise((resolve) => setImmediate(resolve))
  return !socket.writableNeedDrain
}

export async function connectRaw(port: number): Promise<RawEnd> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  await once(socket, 'connect')
  return rawEnd(socket)
}

/** Something to connect to that says nothing by itself. */
export interface RawServer {
  readonly port: number
  /** Connections so far. */
  readonly count: () => number
  /** The next connection nobody took yet. */
  accept(): Promise<RawEnd>
}

export async function aRawServer(): Promise<RawServer> {
  const waiting: RawEnd[] = []
  const takers: ((end: RawEnd) => void)[] = []
  let count = 0
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    count++
    const end = rawEnd(socket)
    const taker = takers.shift()
    if (taker === undefined) waiting.push(end)
    else taker(end)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return {
    port: (server.address() as AddressInfo).port,
    count: () => count,
    accept: () => {
      const end = waiting.shift()
      return end === undefined
        ? new Promise((resolve) => takers.push(resolve))
        : Promise.resolve(end)
    },
  }
}
