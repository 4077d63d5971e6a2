import { once } from 'node:events'
import { PassThrough, type Duplex } from 'node:stream'
import {
  decodeExecMessage,
  ExecChannel,
  execSubprotocol,
  PorpulsionError,
  readExecStatus,
  type Role,
} from '@porpulsion/contract'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { aDashboard, type TestDashboard } from '../../test/support/dashboard.ts'
import {
  MAX_TERMINALS,
  MAX_TERMINALS_PER_USER,
  WEB_SOCKET_PING_MS,
  RIGHTS_RECHECK_MS,
} from './limits.ts'

const path = '/api/remoteapp/web/exec?command=sh&command=-c&command=echo+hi&tty=true'

interface Terminals extends TestDashboard {
  /** What handlers made, in order. */
  readonly made: Duplex[]
  /** What they were asked. */
  readonly asked: unknown[]
  readonly connect: (headers: Record<string, string>, url?: string) => WebSocket
  readonly as: (role: Role) => Promise<Record<string, string>>
}

/** A dashboard whose commands give back what they are sent. */
async function terminals(
  refusal?: PorpulsionError,
  make: (echo: Duplex) => Promise<Duplex> = (echo) => Promise.resolve(echo),
): Promise<Terminals> {
  const made: Duplex[] = []
  const asked: unknown[] = []
  const dashboard = await aDashboard({
    listen: true,
    handlers: {
      execRemoteApp: ({ params, query, note }) => {
        asked.push({ ...params, ...query })
        note({ about: 'remoteapp/porpulsion,web sh' })
        if (refusal !== undefined) return Promise.reject(refusal)
        const echo = new PassThrough({ objectMode: true, highWaterMark: 2 })
        made.push(echo)
        return make(echo)
      },
    },
  })
  const port = dashboard.server.port()
  return {
    ...dashboard,
    made,
    asked,
    as: async (role) => ({ authorization: `Bearer ${await dashboard.tokenOf(role)}` }),
    connect(headers, url = path) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${url}`, execSubprotocol, { headers })
      socket.on('error', () => undefined)
      onTestFinished(() => socket.terminate())
      return socket
    },
  }
}

/** Status and code of the answer before the upgrade. */
async function refused(socket: WebSocket): Promise<[number | undefined, unknown]> {
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    AsyncIterable<Buffer> & { statusCode?: number },
  ]
  let body = ''
  for await (const chunk of response) body += chunk.toString()
  return [response.statusCode, (JSON.parse(body) as { code: unknown }).code]
}

const closed = async (socket: WebSocket): Promise<[number, string]> => {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return [code, reason.toString()]
}

test('messages go both ways, as they are', async () => {
  const { connect, as, asked } = await terminals()
  const socket = connect(await as('operator'))
  await once(socket, 'open')
  socket.send(Buffer.from([0, 1, 2, 255]))
  const [message] = (await once(socket, 'message')) as [Buffer]
  expect([...message]).toEqual([0, 1, 2, 255])
  expect(asked).toEqual([{ id: 'web', command: ['sh', '-c', 'echo hi'], tty: true }])
})

test('a command of one word is a command', async () => {
  const { connect, as, asked } = await terminals()
  await once(connect(await as('operator'), '/api/remoteapp/web/exec?command=env'), 'open')
  expect(asked).toEqual([{ id: 'web', command: ['env'] }])
})

test('the end of the messages closes the WebSocket, after all of them', async () => {
  const { connect, as, made } = await terminals()
  const socket = connect(await as('operator'))
  const messages: Buffer[] = []
  socket.on('message', (message: Buffer) => messages.push(message))
  await once(socket, 'open')
  for (let i = 0; i < 100; i++) made[0]?.write(Buffer.alloc(1_000, i))
  made[0]?.end()
  expect(await closed(socket)).toEqual([1000, ''])
  expect(messages).toHaveLength(100)
})

test('who goes away takes the command along', async () => {
  const { connect, as, made } = await terminals()
  const socket = connect(await as('operator'))
  await once(socket, 'open')
  const gone = once(made[0]!, 'close')
  socket.terminate()
  await gone
})

test('a refusal is a problem document, before the upgrade', async () => {
  const { connect, as } = await terminals(
    new PorpulsionError('Unavailable', 'LinkDown', 'The link is down'),
  )
  expect(await refused(connect(await as('operator')))).toEqual([503, 'LinkDown'])
})

test('who asks for it reads a refusal inside the WebSocket, and the audit trail has it all the same', async () => {
  const refusal = new PorpulsionError('Unavailable', 'LinkDown', 'The link is down')
  const { connect, as, audited } = await terminals(refusal)
  const socket = connect(await as('operator'), `${path}&refusals=inside`)
  const [message] = (await once(socket, 'message')) as [Buffer]
  expect(decodeExecMessage(message)?.channel).toBe(ExecChannel.Status)
  expect(readExecStatus(message.subarray(1))).toMatchObject({ code: 'LinkDown' })
  expect(await closed(socket)).toEqual([1000, ''])
  expect(audited).toMatchObject([{ outcome: 'failed', reason: 'LinkDown' }])
})

test('who may not at all is refused before the upgrade, however they ask', async () => {
  const { connect, as } = await terminals()
  const socket = connect(await as('viewer'), `${path}&refusals=inside`)
  expect(await refused(socket)).toEqual([403, 'RoleTooLow'])
})

test.each([
  ['nobody', {}, 401, 'NotSignedIn'],
  ['a wrong token', { authorization: 'Bearer porp_wrong' }, 401, 'TokenInvalid'],
])('%s gets nothing', async (_who, headers, status, code) => {
  const { connect, made } = await terminals()
  expect(await refused(connect(headers))).toEqual([status, code])
  expect(made).toEqual([])
})

test('a viewer may not, and that is in the audit trail', async () => {
  const { connect, as, audited } = await terminals()
  expect(await refused(connect(await as('viewer')))).toEqual([403, 'RoleTooLow'])
  expect(audited).toMatchObject([
    { actor: 'token/viewer-1', action: 'execRemoteApp', outcome: 'refused', reason: 'RoleTooLow' },
  ])
})

test('who ran what is in the audit trail', async () => {
  const { connect, as, audited } = await terminals()
  await once(connect(await as('operator')), 'open')
  expect(audited).toEqual([
    {
      actor: 'token/operator-1',
      action: 'execRemoteApp',
      about: 'remoteapp/porpulsion,web sh',
      outcome: 'done',
      from: '127.0.0.1',
    },
  ])
})

test.each([
  { origin: 'http://evil.example' },
  { origin: 'http://8080--web--porpulsion.localhost:8000' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
])('a page of another origin gets no terminal: %s', async (foreign) => {
  const { connect, sessionCookie, made } = await terminals()
  const cookie = await sessionCookie()
  expect(await refused(connect({ cookie, ...foreign }))).toEqual([403, 'OriginNotAllowed'])
  expect(made).toEqual([])
})

test('our own page gets one with its session', async () => {
  const { connect, sessionCookie, server } = await terminals()
  const origin = `http://127.0.0.1:${server.port()}`
  const socket = connect({ cookie: await sessionCookie(), origin })
  await once(socket, 'open')
  expect(socket.protocol).toBe(execSubprotocol)
})

