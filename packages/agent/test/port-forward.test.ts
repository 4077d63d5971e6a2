/** Connections of people to ports of their apps: through the REST API, over a link, to the host's end. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { defaultSettings, PorpulsionError } from '@porpulsion/contract'
import { describe, expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { WEB_SOCKET_PING_MS, RIGHTS_RECHECK_MS } from '../src/http/limits.ts'
import { duplexPair } from './support/duplex-pair.ts'
import { aForwardPair, anApp } from './support/forward-pair.ts'

const off = { tunnels: { ...defaultSettings.tunnels, mode: 'off' as const } }
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function anOpenOne() {
  const app = await anApp()
  const pair = await aForwardPair(app.dial)
  const forwarded = pair.open(await pair.as('operator'))
  const [socket, connection] = await Promise.all([app.accepted(), forwarded.connect()])
  return { ...pair, app, forwarded, connection, socket }
}

/** All bytes until the other side ended its direction. */
async function received(connection: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  connection.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(connection, 'end')
  return Buffer.concat(chunks)
}

const ended = (connection: Readable): Promise<unknown> =>
  new Promise((resolve) => {
    connection.resume().once('error', ({ message }) => resolve(message))
  })

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

/** How many bytes `writer` has taken, once it takes no more. */
async function takenWhileNobodyReads(writer: Writable): Promise<number> {
  const block = Buffer.alloc(256 * 1024)
  let taken = 0
  for (let quiet = 0; quiet < 300; quiet++) {
    if (!writer.writableNeedDrain) {
      writer.write(block)
      taken += block.length
      quiet = 0
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return taken
}

describe('a connection to a port of an app at a peer', () => {
  test('carries bytes there and back, and each end on its own', async () => {
    const { connection, socket } = await anOpenOne()
    const sent = randomBytes(3_000_000)
    const arrived = received(socket)
    connection.end(sent)
    expect(sha256(await arrived)).toBe(sha256(sent))
    // Our direction has ended; the other has not.
    socket.end(sent)
    expect(sha256(await received(connection))).toBe(sha256(sent))
  })

  test('goes on in our direction when the app has said all', async () => {
    const { connection, socket } = await anOpenOne()
    socket.end('bye')
    expect((await received(connection)).toString()).toBe('bye')
    connection.write('still here')
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    expect(chunk.toString()).toBe('still here')
    connection.end()
    await once(socket, 'end')
  })

  test('that the app resets is reset, with the code, and the others go on', async () => {
    const { connection, socket, app, forwarded } = await anOpenOne()
    const [other, otherConnection] = await Promise.all([app.accepted(), forwarded.connect()])
    const end = ended(connection)
    socket.resetAndDestroy()
    expect(await end).toContain('PortUnreachable')
    other.end('here')
    expect((await received(otherConnection)).toString()).toBe('here')
  })

  test('that its client drops is reset at the app, which must not take it for finished', async () => {
    const { forwarded, socket } = await anOpenOne()
    const reset = once(socket.resume(), 'error')
    forwarded.socket.terminate()
    expect(await reset).toMatchObject([{ code: 'ECONNRESET' }])
  })

  test('that its client resets is reset at the app', async () => {
    const { connection, socket } = await anOpenOne()
    const reset = once(socket.resume(), 'error')
    connection.on('error', () => undefined)
    connection.destroy(new PorpulsionError('Aborted', 'RequestAborted', 'gone'))
    expect(await reset).toMatchObject([{ code: 'ECONNRESET' }])
  })

  test('breaks with the link, and says so; the forwarded port stays', async () => {
    const { connection, forwarded, host } = await anOpenOne()
    const end = ended(connection)
    await host.stop()
    expect(await end).toContain('LinkDown')
    await expect(forwarded.connect()).rejects.toThrow('LinkDown')
  })

  test('that breaks in the moment it is made is a reset, and takes nobody along', async () => {
    const { open, as } = await aForwardPair(() => {
      const [stream] = duplexPair()
      const broken = new PorpulsionError('Unavailable', 'PortUnreachable', 'gone')
      queueMicrotask(() => stream.destroy(broken))
      return Promise.resolve(stream)
    })
    const made = open(await as('operator'))
      .connect()
      .then(ended)
      .catch(String)
    expect(await made).toContain('PortUnreachable')
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

  test('with a client that reads nothing stops the app, not our memory, nor its other connections', async () => {
    const { app, forwarded, connection, socket } = await anOpenOne()
    const taken = await takenWhileNobodyReads(socket)
    // A stream's window each in the session and in the link; the rest lies in buffers of kernel sockets.
    expect(taken).toBeLessThan(32 * 1024 * 1024)
    const drained = once(socket, 'drain')
    const [other, otherConnection] = await Promise.all([app.accepted(), forwarded.connect()])
    other.end('here')
    expect((await received(otherConnection)).toString()).toBe('here')
    connection.resume()
    await drained
  })

  test('with a client that reads nothing of its WebSocket stops the app', async () => {
    const { forwarded, socket } = await anOpenOne()
    forwarded.socket.pause()
    const taken = await takenWhileNobodyReads(socket)
    expect(taken).toBeLessThan(32 * 1024 * 1024)
  })

  test('with an app that reads nothing stops the client', async () => {
    const { connection, socket } = await anOpenOne()
    socket.pause()
    const taken = await takenWhileNobodyReads(connection)
    expect(taken).toBeLessThan(32 * 1024 * 1024)
    const drained = once(connection, 'drain')
    socket.resume()
    await drained
  })

  test('is taken for gone when nothing at all is heard between two pings, and only then', async () => {
    const { forwarded, connection, socket, clock } = await anOpenOne()
    forwarded.socket.pong = () => undefined
    for (let i = 0; i < 3; i++) {
      await clock.advance(WEB_SOCKET_PING_MS)
      // It does not answer, but it sends.
      connection.write('x')
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
    await clock.advance(RIGHTS_RECHECK_MS)
    expect(await forwarded.closed).toEqual([1008, 'TokenInvalid'])
    expect(await reset).toMatchObject([{ code: 'ECONNRESET' }])
  })
})

describe('the owner of the host', () => {
  test('switches tunnels off: none is opened, and the open one is cut at once', async () => {
    const { forwarded, connection, changeSettings, socket } = await anOpenOne()
    // Not the end of what was sent, which is what FIN would be.
    const gone = once(socket.resume(), 'error')
    const end = ended(connection)
    changeSettings(off)
    expect(await end).toContain('TunnelsOff')
    expect((await gone)[0]).toMatchObject({ code: 'ECONNRESET' })
    await expect(forwarded.connect()).rejects.toThrow(/^TunnelsOff Peer "b" says/)
    changeSettings({ tunnels: defaultSettings.tunnels })
    await forwarded.connect()
  })

  test('deletes the app: what is open to it is reset at both ends, though its pod lives', async () => {
    const { connection, removeApp, socket } = await anOpenOne()
    const gone = once(socket.resume(), 'error')
    const end = ended(connection)
    removeApp()
    expect(await end).toContain('AppNotFound')
    expect((await gone)[0]).toMatchObject({ code: 'ECONNRESET' })
  })

  test('is asked where tunnels need approval', async () => {
    const { open, as, changeSettings } = await aForwardPair(() =>
      Promise.reject(new Error('not asked')),
    )
    changeSettings({ tunnels: { ...defaultSettings.tunnels, mode: 'approval' } })
    await expect(open(await as('operator')).connect()).rejects.toThrow('ApprovalPending')
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
    await expect(open(await as('operator')).connect()).rejects.toThrow(code)
    expect(dial).not.toHaveBeenCalled()
  })
})
