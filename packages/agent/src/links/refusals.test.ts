/** What must fail, each as an attacker would try it. docs/security.md refers to these tests by name. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { anIdentity } from '../../test/support/identities.ts'
import { claiming, prove, signing, upgrade } from '../../test/support/impersonation.ts'
import { knownAs } from '../../test/support/memory-directory.ts'
import {
  aSocketAgent,
  acquaint,
  connected,
  link,
  whenLink,
} from '../../test/support/socket-agents.ts'
import { aTcpProxy } from '../../test/support/tcp-proxy.ts'
import type { Identity } from '../peers/index.ts'

const signal = new AbortController().signal

/** `b` knows `a`, who has not dialled yet; a thief may know everything about `a` that is public. */
async function aHost() {
  const a = await anIdentity('a')
  const b = await aSocketAgent('b')
  b.directory.put(knownAs('a', a))
  b.links.start()
  return { a, b }
}

test('the right CA certificate without its key gets nobody in', async () => {
  const { a, b } = await aHost()
  const thief = await anIdentity('a')
  const forger: Identity = { ...thief, fingerprint: a.fingerprint }
  expect(await prove(b, a, await forger.issueLeaf())).toBe(4001)
  expect(b.links.view(a.fingerprint).state).not.toBe('Connected')
})

test('an X-Agent-Ca header that somebody injected opens nothing for another agent', async () => {
  const { a, b } = await aHost()
  const other = await anIdentity('other')
  b.directory.put(knownAs('other', other))
  expect(await prove(b, a, await other.issueLeaf())).toBe(4001)
  expect(b.links.view(a.fingerprint).state).not.toBe('Connected')
  expect(b.links.view(other.fingerprint).state).not.toBe('Connected')
})

test('a handshake that was recorded and is played again opens nothing', async () => {
  const [a, b] = await Promise.all([aSocketAgent('a'), aSocketAgent('b')])
  const proxy = await aTcpProxy(b.port)
  await link(a, b, proxy.url)
  const recording = proxy.recorded[0] ?? []
  await a.stop()
  await whenLink(b, a, ({ state }) => state === 'Disconnected')

  const states: string[] = []
  b.links.onChange((_fingerprint, { state }) => states.push(state))
  const replay = connect({ port: b.port, host: '127.0.0.1' })
  const closed = once(replay, 'close')
  replay.on('error', () => undefined)
  replay.resume()
  for (const bytes of recording) replay.write(bytes)
  await closed
  expect(states).not.toContain('Connected')
})

test.each([
  ['no CA', {}],
  ['something that is no certificate', { 'x-agent-ca': 'aGVsbG8=' }],
] as const)('a caller who shows %s is refused before the upgrade', async (_what, headers) => {
  const { b } = await aHost()
  expect(await upgrade(b, headers)).toBe(403)
})

test('an unknown CA is refused before the upgrade', async () => {
  const { b } = await aHost()
  expect(await upgrade(b, claiming(await anIdentity('stranger')))).toBe(403)
})

test('a removed peer loses its session within a second and does not get another', async () => {
  const [a, b] = await Promise.all([aSocketAgent('a'), aSocketAgent('b')])
  await link(a, b)
  const before = performance.now()
  b.directory.remove('a')
  await whenLink(a, b, ({ state }) => state !== 'Connected')
  expect(performance.now() - before).toBeLessThan(1_000)
  expect(a.links.view(b.identity.fingerprint)).toMatchObject({
    message: expect.stringContaining('You were removed as a peer') as string,
    trouble: 'RemovedByPeer',
  })
  expect(await upgrade(b, claiming(a.identity))).toBe(403)
})

test('a removed peer that has frozen loses its session within a second too', async () => {
  const [a, b] = await Promise.all([aSocketAgent('a'), aSocketAgent('b')])
  const proxy = await aTcpProxy(b.port)
  await link(a, b, proxy.url)
  proxy.freeze()
  const [socket] = [...b.sockets]
  const closed = once(socket!, 'close')
  const before = performance.now()
  b.directory.remove('a')
  await closed
  expect(performance.now() - before).toBeLessThan(1_000)
})

test('a man in the middle of plain ws passes bytes on, and understands none', async () => {
  const [a, b] = await Promise.all([aSocketAgent('a'), aSocketAgent('b')])
  const proxy = await aTcpProxy(b.port)
  await link(a, b, proxy.url)
  const { name } = await a.links.call(b.identity.fingerprint, 'getSelf', { signal })
  expect(name).toBe('b')
  const seen = proxy.seen().toString('latin1')
  expect(seen).toContain('porpulsion.v1')
  expect(seen).not.toContain('/v1/self')
  expect(seen).not.toContain('policyRevision')
})