test('a session that ends ends its terminals', async () => {
  const { connect, sessionCookie, access, clock, made } = await terminals()
  const socket = connect({ cookie: await sessionCookie() })
  await once(socket, 'open')
  await access.sessions.endWhere(() => true)
  const end = closed(socket)
  await clock.advance(RIGHTS_RECHECK_MS)
  expect(made[0]?.destroyed).toBe(true)
  expect(await end).toEqual([1008, 'NotSignedIn'])
})

test('a token that is revoked ends its terminals', async () => {
  const { connect, as, access, clock } = await terminals()
  const socket = connect(await as('operator'))
  await once(socket, 'open')
  await access.tokens.revoke('operator-1')
  const end = closed(socket)
  await clock.advance(RIGHTS_RECHECK_MS)
  expect(await end).toEqual([1008, 'TokenInvalid'])
})

test('a client that does not answer pings is taken for gone', async () => {
  const { connect, as, clock, made } = await terminals()
  const socket = connect(await as('operator'))
  socket.pong = () => undefined
  await once(socket, 'open')
  const pinged = once(socket, 'ping')
  await clock.advance(WEB_SOCKET_PING_MS)
  await pinged
  const gone = once(made[0]!, 'close')
  await clock.advance(WEB_SOCKET_PING_MS)
  await gone
})

