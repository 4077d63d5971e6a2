/**
 * What two readers could understand in two ways gets to no app, and what an app says that is no HTTP ends with it. The
 * agent survives all of it: a peer's app is foreign.
 */
import { describe, expect, test } from 'vitest'
import { aRawServer, connectRaw } from '../../test/support/raw-end.ts'
import { isWhole } from '../../test/support/fidelity.ts'
import { aTunnel, webHost } from '../../test/support/tunnel.ts'

/** A client with its request sent, and the app it never gets to. */
async function asked(request: (opening: string) => string) {
  const app = await aRawServer()
  const { port, ticket } = await aTunnel({ origin: app.port })
  const client = await connectRaw(port)
  client.send(request(`Host: ${webHost}\r\nX-Porpulsion-Ticket: ${ticket()}\r\n`))
  return { app, client, port, ticket }
}

const smuggled = 'GET /admin HTTP/1.1\r\nHost: inside\r\n\r\n'

describe('a request that could be read in two ways is refused and reaches no app:', () => {
  const refused: readonly (readonly [name: string, status: number, (opening: string) => string])[] =
    [
      ...(
        [
          ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
          ['chunks and a length', 'Transfer-Encoding: chunked\r\nContent-Length: 5'],
          ['two lengths', 'Content-Length: 5\r\nContent-Length: 6'],
          ['one length twice', 'Content-Length: 5\r\nContent-Length: 5'],
          ['two lengths in one header', 'Content-Length: 5, 6'],
          ['a length with a sign', 'Content-Length: +5'],
          ['a length in other digits', 'Content-Length: 0x5'],
          ['a length beyond any', 'Content-Length: 99999999999999999999'],
          ['an unknown coding', 'Transfer-Encoding: xchunked'],
          ['chunks that are not last', 'Transfer-Encoding: chunked, identity'],
          ['a coding before the chunks', 'Transfer-Encoding: gzip, chunked'],
          ['chunks twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'],
          ['chunks behind a tab of another kind', 'Transfer-Encoding:\x0bchunked'],
          ['a space before the colon', 'Transfer-Encoding : chunked'],
          ['a space in a name', 'Transfer Encoding: chunked'],
          ['a folded header', 'X-A: 1\r\n Transfer-Encoding: chunked'],
          ['a folded coding', 'Transfer-Encoding:\r\n chunked'],
          ['a bare line feed', 'X-A: 1\nTransfer-Encoding: chunked'],
          ['a bare carriage return', 'X-A: 1\rTransfer-Encoding: chunked'],
          ['a zero byte', 'X-A: 1\x00'],
          ['a header without a colon', 'X-A'],
          ['a header without a name', ': 1'],
          ['two hosts', 'Host: other'],
        ] as const
      ).map(
        ([name, lines]) =>
          [
            name,
            400,
            (opening: string) => `POST / HTTP/1.1\r\n${opening}${lines}\r\n\r\n${smuggled}`,
          ] as const,
      ),
      ['no host', 400, () => 'GET / HTTP/1.1\r\n\r\n'],
      [
        'another host in its target',
        400,
        (opening) => `GET http://other/ HTTP/1.1\r\n${opening}\r\n`,
      ],
      [
        'chunks in HTTP/1.0',
        400,
        (opening) => `POST / HTTP/1.0\r\n${opening}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      ],
      ['HTTP/0.9', 421, () => 'GET /\r\n\r\n'],
      ['HTTP/1.2', 400, (opening) => `GET / HTTP/1.2\r\n${opening}\r\n`],
      ['HTTP/2 without asking', 400, () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['a method nobody knows', 400, (opening) => `FOO / HTTP/1.1\r\n${opening}\r\n`],
      ['a target with a space', 400, (opening) => `GET /a b HTTP/1.1\r\n${opening}\r\n`],
      ['a target with a line feed', 400, (opening) => `GET /a\nb HTTP/1.1\r\n${opening}\r\n`],
      ['a target that is not ASCII', 400, (opening) => `GET /\xfc HTTP/1.1\r\n${opening}\r\n`],
      ['CONNECT', 400, (opening) => `CONNECT db:5432 HTTP/1.1\r\n${opening}\r\n`],
      [
        'a head past the limit',
        431,
        (opening) => `GET / HTTP/1.1\r\n${opening}X-A: ${'x'.repeat(66_000)}\r\n\r\n`,
      ],
    ]
  test.each(refused)('%s', async (_name, status, request) => {
    const { app, client } = await asked(request)
    await client.parted
    expect(client.received().toString('latin1')).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(app.count()).toBe(0)
  })
})

test.each([
  ['a size that is none', 'xyz\r\nabc\r\n0\r\n\r\n'],
  ['a size with a prefix', '0x3\r\nabc\r\n0\r\n\r\n'],
  ['a negative size', '-3\r\nabc\r\n0\r\n\r\n'],
  ['a size beyond any', 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n'],
  ['a chunk longer than its size', '3\r\nabcdef\r\n0\r\n\r\n'],
  ['a bare line feed behind a chunk', '3\r\nabc\n0\r\n\r\n'],
  ['a bare line feed behind a size', '3\nabc\r\n0\r\n\r\n'],
])('no app takes a body in chunks for whole that has %s', async (_name, body) => {
  const { app, client } = await asked(
    (opening) => `POST / HTTP/1.1\r\n${opening}Transfer-Encoding: chunked\r\n\r\n`,
  )
  const end = await app.accept()
  await end.receives('\r\n\r\n')
  client.send(`2\r\nhi\r\n${body}${smuggled}`)
  await end.parted
  expect(isWhole(end.received(), 'requests')).toBe(false)
  expect(end.received().toString('latin1')).not.toContain('/admin')
})

test('headers beyond any number hide no body', async () => {
  const { app, client } = await asked(
    (opening) =>
      `POST / HTTP/1.1\r\n${opening}${'a:\r\n'.repeat(5_000)}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
  )
  const end = await app.accept()
  await end.until((bytes) => isWhole(bytes, 'requests'))
  end.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  await client.receives('\r\n\r\n')
  expect(
    end
      .received()
      .toString('latin1')
      .match(/HTTP\/1\.1\r\n/g),
  ).toHaveLength(2) // one is the body
  expect(end.received().toString('latin1')).toContain(`Content-Length: ${smuggled.length}`)
})

test('what follows the offer to become another protocol reaches the app only once it agreed', async () => {
  const { app, client } = await asked(
    (opening) =>
      `GET / HTTP/1.1\r\n${opening}Connection: Upgrade\r\nUpgrade: own\r\n\r\n${smuggled}`,
  )
  const end = await app.accept()
  await end.receives('\r\n\r\n')
  end.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  expect(await client.parted).toBe('end')
  expect(end.received().toString('latin1')).not.toContain('/admin')
})

test('more requests at once than may wait on one connection end it', async () => {
  const { app, client } = await asked((opening) => `GET / HTTP/1.1\r\n${opening}\r\n`.repeat(100))
  await client.parted
  expect(app.count()).toBeLessThanOrEqual(1)
})

const trailing = (lines: string): string =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n${lines}\r\n\r\n`

describe('an app that answers with what is no HTTP is a 502, and the agent goes on:', () => {
  test.each([
    ['nothing at all', ''],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['half a head', 'HTTP/1.1 200 OK\r\nX-'],
    ['a status below any', 'HTTP/1.1 099 No\r\n\r\n'],
    ['a status of zeros', 'HTTP/1.1 000 No\r\n\r\n'],
    ['a reason with control characters', 'HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n'],
    [
      'a change of protocol nobody asked for',
      'HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc'],
    [
      'a coding before the chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a control character in a value', 'HTTP/1.1 200 OK\r\nX-A: \x01\r\nContent-Length: 0\r\n\r\n'],
    ['a head past the limit', `HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(70_000)}\r\n\r\n`],
  ])('%s', async (_name, bytes) => {
    const { app, client } = await asked((opening) => `GET / HTTP/1.1\r\n${opening}\r\n`)
    const end = await app.accept()
    await end.receives('\r\n\r\n')
    end.send(bytes)
    end.end()
    await client.until((received) => isWhole(received, ['GET']))
    expect(client.received().toString()).toMatch(/^HTTP\/1\.1 502 .*"code":"AppAnswerInvalid"/s)
  })
})

test.each([
  [
    'trailers announced for an answer without a body',
    'HTTP/1.1 204 No\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n',
  ],
  [
    'trailers announced for a body of known length',
    'HTTP/1.1 200 OK\r\nTrailer: X\r\nContent-Length: 2\r\n\r\nhi',
  ],
  ['cookies as trailers', trailing('Set-Cookie: a=1\r\nX-Forwarded-For: x')],
])('what has no place is left out, and the rest passed on: %s', async (_name, bytes) => {
  const { app, client } = await asked((opening) => `GET / HTTP/1.1\r\n${opening}\r\n`)
  const end = await app.accept()
  await end.receives('\r\n\r\n')
  end.send(bytes)
  await client.until((received) => isWhole(received, ['GET']))
  expect(client.received().toString()).toMatch(/^HTTP\/1\.1 20[04] /)
  expect(client.received().toString()).not.toMatch(/Set-Cookie|Trailer|X-Forwarded/)
})

test('an app that agrees to an upgrade and names no protocol is not said to have hung up', async () => {
  const { app, client } = await asked(
    (opening) => `GET / HTTP/1.1\r\n${opening}Connection: Upgrade\r\nUpgrade: own\r\n\r\n`,
  )
  const end = await app.accept()
  await end.receives('\r\n\r\n')
  end.send('HTTP/1.1 101 Go\r\n\r\n')
  await client.until((received) => isWhole(received, ['GET']))
  expect(client.received().toString()).toMatch(
    /^HTTP\/1\.1 502 .*not HTTP \(it has the status 101\)/s,
  )
})

describe('what an app sends behind its answer is no part of it, and does not keep it from the client:', () => {
  test.each([
    ['a body with 204', 'GET', 'HTTP/1.1 204 No\r\n\r\nbody'],
    ['a body of said length with 304', 'GET', 'HTTP/1.1 304 No\r\nContent-Length: 4\r\n\r\nbody'],
    ['a body to HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody'],
    ['more than the length', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhibody'],
    ['a second answer', 'GET', `${'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'.repeat(2)}body`],
  ])('%s', async (_name, method, bytes) => {
    for (const more of ['', 'Connection: Upgrade\r\nUpgrade: own\r\n']) {
      const { app, client } = await asked(
        (opening) => `${method} / HTTP/1.1\r\n${opening}${more}\r\n`,
      )
      const end = await app.accept()
      await end.receives('\r\n\r\n')
      end.send(bytes)
      await client.until((received) => isWhole(received, [method]))
      expect(client.received().toString()).not.toContain('body')
      // Nor may the next request meet it.
      await end.parted
    }
  })
})

test('trailers announced for a body of known length do not keep it from the app', async () => {
  const { app } = await asked(
    (opening) => `POST / HTTP/1.1\r\n${opening}Trailer: X\r\nContent-Length: 2\r\n\r\nhi`,
  )
  const end = await app.accept()
  await end.until((bytes) => isWhole(bytes, 'requests'))
  expect(end.received().toString()).not.toContain('Trailer')
})

test("nobody's credentials, addresses or hosts reach an app as trailers", async () => {
  const { app } = await asked(
    (opening) =>
      `POST / HTTP/1.1\r\n${opening}Transfer-Encoding: chunked\r\n\r\n0\r\nX-Kept: 1\r\nX-Forwarded-For: 1.2.3.4\r\nCookie: porpulsion-abcdef01=x\r\nAuthorization: Bearer porp_x\r\nHost: x\r\n\r\n`,
  )
  const end = await app.accept()
  await end.until((bytes) => isWhole(bytes, 'requests'))
  const text = end.received().toString()
  expect(text).toMatch(/0\r\nX-Kept: 1\r\n\r\n$/)
})

test('a client cannot make us leave out what we say of it by naming it in Connection', async () => {
  const { app } = await asked(
    (opening) =>
      `GET / HTTP/1.1\r\n${opening}Connection: Upgrade, X-Forwarded-For, Cookie\r\nUpgrade: own\r\nCookie: a=1\r\n\r\n`,
  )
  const end = await app.accept()
  await end.receives('\r\n\r\n')
  const text = end.received().toString()
  expect(text).toContain('Connection: Upgrade\r\n')
  expect(text).toContain('X-Forwarded-For: 127.0.0.1')
  expect(text).toContain('Cookie: a=1')
})

test('a path that looks like another host is no way out of the own origin', async () => {
  const { client } = await asked((opening) => {
    const ticket = /Ticket: (\S+)/.exec(opening)?.[1] ?? ''
    return `GET //evil.example/?porpulsion-ticket=${ticket} HTTP/1.1\r\n${opening}Accept: text/html\r\n\r\n`
  })
  await client.until((received) => isWhole(received, ['GET']))
  const location = /location: (\S+)/i.exec(client.received().toString())?.[1] ?? ''
  expect(new URL(location, `http://${webHost}:8000/`).host).toBe(`${webHost}:8000`)
})

test('hints without end to a client that does not read are not gathered', async () => {
  const { app, client } = await asked((opening) => `GET / HTTP/1.1\r\n${opening}\r\n`)
  const end = await app.accept()
  await end.receives('\r\n\r\n')
  client.pause()
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().external
  const hint = `HTTP/1.1 103 Early Hints\r\nLink: <${'x'.repeat(8_000)}>\r\n\r\n`
  for (let i = 0; i < 40; i++) {
    end.send(hint.repeat(100))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const grown = process.memoryUsage().arrayBuffers + process.memoryUsage().external - before
  expect(grown).toBeLessThan(64 * 1024 * 1024)
})
