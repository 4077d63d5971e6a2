import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
  return { client, accepted, a: new WebSocketDuplex(client), b: new WebSocketDuplex(accepted) }
}

test('a write larger than a message arrives whole, in several', async () => {
  const { accepted, a, b } = await aWebSocketPair()
  let messages = 0
  accepted.on('message', () => messages++)
  const sent = Buffer.alloc(3 * 1024 * 1024 + 17, 'porpulsion')
  a.end(sent)
  const got: Buffer[] = []
  for await (const chunk of b as AsyncIterable<Buffer>) got.push(chunk)
  expect(Buffer.concat(got).equals(sent)).toBe(true)
  expect(messages).toBeGreaterThan(10)
})

test('a writer is made to wait when the other side does not read', async () => {
  const { client, accepted, a } = await aWebSocketPair()
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
  const { accepted, a } = await aWebSocketPair()
  a.resume()
  accepted.close(4001, 'because')
  await once(a, 'close')
  expect(a.ending).toEqual({ code: 4001, reason: 'because' })
})

test('a stream that is destroyed takes its WebSocket with it', async () => {
  const { client, accepted, a } = await aWebSocketPair()
  const closed = once(accepted, 'close')
  a.destroy(new Error('enough'))
  await closed
  expect(client.readyState).not.toBe(WebSocket.OPEN)
})

test('words that are too long for a Close frame are cut', async () => {
  const { accepted, a } = await aWebSocketPair()
  const closed = once(accepted, 'close') as Promise<[number, Buffer]>
  a.endWith(4002, 'x'.repeat(500))
  const [code, reason] = await closed
  expect([code, reason.length]).toEqual([4002, 123])
})

test('a text message ends the connection', async () => {
  const { client, b } = await aWebSocketPair()
  b.resume()
  const failed = once(b, 'error')
  const closed = once(client, 'close')
  client.send('hello')
  await expect(failed).resolves.toMatchObject([
    { message: expect.stringContaining('text') as string },
  ])
  await closed
})