test('an ordinary request is told what this endpoint is', async () => {
  const { server, as } = await terminals()
  const headers = { host: 'localhost:8000', ...(await as('operator')) }
  const reply = await server.app.inject({ url: path, headers })
  expect([reply.statusCode, reply.json<{ code: string }>().code]).toEqual([422, 'WebSocketNeeded'])
})

test('text is no message', async () => {
  const { connect, as } = await terminals()
  const socket = connect(await as('operator'))
  await once(socket, 'open')
  socket.send('hello')
  expect((await closed(socket))[0]).toBe(1003)
})

test('a message that is too long ends the terminal', async () => {
  const { connect, as } = await terminals()
  const socket = connect(await as('operator'))
  await once(socket, 'open')
  socket.send(Buffer.alloc(70_000))
  expect((await closed(socket))[0]).toBe(1009)
})

test('there is a bound on terminals', async () => {
  const { connect, as } = await terminals()
  for (let left = MAX_TERMINALS; left > 0; left -= MAX_TERMINALS_PER_USER) {
    const headers = await as('operator')
    const openOne = (): Promise<unknown> => once(connect(headers), 'open')
    await Promise.all(Array.from({ length: MAX_TERMINALS_PER_USER }, openOne))
  }
  expect(await refused(connect(await as('operator')))).toEqual([429, 'TooManyStreams'])
})

test('one user has a share of them at most, with whatever tokens, while they are made as well', async () => {
  const { connect, as, access, asked } = await terminals(
    undefined,
    () => new Promise(() => undefined),
  )
  const { id, name } = await access.users.create({ name: 'bob', role: 'operator' })
  const tokenOf = (token: string): Promise<{ token: string }> =>
    access.tokens.create({ name: token, role: 'operator' }, { id, name })
  const tokens = [await tokenOf('one'), await tokenOf('two')]
  const answers: unknown[] = []
  const ignored = (): void => undefined
  for (let i = 0; i < MAX_TERMINALS_PER_USER + 10; i++) {
    const socket = connect({ authorization: `Bearer ${tokens[i % 2]!.token}` })
    refused(socket).then((answer) => answers.push(answer), ignored)
  }
  await vi.waitFor(() => expect(answers).toHaveLength(10), 10_000)
  expect(answers[0]).toEqual([429, 'TooManyStreams'])
  expect(asked).toHaveLength(MAX_TERMINALS_PER_USER)
  connect(await as('operator'))
  await vi.waitFor(() => expect(asked).toHaveLength(MAX_TERMINALS_PER_USER + 1))
})

test('a client that reads nothing stops the command, not our memory', async () => {
  const { connect, as, made } = await terminals()
  const socket = connect(await as('operator'))
  await once(socket, 'open')
  socket.pause()
  const [command] = made
  let written = 0
  // Until it stays full: the kernel takes some megabytes.
  for (let quiet = 0; quiet < 50; quiet++) {
    while (command?.write(Buffer.alloc(60_000)) === true) {
      written += 60_000
      quiet = 0
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(written).toBeLessThan(32 * 1024 * 1024)
  expect(command?.destroyed).toBe(false)
})
