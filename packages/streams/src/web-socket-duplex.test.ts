import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { WebSocketDuplex } from './web-socket-duplex.ts'

async function aWebSocketPair() {
  const server = createServer()
  const sockets = new WebSocketServer({ server })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const connection = once(sockets, 'connection') as Promise<[WebSocket]>
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  const [[accepted]] = await Promise.all([connection, once(client, 'open')])
  onTestFinished(() => {
    client.terminate()
    accepted.terminate()
    server.close()
  })
  return {
    client,
    accepted,
    dialled: () => new WebSocketDuplex(client),
    taken: () => new WebSocketDuplex(accepted),
  }
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const got: Buffer[] = []
  for await (const chunk of stream) got.push(chunk as Buffer)
  return Buffer.concat(got)
}

test.each(['dialled', 'taken'] as const)(
  'what one end writes, the other reads: %s',
  async (who) => {
    const pair = await aWebSocketPair()
    const [a, b] =
      who === 'dialled' ? [pair.dialled(), pair.taken()] : [pair.taken(), pair.dialled()]
    const sent = Buffer.alloc(3 * 1024 * 1024 + 17, 'porpulsion')
    a.end(sent)
    expect((await bytesOf(b)).equals(sent)).toBe(true)
  },
)

test.each(['dialled', 'taken'] as const)('any WebSocket takes what we send: %s', async (who) => {
  const pair = await aWebSocketPair()
  const [ours, theirs] =
    who === 'dialled' ? [pair.dialled(), pair.accepted] : [pair.taken(), pair.client]
  const got: Buffer[] = []
  theirs.on('message', (message: Buffer) => got.push(message))
  const pieces = [1, 125, 126, 9_000, 70_000, 3 * 1024 * 1024].map((size) =>
    Buffer.alloc(size, size),
  )
  ours.cork()
  for (const piece of pieces.slice(0, 4)) ours.write(piece)
  ours.uncork()
  for (const piece of pieces.slice(4)) ours.write(piece)
  ours.end()
  await once(theirs, 'close')
  expect(Buffer.concat(got).equals(Buffer.concat(pieces))).toBe(true)
  expect(Math.max(...got.map((message) => message.length))).toBeLessThanOrEqual(1024 * 1024)
})

test.each(['dialled', 'taken'] as const)(
  'what any WebSocket sends arrives: masked, in fragments, with Pings between: %s',
  async (who) => {
    const pair = await aWebSocketPair()
    const [ours, theirs] =
      who === 'dialled' ? [pair.dialled(), pair.accepted] : [pair.taken(), pair.client]
    const read = bytesOf(ours)
    const pong = once(theirs, 'pong')
    const pieces = [0, 1, 126, 5_001, 66_000].map((size) => Buffer.alloc(size, 'porpulsion'))
    for (const piece of pieces) {
      theirs.send(piece, { fin: false, binary: true })
      theirs.ping('still there?')
      theirs.send(piece, { fin: true, binary: true })
    }
    await pong
    theirs.close()
    expect((await read).equals(Buffer.concat(pieces.flatMap((piece) => [piece, piece])))).toBe(true)
  },
)

test('a writer is made to wait when the other side does not read', async () => {
  const { client, accepted, dialled } = await aWebSocketPair()
  const a = dialled()
  accepted.pause()
  const chunk = Buffer.alloc(64 * 1024)
  let written = 0
  while (written < 64 * 1024 * 1024 && a.write(chunk)) written += chunk.length
  // The kernel takes some megabytes; what we hold on top of that is small.
  await new Promise((resolve) => setImmediate(resolve))
  expect(client.bufferedAmount).toBeLessThan(1024 * 1024)
  expect(a.writableNeedDrain).toBe(true)
})

test('a WebSocket that ends, ends the stream, with the reason kept', async () => {
  const { accepted, dialled } = await aWebSocketPair()
  const a = dialled()
  a.resume()
  accepted.close(4001, 'because')
  await once(a, 'close')
  expect(a.ending).toEqual({ code: 4001, reason: 'because' })
})

test('a stream that is destroyed takes its WebSocket with it', async () => {
  const { client, accepted, dialled } = await aWebSocketPair()
  const a = dialled()
  const closed = once(accepted, 'close')
  a.destroy(new Error('enough'))
  await closed
  expect(client.readyState).not.toBe(WebSocket.OPEN)
})

test('words that are too long for a Close frame are cut', async () => {
  const { accepted, dialled } = await aWebSocketPair()
  const a = dialled()
  const closed = once(accepted, 'close') as Promise<[number, Buffer]>
  a.endWith(4002, 'x'.repeat(500))
  const [code, reason] = await closed
  expect([code, reason.length]).toEqual([4002, 123])
})

test('a text message ends the connection', async () => {
  const { client, taken } = await aWebSocketPair()
  const b = taken()
  b.resume()
  const failed = once(b, 'error')
  const closed = once(client, 'close')
  client.send('hello')
  await expect(failed).resolves.toMatchObject([
    { message: expect.stringContaining('text') as string },
  ])
  await closed
})

test.each([20, 100_000])(
  'what a proxy can see is masked with keys nobody knows: %i bytes',
  async (length) => {
    const { client, accepted } = await aWebSocketPair()
    const { _socket: raw } = client as unknown as { _socket: Duplex }
    const sent: Buffer[] = []
    const write = raw.write.bind(raw) as (bytes: Buffer) => boolean
    raw.write = (bytes: Buffer) => {
      sent.push(Buffer.from(bytes))
      return write(bytes)
    }
    const bytes = randomBytes(length)
    const arrived = once(accepted, 'message')
    new WebSocketDuplex(client, { masksAtRandom: true }).write(bytes)
    expect(await arrived).toEqual([bytes, true])
    expect(Buffer.concat(sent).includes(bytes)).toBe(false)
    expect(Buffer.concat(sent).length).toBeGreaterThan(length)
  },
)
