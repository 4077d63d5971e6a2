import {
  connect as netConnect,
  createServer as createNetServer,
  type AddressInfo,
  type Socket,
} from 'node:net'
import { PorpulsionError } from '@porpulsion/contract'
import { expect, onTestFinished, test } from 'vitest'
import { aSocketAgent, acquaint, connected, whenLink } from '../../test/support/socket-agents.ts'

const signal = new AbortController().signal

/** Two agents that know each other; only `b` can be dialled. */
async function aPair(options: Parameters<typeof aSocketAgent>[1] = {}) {
  const [a, b] = await Promise.all([aSocketAgent('a'), aSocketAgent('b', options)])
  acquaint(a, b)
  a.links.start()
  b.links.start()
  return { a, b }
}

test('a dialled peer is connected on both sides, and requests go both ways', async () => {
  const { a, b } = await aPair()
  await Promise.all([whenLink(a, b, connected), whenLink(b, a, connected)])
  expect(a.links.view(b.identity.fingerprint)).toMatchObject({
    direction: 'outbound',
    transport: 'ws',
    remoteName: 'b',
    agentVersion: '0.1.0',
    confirmedByPeer: true,
  })
  expect(b.links.view(a.identity.fingerprint)).toMatchObject({ direction: 'inbound' })
  const fromB = await a.links.call(b.identity.fingerprint, 'getSelf', { signal })
  const fromA = await b.links.call(a.identity.fingerprint, 'getSelf', { signal })
  expect([fromB.name, fromA.name]).toEqual(['b', 'a'])
})

test('bytes of a tcp stream arrive as they were sent, and each direction closes on its own', async () => {
  const echo = createNetServer({ allowHalfOpen: true }, (socket) => {
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    // Answers only once the other side has closed its direction.
    socket.on('end', () => socket.end(Buffer.concat(chunks)))
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void echo.close())
  const { port } = echo.address() as AddressInfo
  const { a, b } = await aPair({
    acceptTcp: () =>
      new Promise<Socket>((resolve) => {
        const socket = netConnect({ port, host: '127.0.0.1', allowHalfOpen: true }, () =>
          resolve(socket),
        )
      }),
  })
  await whenLink(a, b, connected)
  const duplex = await a.links.openTcp(b.identity.fingerprint, { app: 'uid', port: 80 }, signal)
  const sent = Buffer.alloc(9 * 1024 * 1024, 'porpulsion ')
  duplex.end(sent)
  const got: Buffer[] = []
  for await (const chunk of duplex as AsyncIterable<Buffer>) got.push(chunk)
  expect(Buffer.concat(got).equals(sent)).toBe(true)
})

test("a refused tcp stream rejects with the host's code, its words quoted", async () => {
  const { a, b } = await aPair({
    acceptTcp: () =>
      Promise.reject(new PorpulsionError('NotFound', 'PortNotFound', 'The app has no port 81')),
  })
  await whenLink(a, b, connected)
  await expect(
    a.links.openTcp(b.identity.fingerprint, { app: 'uid', port: 81 }, signal),
  ).rejects.toMatchObject({
    kind: 'NotFound',
    code: 'PortNotFound',
    message: 'Peer "b" says: "The app has no port 81"',
  })
})
