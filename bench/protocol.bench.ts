/**
 * What the frames cost: the same bytes over the same connection, bare and through a session, both ends in this
 * process. Prints megabytes per second and the ratio; the target is 0.85 over the bare WebSocket with inner TLS.
 *
 * Usage: tsx bench/protocol.bench.ts [megabytes per round] [rounds]
 */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { createWebSocketStream } from 'ws'
import { createSession, type Session, type SessionOptions } from '../packages/protocol/src/index.ts'
import { innerTlsOn, webSocketPair, type Ends } from './web-socket-pair.ts'

const totalBytes = Number(process.argv[2] ?? 64) * 1024 * 1024
/** Short and many, bare and framed by turns: what else the machine does then hits both alike. */
const rounds = Number(process.argv[3] ?? 15)
const chunk = Buffer.alloc(64 * 1024, 7)
const aHello = { bootId: '0'.repeat(32), confirmed: true, agentVersion: 'bench' }

const webSocket = (): Promise<Ends> => webSocketPair((socket) => createWebSocketStream(socket))
const innerTls = async (): Promise<Ends> => await innerTlsOn(await webSocket())
const kinds: Record<string, () => Promise<Ends>> = { webSocket, innerTls }
for (const [name, connect] of Object.entries(kinds)) {
  const rates: Record<'bare' | 'frames' | 'thirtyTwoStreams', number[]> = {
    bare: [],
    frames: [],
    thirtyTwoStreams: [],
  }
  for (let round = 0; round < rounds; round += 1) {
    rates.bare.push(await measure(connect, bare))
    rates.frames.push(await measure(connect, (ends) => frames(ends, 1)))
    rates.thirtyTwoStreams.push(await measure(connect, (ends) => frames(ends, 32)))
  }
  const row = {
    connection: name,
    bareMBps: Math.round(median(rates.bare)),
    framesMBps: Math.round(median(rates.frames)),
    ratio: median(rates.frames.map((rate, i) => rate / (rates.bare[i] ?? 0))).toFixed(2),
    streams32MBps: Math.round(median(rates.thirtyTwoStreams)),
    ratio32: median(rates.thirtyTwoStreams.map((rate, i) => rate / (rates.bare[i] ?? 0))).toFixed(
      2,
    ),
  }
  process.stdout.write(`${JSON.stringify(row)}\n`)
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
}

async function measure(
  connect: () => Promise<Ends>,
  run: (ends: Ends) => Promise<void>,
): Promise<number> {
  const ends = await connect()
  // Processor time, not time on the clock: a busy machine would decide the ratio otherwise.
  const start = process.cpuUsage()
  await run(ends)
  const { user, system } = process.cpuUsage(start)
  const seconds = (user + system) / 1e6
  ends.close()
  return totalBytes / seconds / 1e6
}

async function bare({ near, far }: Ends): Promise<void> {
  const arrived = new Promise<void>((resolve) => {
    let received = 0
    far.on('data', (bytes: Buffer) => {
      received += bytes.length
      if (received >= totalBytes) resolve()
    })
  })
  for (let sent = 0; sent < totalBytes; sent += chunk.length) {
    if (!near.write(chunk)) await once(near, 'drain')
  }
  await arrived
}

async function frames({ near, far }: Ends, streams: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let received = 0
    session(far, {
      role: 'acceptor',
      hello: aHello,
      onEvent: () => undefined,
      onStream: (stream) =>
        stream.handle({
          onReadable: () => {
            for (let part = stream.read(); part !== undefined; part = stream.read()) {
              received += part.length
            }
            if (received >= totalBytes) resolve()
          },
          onWritable: () => undefined,
          onClosed: () => undefined,
        }),
    })
    const sender = session(near, {
      role: 'dialler',
      hello: { ...aHello, dialSeq: 1 },
      onStream: () => undefined,
      onEvent: (event) => {
        if (event.kind === 'up')
          for (let i = 0; i < streams; i += 1) send(sender, totalBytes / streams)
      },
    })
  })
}

function send(sender: Session, bytes: number): void {
  const result = sender.open(new Uint8Array(0))
  if (result.kind === 'refused') throw new Error(result.message)
  const { stream } = result
  let sent = 0
  const pump = (): void => {
    while (sent < bytes) {
      sent += chunk.length
      if (!stream.write(chunk)) return
    }
  }
  stream.handle({ onReadable: () => undefined, onWritable: pump, onClosed: () => undefined })
  pump()
}

function session(
  duplex: Duplex,
  options: Pick<SessionOptions, 'role' | 'hello' | 'onStream' | 'onEvent'>,
): Session {
  const created = createSession({
    ...options,
    transport: {
      write: (chunks) => {
        duplex.cork()
        for (const part of chunks) duplex.write(part)
        duplex.uncork()
        return duplex.writableLength < 128 * 1024
      },
      close: () => duplex.end(),
    },
    clock: {
      now: () => performance.now(),
      schedule: (delayMs, callback) => {
        const timer = setTimeout(callback, delayMs).unref()
        return () => clearTimeout(timer)
      },
    },
    random: { next: Math.random },
    defer: setImmediate,
  })
  duplex.on('drain', () => created.transportDrained())
  duplex.on('data', (bytes: Buffer) => created.receive(bytes))
  return created
}