test('a man in the middle who changes a byte ends the session and delivers nothing wrong', async () => {
  const [a, b] = await Promise.all([aSocketAgent('a'), aSocketAgent('b')])
  const proxy = await aTcpProxy(b.port)
  await link(a, b, proxy.url)
  proxy.alter = (bytes, direction) => {
    // The last byte of a frame that is long enough to be no header.
    if (direction === 'toClient' && bytes.length > 64)
      bytes.writeUInt8(bytes.at(-1)! ^ 1, bytes.length - 1)
    return bytes
  }
  await expect(a.links.call(b.identity.fingerprint, 'getSelf', { signal })).rejects.toMatchObject({
    code: 'LinkDown',
  })
  await whenLink(a, b, ({ state }) => state === 'Disconnected')
})

test('an impostor at the address of a peer gets no session, and the operator is told', async () => {
  const [a, impostor] = await Promise.all([aSocketAgent('a'), aSocketAgent('impostor')])
  const b = await anIdentity('b')
  a.directory.put(knownAs('b', b, { url: impostor.url }))
  // It even knows a, and lets everybody in.
  impostor.directory.put(knownAs('a', a.identity))
  impostor.links.start()
  a.links.start()
  await whenLink(a, { identity: b }, ({ state }) => state === 'Disconnected')
  expect(a.links.view(b.fingerprint)).toMatchObject({
    message: expect.stringContaining('not the peer that was added') as string,
    trouble: 'CertificateRefused',
  })
})

test.each([
  ['behind', -3 * 86_400_000, 'behind ours'],
  ['ahead', 3 * 86_400_000, 'ahead of ours'],
] as const)(
  'a peer whose clock is %s is told apart from an impostor: both sides say by how much',
  async (_what, skewMs, words) => {
    const b = await aSocketAgent('b')
    const a = await aSocketAgent('a', { clock: new FakeClock(Date.now() + skewMs) })
    // Dialled by the one whose clock is right, so that it has to judge the other.
    b.directory.put(knownAs('a', a.identity, { url: a.url }))
    a.directory.put(knownAs('b', b.identity))
    a.links.start()
    b.links.start()
    await whenLink(b, a, ({ state }) => state === 'Disconnected')
    const { message } = b.links.view(a.identity.fingerprint)
    expect(message).toContain('The certificate of peer "a"')
    expect(message).toContain(`3 days ${words}`)

    const c = await aSocketAgent('c')
    a.directory.put(knownAs('c', c.identity, { url: c.url }))
    c.directory.put(knownAs('a', a.identity))
    c.links.start()
    await whenLink(a, c, ({ state }) => state === 'Disconnected')
    expect(a.links.view(c.identity.fingerprint).message).toContain('3 days')
  },
)

test('strangers hold at most four handshakes as one peer at one address, and no live session goes for them', async () => {
  const [a, b] = await Promise.all([aSocketAgent('a'), aSocketAgent('b')])
  await link(a, b)
  const answers: (WebSocket | number)[] = []
  for (let i = 0; i < 8; i++) answers.push(await upgrade(b, claiming(a.identity)))
  expect(answers.filter((answer) => answer === 503)).toHaveLength(4)
  const { name } = await a.links.call(b.identity.fingerprint, 'getSelf', { signal })
  expect(name).toBe('b')
})

test('a peer is in although strangers with a copy of its certificate hold all places at its address', async () => {
  const [a, b] = await Promise.all([aSocketAgent('a'), aSocketAgent('b')])
  acquaint(a, b)
  b.links.start()
  for (let i = 0; i < 8; i++) await upgrade(b, claiming(a.identity))
  const states: string[] = []
  a.links.onChange((_fingerprint, { state }) => states.push(state))
  a.links.start()
  await whenLink(a, b, connected)
  expect(states).not.toContain('Disconnected')
})

test('a peer that finds no room waits as long as it is told, and is in when there is room', async () => {
  const [a, b] = await Promise.all([aSocketAgent('a'), aSocketAgent('b')])
  acquaint(a, b)
  b.links.start()
  const hanging: (WebSocket | number)[] = []
  for (let i = 0; i < 4; i++)
    hanging.push(await upgrade(b, signing(a.identity, b.identity.fingerprint, i - 1_000)))
  a.links.start()
  await whenLink(a, b, ({ state }) => state === 'Disconnected')
  expect(a.links.view(b.identity.fingerprint).message).toContain('Too many handshakes')
  const { nextDialMs = 0 } = a.links.facts(b.identity.fingerprint)
  expect(nextDialMs - Date.now()).toBeGreaterThan(1_000)
  expect(nextDialMs - Date.now()).toBeLessThanOrEqual(4_000)
  for (const socket of hanging) if (typeof socket !== 'number') socket.terminate()
  await whenLink(a, b, connected)
})

test('a stranger that only holds its handshake open is sent away after ten seconds', async () => {
  const clock = new FakeClock(Date.now())
  const a = await anIdentity('a')
  const b = await aSocketAgent('b', { clock })
  b.directory.put(knownAs('a', a))
  b.links.start()
  const socket = await upgrade(b, claiming(a))
  if (typeof socket === 'number') throw new Error(`Refused with ${socket}`)
  const closed = once(socket, 'close') as Promise<[number, Buffer]>
  // The upgrade was answered before the host began to wait.
  await clock.whenWaiting(10_000)
  await clock.advance(10_000)
  expect((await closed)[0]).toBe(4003)
})
