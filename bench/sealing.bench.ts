/**
 * What it would save to seal records ourselves instead of TLS inside the WebSocket: the same batches over the same kind
 * of WebSocket, bare, through TLS 1.3, and as records of AES-256-GCM from Node's crypto, both ends in this process.
 * Prints microseconds of processor time per batch.
 *
 * Usage: tsx bench/sealing.bench.ts [megabytes per round] [rounds]
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { WebSocketDuplex } from '../packages/streams/src/index.ts'
import { innerTlsOn, webSocketPair, type Ends } from './web-socket-pair.ts'

const megabytes = Number(process.argv[2] ?? 24)
const rounds = Number(process.argv[3] ?? 9)
/** A request, the answers of a turn with a few connections, and a piece of a body. */
const batchSizes = [1_100, 8 * 1024, 64 * 1024]

/** Of a record: its length before, its tag behind. */
const HEADER_BYTES = 4
const TAG_BYTES = 16

const bare = (): Promise<Ends> => webSocketPair((socket) => new WebSocketDuplex(socket))
const tls = async (): Promise<Ends> => await innerTlsOn(await bare())
const kinds: Record<string, () => Promise<Ends>> = { bare, tls, sealed }
for (const size of batchSizes) {
  const costs: Record<string, number[]> = { bare: [], tls: [], sealed: [] }
  for (let round = 0; round < rounds; round++)
    for (const [name, connect] of Object.entries(kinds))
      costs[name]?.push(await microsecondsPerBatch(connect, size))
  const row = Object.entries(costs).map(([name, list]) => [name, median(list).toFixed(1)])
  process.stdout.write(`${JSON.stringify({ batchBytes: size, ...Object.fromEntries(row) })}\n`)
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
}

async function microsecondsPerBatch(connect: () => Promise<Ends>, size: number): Promise<number> {
  const ends = await connect()
  const { near, far } = ends
  const batch = Buffer.alloc(size, 7)
  const count = Math.floor((megabytes * 1024 * 1024) / size)
  const start = process.cpuUsage()
  const arrived = new Promise<void>((resolve) => {
    let received = 0
    far.on('data', (bytes: Buffer) => {
      received += bytes.length
      if (received >= count * size) resolve()
    })
  })
  for (let sent = 0; sent < count; sent++) {
    if (!near.write(batch)) await once(near, 'drain')
    // A batch is what leaves in one turn of the event loop.
    else await new Promise(setImmediate)
  }
  await arrived
  const { user, system } = process.cpuUsage(start)
  ends.close()
  return (user + system) / count
}

/** One direction is enough to measure; keys are made up, where the real thing would take them from the exporter. */
async function sealed(): Promise<Ends> {
  const pair = await bare()
  const key = randomBytes(32)
  return { near: sealing(pair.near, key), far: opening(pair.far, key), close: () => pair.close() }
}

/** The number of the record; each key seals one direction, so none comes twice. */
function nonceOf(record: number): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(record, 6, 6)
  return nonce
}

function sealing(below: Duplex, key: Buffer): Duplex {
  let record = 0
  const seal = (pieces: readonly Buffer[], done: (error?: Error | null) => void): void => {
    const header = Buffer.allocUnsafe(HEADER_BYTES)
    header.writeUInt32BE(pieces.reduce((sum, { length }) => sum + length, 0))
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(record++))
    cipher.setAAD(header)
    below.cork()
    below.write(header)
    for (const piece of pieces) below.write(cipher.update(piece))
    cipher.final()
    below.write(cipher.getAuthTag(), done)
    below.uncork()
  }
  return new Duplex({
    read: () => undefined,
    write: (piece: Buffer, _encoding, done) => seal([piece], done),
    writev: (writes, done) =>
      seal(
        writes.map(({ chunk }) => chunk as Buffer),
        done,
      ),
  })
}

function opening(below: Duplex, key: Buffer): Duplex {
  let record = 0
  let pieces: Buffer[] = []
  let waiting = 0
  const above = new Duplex({
    read: () => below.resume(),
    write: (_piece, _encoding, done) => done(),
  })
  /** The bytes of the record that is next, once they are all here. */
  const take = (): Buffer | undefined => {
    const [first] = pieces
    if (first === undefined || waiting < HEADER_BYTES) return undefined
    if (first.length < HEADER_BYTES) pieces = [Buffer.concat(pieces)]
    const length = HEADER_BYTES + (pieces[0]?.readUInt32BE(0) ?? 0) + TAG_BYTES
    if (waiting < length) return undefined
    const all = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
    waiting -= length
    pieces = waiting === 0 || all === undefined ? [] : [all.subarray(length)]
    return all?.subarray(0, length)
  }
  below.on('data', (bytes: Buffer) => {
    pieces.push(bytes)
    waiting += bytes.length
    for (let sealed = take(); sealed !== undefined; sealed = take()) {
      const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(record++))
      decipher.setAAD(sealed.subarray(0, HEADER_BYTES))
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
      const plain = decipher.update(sealed.subarray(HEADER_BYTES, sealed.length - TAG_BYTES))
      decipher.final()
      if (!above.push(plain)) below.pause()
    }
  })
  return above
}
