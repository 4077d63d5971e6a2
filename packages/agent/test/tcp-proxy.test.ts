/** What other tests rely on when they say that a path is slow, silent or gone. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { PathShape } from '../../../e2e/support/fault-proxy.ts'
import { aTcpProxy } from './support/tcp-proxy.ts'

/** A client at one end of the proxy, and what it reaches at the other. */
async function aPath(shape: Partial<PathShape> = {}) {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const proxy = await aTcpProxy((server.address() as AddressInfo).port, shape)
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const client = connect({ port: proxy.port, host: '127.0.0.1' })
  const [target] = await accepted
  for (const end of [client, target]) {
    end.on('error', () => undefined)
    onTestFinished(() => void end.destroy())
  }
  return { proxy, client, target }
}

async function received(end: Socket, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  for (let sum = 0; sum < bytes;) {
    const [part] = (await once(end, 'data')) as [Buffer]
    parts.push(part)
    sum += part.length
  }
  return Buffer.concat(parts)
}

test('passes bytes on in order, both ways, and the end of each direction', async () => {
  const { client, target } = await aPath()
  const sent = Buffer.alloc(300_000, 'porpulsion')
  const there = received(target, sent.length)
  client.end(sent)
  expect((await there).equals(sent)).toBe(true)
  await once(target, 'end')
  const back = received(client, 2)
  target.end('ok')
  expect((await back).toString()).toBe('ok')
})

test('is as long and as narrow as it is told to be', async () => {
  // 250 KB at a megabyte per second, and 50 ms.
  const { client, target } = await aPath({ delayMs: 50, bytesPerSecond: 1_000_000 })
  const begunAt = performance.now()
  const there = received(target, 250_000)
  client.write(Buffer.alloc(250_000))
  await there
  const tookMs = performance.now() - begunAt
  expect(tookMs).toBeGreaterThan(290)
  expect(tookMs).toBeLessThan(1_500)
})

test('takes no more than its buffer and what is under way from a sender that is faster', async () => {
  const { client } = await aPath({ bytesPerSecond: 10_000, bufferBytes: 100_000 })
  const chunk = Buffer.alloc(64 * 1024)
  let written = 0
  while (client.write(chunk) || written < 32 * 1024 * 1024) written += chunk.length
  await new Promise((resolve) => setTimeout(resolve, 100))
  // The rest of the 32 MiB is in the sender's hands still.
  expect(client.writableLength).toBeGreaterThan(16 * 1024 * 1024)
})

test('when frozen passes nothing, not even the end, and goes on as if nothing had been', async () => {
  const { proxy, client, target } = await aPath()
  client.write('a')
  await received(target, 1)
  proxy.freeze()
  const heard: string[] = []
  target.on('data', (bytes: Buffer) => heard.push(bytes.toString()))
  client.write('b')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(heard).toEqual([])
  proxy.thaw()
  await once(target, 'data')
  expect(heard).toEqual(['b'])
})

test('half-open, one end is told and the other is not', async () => {
  const { proxy, client, target } = await aPath()
  client.write('a')
  await received(target, 1)
  // Not `once`: it takes the error that comes before for its own.
  const closed = new Promise((resolve) => client.once('close', resolve))
  let isTargetClosed = false
  target.once('close', () => (isTargetClosed = true))
  proxy.halfOpen('client')
  await closed
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(isTargetClosed).toBe(false)
})

test('reset, both ends hear of it as an error', async () => {
  const { proxy, client, target } = await aPath()
  client.write('a')
  await received(target, 1)
  const failures = Promise.all([once(client, 'error'), once(target, 'error')])
  proxy.reset()
  const codes = (await failures).map(([error]) => (error as NodeJS.ErrnoException).code)
  expect(codes).toEqual(['ECONNRESET', 'ECONNRESET'])
})

test('cut, it refuses whoever comes until it is mended', async () => {
  const { proxy, client } = await aPath()
  const closed = once(client, 'close')
  proxy.cut()
  await closed
  const late = connect({ port: proxy.port, host: '127.0.0.1' })
  late.on('error', () => undefined)
  await once(late, 'close')
  proxy.mend()
  const again = connect({ port: proxy.port, host: '127.0.0.1' })
  onTestFinished(() => void again.destroy())
  await once(again, 'connect')
})
