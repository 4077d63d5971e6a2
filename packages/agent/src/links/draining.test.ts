/** An agent that stops, and a session that gives way: what is under way may end, over real sockets. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { aSocketAgent, link, whenLink } from '../../test/support/socket-agents.ts'
import { retireEvent } from './index.ts'

const { signal } = new AbortController()
const target = { app: 'web', port: 80 }
const grace = 20_000

/** a dials b; what a opens ends at an echo there. */
async function linkedAgents() {
  const echo = createServer((socket) => {
    // Cut off with its link.
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void echo.close())
  const acceptTcp = async (): Promise<Duplex> => {
    const socket = connect({ port: (echo.address() as AddressInfo).port, allowHalfOpen: true })
    await once(socket, 'connect')
    return socket
  }
  const a = await aSocketAgent('a')
  const b = await aSocketAgent('b', { acceptTcp })
  await link(a, b)
  return { a, b }
}

async function echoed(stream: Duplex, text: string): Promise<string> {
  stream.write(text)
  const [bytes] = (await once(stream, 'data')) as [Buffer]
  return bytes.toString()
}

test.each(['a', 'b'] as const)(
  'when %s stops, a stream that is open goes on until it ends, and then the session is over',
  async (who) => {
    const agents = await linkedAgents()
    const { a, b } = agents
    const stream = await a.links.openTcp(b.identity.fingerprint, target, signal)
    const drained = agents[who].links.drain(grace)
    expect(await echoed(stream, 'still here')).toBe('still here')
    stream.end()
    stream.resume()
    await drained
    await agents[who].links.stop()
    await expect.poll(() => b.sockets.size).toBe(0)
  },
)

test('a stream that does not end is given its time, and no more', async () => {
  const { a, b } = await linkedAgents()
  const stream = await a.links.openTcp(b.identity.fingerprint, target, signal)
  const cut = expect(once(stream, 'data')).rejects.toMatchObject({ code: 'LinkDown' })
  await b.links.drain(50)
  expect(stream.destroyed).toBe(false)
  await b.links.stop()
  await cut
})

test('while a peer stops, new streams are refused with when to come back', async () => {
  const { a, b } = await linkedAgents()
  const stream = await a.links.openTcp(b.identity.fingerprint, target, signal)
  const drained = b.links.drain(grace)
  await whenLink(a, b, ({ state }) => state === 'Disconnected')
  const refused = { code: 'LinkDown', kind: 'Unavailable', retryAfterSeconds: 2 }
  const { fingerprint } = b.identity
  await expect(a.links.openTcp(fingerprint, target, signal)).rejects.toMatchObject(refused)
  await expect(b.links.openTcp(a.identity.fingerprint, target, signal)).rejects.toMatchObject({
    ...refused,
    message: 'The link to peer "a" is down: this agent is stopping',
  })
  expect(a.links.view(fingerprint).message).toBe('The peer takes no new work: "The agent stops"')
  stream.destroy()
  await drained
})

test('whoever pools streams is told to use them no more when their session drains', async () => {
  const { a, b } = await linkedAgents()
  const stream = await a.links.openTcp(b.identity.fingerprint, target, signal)
  const told = once(stream, retireEvent)
  const drained = b.links.drain(grace)
  await told
  stream.destroy()
  await drained
})
