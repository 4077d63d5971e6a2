/** Connections of people to ports of their apps: through the REST API, over a link, to the host's end. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { defaultSettings, PorpulsionError } from '@porpulsion/contract'
import { describe, expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { WEB_SOCKET_PING_MS, WEB_SOCKET_RECHECK_MS } from '../src/http/limits.ts'
import { duplexPair } from './support/duplex-pair.ts'
import { aForwardPair, anApp } from './support/forward-pair.ts'

const off = { tunnels: { ...defaultSettings.tunnels, mode: 'off' as const } }
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function anOpenOne() {
  const app = await anApp()
  const pair = await aForwardPair(app.dial)
  const forwarded = pair.open(await pair.as('operator'))
  const [socket] = await Promise.all([app.accepted(), once(forwarded.socket, 'open')])
  return { ...pair, app, forwarded, socket }
}

/** Status, code and words of the answer before the upgrade. */
async function refusalOf(socket: WebSocket): Promise<Record<string, unknown>> {
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    AsyncIterable<Buffer>,
  ]
  let body = ''
  for await (const chunk of response) body += chunk.toString()
  return JSON.parse(body) as Record<string, unknown>
}

/** What `write` has been taken of, once nothing more is. */
async function takenWhileNobodyReads(write: () => number): Promise<number> {
  let taken = 0
  for (let quiet = 0; quiet < 300; quiet++) {
    const more = write()
    taken += more
    if (more > 0) quiet = 0
    await new Promise((resolve) => setImmediate(resolve))
  }
  return taken
}

describe('a connection to a port of an app at a peer', () => {
  test('carries bytes there and back, and each end on its own', async () => {
    const { forwarded, socket } = await anOpenOne()
    const sent = randomBytes(3_000_000)
    const arrived: Buffer[] = []
    socket.on('data', (chunk: Buffer) => arrived.push(chunk))
    for (let at = 0; at < sent.length; at += 65_536)
      forwarded.socket.send(sent.subarray(at, at + 65_536))
    forwarded.end()
    await once(socket, 'end')
    expect(sha256(Buffer.concat(arrived))).toBe(sha256(sent))
    // Our direction has ended; the other has not.
    socket.end(sent)
    expect(sha256(await forwarded.received)).toBe(sha256(sent))
    expect(await forwarded.closed).toEqual([1000, ''])
  })

  test('goes on in our direction when the app has said all', async () => {
    const { forwarded, socket } = await anOpenOne()
    socket.end('bye')
    expect((await forwarded.received).toString()).toBe('bye')
    forwarded.socket.send(Buffer.from('still here'))
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    expect(chunk.toString()).toBe('still here')
    forwarded.end()
    expect(await forwarded.closed).toEqual([1000, ''])
  })

  test('that the app resets is reset, with the code', async () => {
    const { forwarded, socket } = await anOpenOne()
    socket.resetAndDestroy()
    expect(await forwarded.closed).toEqual([4000, 'PortUnreachable'])
  })

  test('that its client drops is reset at the app, which must not take it for finished', async () => {
    const { forwarded, socket } = await anOpenOne()
    const reset = once(socket.resume(), 'error')
    forwarded.socket.terminate()
    expect(await reset).toMatchObject([{ code: 'ECONNRESET' }])
  })

  test('breaks with the link, and says so', async () => {
    const { forwarded, host } = await anOpenOne()
    await host.stop()
    expect(await forwarded.closed).toEqual([4000, 'LinkDown'])
  })

  test('that breaks in the moment it is made is a reset, and takes nobody along', async () => {
    const { open, as } = await aForwardPair(() => {
      const [stream] = duplexPair()
      const broken = new PorpulsionError('Unavailable', 'PortUnreachable', 'gone')
      queueMicrotask(() => stream.destroy(broken))
      return Promise.resolve(stream)
    })
    const { socket, closed } = open(await as('operator'))
    const refused = once(socket, 'unexpected-response').then(() => 'refused')
    const reset = closed.then(([code]) => code)
    expect([4000, 'refused']).toContain(await Promise.race([refused, reset]))
  })

  test('finds its port by name, or takes the first', async () => {
    const app = await anApp()
    const { open, as, audited } = await aForwardPair(app.dial)
    const headers = await as('operator')
    for (const query of ['port=admin', '']) await once(open(headers, query).socket, 'open')
    expect(audited).toMatchObject([
      {
        actor: 'token/operator-1',
        action: 'connectRemoteApp',
        about: 'remoteapp/porpulsion,web:9090',
        outcome: 'done',
      },
      { about: 'remoteapp/porpulsion,web:8080' },
    ])
  })

  test('to a port the app has not is refused with those it has', async () => {
    const { open, as } = await aForwardPair(() => Promise.reject(new Error('not asked')))
    const { socket } = open(await as('operator'), 'port=22')
    expect(await refusalOf(socket)).toMatchObject({
      code: 'PortNotFound',
      detail: 'App "web" has no TCP port 22: it has http (8080), admin (9090)',
    })
  })

  test('with a client that reads nothing stops the app, not our memory', async () => {
    const { forwarded, socket } = await anOpenOne()
    forwarded.socket.pause()
    const block = Buffer.alloc(256 * 1024)
    const taken = await takenWhileNobodyReads(() => {
      if (socket.writableNeedDrain) return 0
      socket.write(block)
      return block.length
    })
    // 256 KiB at the agent and a stream's window between agents; the rest lies in buffers of four kernel sockets.
    expect(taken).toBeLessThan(32 * 1024 * 1024)
    forwarded.socket.resume()
    await once(socket, 'drain')
  })

  test('with an app that reads nothing stops the client', async () => {
    const { forwarded, socket } = await anOpenOne()
    socket.pause()
    const block = Buffer.alloc(64 * 1024)
    const taken = await takenWhileNobodyReads(() => {
      if (forwarded.socket.bufferedAmount > 0) return 0
      forwarded.socket.send(block)
      return block.length
    })
    expect(taken).toBeLessThan(32 * 1024 * 1024)
    const drained = vi.waitFor(() => expect(forwarded.socket.bufferedAmount).toBe(0))
    socket.resume()
    await drained
  })

  test('is taken for gone when nothing at all is heard between two pings, and only then', async () => {
    const { forwarded, socket, clock } = await anOpenOne()
    forwarded.socket.pong = () => undefined
    for (let i = 0; i < 3; i++) {
      await clock.advance(WEB_SOCKET_PING_MS)
      // It does not answer, but it sends.
      forwarded.socket.send(Buffer.from('x'))
      await once(socket, 'data')
    }
    const reset = once(socket, 'error')
    await clock.advance(WEB_SOCKET_PING_MS)
    await clock.advance(WEB_SOCKET_PING_MS)
    await reset
  })
})

describe('who may not', () => {
  test.each([
    ['a viewer', { role: 'viewer' as const, headers: {} }, 'RoleTooLow'],
    [
      'a page of another origin',
      { role: 'operator' as const, headers: { origin: 'http://evil.example' } },
      'OriginNotAllowed',
    ],
  ])('%s gets no connection', async (_who, { role, headers }, code) => {
    const dial = vi.fn(() => Promise.reject(new Error('not asked')))
    const { open, as, sessionCookie } = await aForwardPair(dial)
    const identity = role === 'viewer' ? await as(role) : { cookie: await sessionCookie() }
    const { socket } = open({ ...identity, ...headers })
    expect(await refusalOf(socket)).toMatchObject({ status: 403, code })
    expect(dial).not.toHaveBeenCalled()
  })

  test('whose token is revoked loses what is open, within a second', async () => {
    const { forwarded, access, clock, socket } = await anOpenOne()
    await access.tokens.revoke('operator-1')
    const reset = once(socket.resume(), 'error')
    await clock.advance(WEB_SOCKET_RECHECK_MS)
    expect(await forwarded.closed).toEqual([1008, 'TokenInvalid'])
    expect(await reset).toMatchObject([{ code: 'ECONNRESET' }])
  })
})

describe('the owner of the host', () => {
  test('switches tunnels off: none is opened, and the open one is cut at once', async () => {
    const { forwarded, changeSettings, open, as, socket } = await anOpenOne()
    const ended = once(socket.resume(), 'end')
    changeSettings(off)
    expect(await forwarded.closed).toEqual([4000, 'TunnelsOff'])
    await ended
    const { socket: again } = open(await as('operator'))
    expect(await refusalOf(again)).toMatchObject({
      code: 'TunnelsOff',
      detail: expect.stringContaining('Peer "b" says') as string,
    })
    changeSettings({ tunnels: defaultSettings.tunnels })
    await once(open(await as('operator')).socket, 'open')
  })

  test('is asked where tunnels need approval', async () => {
    const { open, as, changeSettings } = await aForwardPair(() =>
      Promise.reject(new Error('not asked')),
    )
    changeSettings({ tunnels: { ...defaultSettings.tunnels, mode: 'approval' } })
    expect(await refusalOf(open(await as('operator')).socket)).toMatchObject({
      status: 403,
      code: 'ApprovalPending',
    })
  })

  test.each([
    ['runs no such app', () => undefined, 'AppNotFound'],
    ['runs it for somebody else', 'other' as const, 'AppNotFound'],
    ['knows it without that port', 'portless' as const, 'PortNotFound'],
  ])('%s: refused in the words of the host', async (_what, how, code) => {
    const dial = vi.fn(() => Promise.reject(new Error('not asked')))
    const { open, as, hosted } = await aForwardPair(dial)
    const { record } = hosted
    if (record === undefined) throw new Error('The host has a record')
    if (how === 'other') hosted.record = { ...record, peerFingerprint: 'c'.repeat(64) }
    else if (how === 'portless') hosted.record = { ...record, ports: [] }
    else hosted.record = undefined
    const { socket } = open(await as('operator'))
    expect(await refusalOf(socket)).toMatchObject({ code })
    expect(dial).not.toHaveBeenCalled()
  })
})
