/**
 * What a client and an app say to each other, byte for byte: once directly, and once through two agents and a link, on
 * the app's own origin and below a path. What may differ stands in `tunnel-differences.ts`, and in docs/limits.md.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  isWhole,
  oneExchange,
  playEverywhere,
  reached,
  requestBytes,
  transcript,
  wire,
  type Exchanged,
  type Play,
  type Stage,
} from '../../test/support/fidelity.ts'
import type { RawEnd } from '../../test/support/raw-end.ts'
import {
  answerDifferences,
  differencesBelowPath,
  requestDifferences,
} from '../../test/support/tunnel-differences.ts'

const ok = 'HTTP/1.1 200 OK\nContent-Length: 2'
const latin1 = (bytes: Buffer): string => bytes.toString('latin1')
const long = randomBytes(300_000)

/** One request and its answer. The name says what arrives as it was sent. */
const exchanges: Readonly<Record<string, Exchanged>> = {
  // Where to
  'an encoded slash, dots, and letters that need no encoding': {
    request: 'GET /a%2Fb/%2e%2e/%7Euser/%41/..%2f?q=%2F%20+%26 HTTP/1.1',
    answer: ok,
    answerBody: 'ok',
  },
  'double slashes, dot segments, parameters and a fragment': {
    request: 'GET //a//b/../c/./d;v=1;w=2/;?x#y HTTP/1.1',
    answer: ok,
    answerBody: 'ok',
  },
  'an empty query, an empty value, a name twice, a question mark in a value': {
    request: 'GET /?a=&a=1&a=2&b&c=?d HTTP/1.1',
    answer: ok,
    answerBody: 'ok',
  },
  'a question mark with nothing behind it': {
    request: 'GET /x? HTTP/1.1',
    answer: ok,
    answerBody: 'ok',
  },
  'letters of other languages, encoded': {
    request: 'GET /%E2%82%AC/%C3%BC?%F0%9F%90%AC=%00 HTTP/1.1',
    answer: ok,
    answerBody: 'ok',
  },
  'characters that others encode or refuse': {
    request: `GET /a|b[c]{d}^"\`\\e'(*)!$,=@:~-_.%zz HTTP/1.1`,
    answer: ok,
    answerBody: 'ok',
  },
  'a path of four thousand characters': {
    request: `GET /${'abcdefg/'.repeat(500)}?${'x'.repeat(2_000)} HTTP/1.1`,
    answer: ok,
    answerBody: 'ok',
  },

  // What is asked
  ...Object.fromEntries(
    ['OPTIONS', 'DELETE', 'TRACE', 'PROPFIND', 'SEARCH', 'PURGE', 'QUERY'].map((method) => [
      `the method ${method}`,
      { request: `${method} /x HTTP/1.1`, answer: ok, answerBody: 'ok' },
    ]),
  ),
  ...Object.fromEntries(
    ['GET', 'DELETE', 'OPTIONS', 'PUT', 'PATCH', 'REPORT'].map((method) => [
      `${method} with a body`,
      {
        request: `${method} /x HTTP/1.1\nContent-Length: 3\nContent-Type: a/b`,
        body: 'abc',
        answer: ok,
        answerBody: 'ok',
      },
    ]),
  ),
  'OPTIONS of everything': { request: 'OPTIONS /* HTTP/1.1', answer: ok, answerBody: 'ok' },
  'POST that says nothing of a body': { request: 'POST /x HTTP/1.1', answer: ok, answerBody: 'ok' },
  'POST of an empty body': {
    request: 'POST /x HTTP/1.1\nContent-Length: 0',
    answer: ok,
    answerBody: 'ok',
  },
  'HEAD, with the length of what it does not send': {
    request: 'HEAD /file HTTP/1.1',
    answer: 'HTTP/1.1 200 OK\nContent-Length: 123456\nETag: "x"',
  },
  'HEAD of what has no length': {
    request: 'HEAD /file HTTP/1.1',
    answer: 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nETag: "x"',
  },

  // Headers
  'headers repeated, in their order, spelling and place': {
    request:
      'GET / HTTP/1.1\nx-ONE: 1\nAccept: a\nX-Two: 2\nX-one: 3\nAccept: b\nX-Empty:\nX-One: 1\nUser-Agent: a\nUser-Agent: b',
    answer:
      'HTTP/1.1 200 OK\nx-b: 1\nVary: a\nX-A: 2\nx-B: 3\nVary: b\nX-Empty: \nContent-Length: 2\nContent-Type: a\nx-b: 1\nContent-Type: b\nServer: it/1\nServer: it/2',
    answerBody: 'ok',
  },
  'headers in latin1 and UTF-8': {
    request: 'POST / HTTP/1.1\nX-Name: J\xfcrgen\nX-Other: J\xc3\xbcrgen\nContent-Length: 2',
    body: '\xff\x00',
    answer: 'HTTP/1.1 200 OK\nX-Name: J\xfcrgen\nX-Other: J\xc3\xbcrgen\nContent-Length: 2',
    answerBody: 'ok',
  },
  'spaces inside and around values': {
    request: 'GET / HTTP/1.1\nX-A:none\nX-B:   many \t \nX-C: a  b\tc',
    answer: 'HTTP/1.1 200 OK\nX-A:none\nX-B:   many \t \nX-C: a  b\tc\nContent-Length:2',
    answerBody: 'ok',
  },
  'two cookies in two headers, and three that are set': {
    request: 'GET / HTTP/1.1\nCookie: a=1; b="x y"; a=2\nCookie: c',
    answer:
      'HTTP/1.1 200 OK\nSet-Cookie: a=1; HttpOnly\nContent-Length: 2\nset-cookie: b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT\nSet-Cookie: a=1; HttpOnly',
    answerBody: 'ok',
  },
  'credentials, origin and referer of the app itself': {
    request:
      'GET / HTTP/1.1\nAuthorization: Basic dTpw\nReferer: http://example.com/a?b=c\nOrigin: null\nX-Requested-With: x',
    answer:
      'HTTP/1.1 401 No\nWWW-Authenticate: Basic realm="a"\nWWW-Authenticate: Digest\nContent-Length: 0',
  },
  'a date and a server, or none': {
    request: 'GET / HTTP/1.1\nDate: yesterday',
    answer:
      'HTTP/1.1 200 OK\nDate: Tue, 15 Nov 1994 08:12:31 GMT\nServer: old\nVia: 1.0 x\nAge: 7\nContent-Length: 0',
  },
  'headers about the connection, and what Connection names': {
    request:
      'GET / HTTP/1.1\nConnection: keep-alive, X-Mine,x-other\nKeep-Alive: 300\nX-Mine: 1\nX-Other: 2\nProxy-Connection: keep-alive\nX-Kept: 3\nProxy-Authorization: Basic eA==',
    answer:
      'HTTP/1.1 200 OK\nConnection: X-Theirs, keep-alive\nKeep-Alive: timeout=3, max=9\nX-Theirs: 1\nX-Kept: 2\nContent-Length: 2',
    answerBody: 'ok',
  },
  'trailers wanted, by name in Connection': {
    request: 'GET / HTTP/1.1\nTE: trailers, gzip;q=0.5\nConnection: TE, keep-alive',
    answer: ok,
    answerBody: 'ok',
  },
  'what a client claims of those before it': {
    request:
      'GET / HTTP/1.1\nX-Forwarded-For: 1.2.3.4\nForwarded: for=1.2.3.4\nX-Real-IP: 1.2.3.4\nX-Forwarded-Proto: https\nX-Forwarded-Host: a\nX-Forwarded-Port: 1\nX-Forwarded-Prefix: /a\nVia: 1.1 y',
    answer: ok,
    answerBody: 'ok',
  },
  'heads of sixty thousand characters': {
    request: `GET / HTTP/1.1\nX-Large: ${'x'.repeat(60_000)}`,
    answer: `HTTP/1.1 200 OK\nX-Large: ${'y'.repeat(60_000)}\nContent-Length: 2`,
    answerBody: 'ok',
  },
  'three thousand headers, the framing behind them': {
    request: `POST / HTTP/1.1\n${'a:\n'.repeat(3_000)}Content-Length: 2`,
    body: 'hi',
    answer: `HTTP/1.1 200 OK\n${'b: 1\n'.repeat(3_000)}Content-Length: 2`,
    answerBody: 'ok',
  },

  // Answers
  ...Object.fromEntries(
    [
      '201 Created',
      '203 Non-Authoritative Information',
      '226 IM Used',
      '299 All Quite Fine',
      '300 Multiple Choices',
      '404 Nothing here',
      '418 I am a teapot',
      '451 \xdcber',
      '500 ',
      '599 Own',
      '799 Far out',
    ].map((status) => [
      `status ${status}`,
      {
        request: 'GET / HTTP/1.1',
        answer: `HTTP/1.1 ${status}\nContent-Length: 2`,
        answerBody: 'ok',
      },
    ]),
  ),
  '204 without a body': { request: 'GET / HTTP/1.1', answer: 'HTTP/1.1 204 No Content\nX-A: 1' },
  '205 with an empty one': {
    request: 'POST / HTTP/1.1\nContent-Length: 0',
    answer: 'HTTP/1.1 205 Reset Content\nContent-Length: 0',
  },
  '304 with the length of what it does not send': {
    request: 'GET / HTTP/1.1\nIf-None-Match: "v1", W/"v2"',
    answer: 'HTTP/1.1 304 Not Modified\nETag: "v1"\nContent-Length: 1234',
  },
  'a redirect to anywhere': {
    request: 'GET / HTTP/1.1',
    answer:
      'HTTP/1.1 302 Found\nLocation: //example.com/%2F?a=b#c\nRefresh: 0; url=/x\nContent-Length: 0',
  },
  'gzip as it is': {
    request: 'GET / HTTP/1.1\nAccept-Encoding: gzip;q=1.0, br, *;q=0',
    answer: `HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: ${gzipSync('a page').length}`,
    answerBody: latin1(gzipSync('a page')),
  },
  'brotli as it is, in chunks': {
    request: `PUT / HTTP/1.1\nContent-Encoding: br\nContent-Length: ${brotliCompressSync('a form').length}`,
    body: latin1(brotliCompressSync('a form')),
    answer: 'HTTP/1.1 200 OK\nContent-Encoding: br\nTransfer-Encoding: chunked',
    answerBody: inChunks(brotliCompressSync('a page'), 5),
  },
  'a part of a file': {
    request: 'GET /file HTTP/1.1\nRange: bytes=0-9, 20-\nIf-Range: "x"',
    answer:
      'HTTP/1.1 206 Partial Content\nContent-Range: bytes 0-9/100\nAccept-Ranges: bytes\nContent-Length: 10',
    answerBody: '0123456789',
  },
  'long bodies of known length both ways': {
    request: `POST / HTTP/1.1\nContent-Length: ${long.length}\nDigest: ${createHash('md5').update(long).digest('hex')}`,
    body: latin1(long),
    answer: `HTTP/1.1 200 OK\nContent-Length: ${long.length}`,
    answerBody: latin1(long),
  },
  'bodies in chunks both ways, with extensions': {
    request: 'POST / HTTP/1.1\nTransfer-Encoding: chunked',
    body: '5;a="b;c"\r\nhello\r\n0006\r\n world\r\n0\r\n\r\n',
    answer: 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nX-After: 1',
    answerBody: `3;x\r\nabc\r\n${inChunks(long, 70_000)}`,
  },
  'an empty body in chunks both ways': {
    request: 'PUT / HTTP/1.1\nTransfer-Encoding: chunked',
    body: '0\r\n\r\n',
    answer: 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked',
    answerBody: '0\r\n\r\n',
  },
  'trailers both ways': {
    request: 'POST / HTTP/1.1\nTrailer: X-Sum, x-two\nTransfer-Encoding: chunked\nTE: trailers',
    body: '2\r\nhi\r\n0\r\nX-Sum: 42\r\nx-two: J\xfc\r\nX-Sum: 43\r\n\r\n',
    answer: 'HTTP/1.1 200 OK\nTrailer: Grpc-Status\nTransfer-Encoding: chunked',
    answerBody: '2\r\nok\r\n0\r\nGrpc-Status: 0\r\nx-unannounced: J\xfc\r\n\r\n',
  },
  'trailers announced where none can be': {
    request: 'POST / HTTP/1.1\nContent-Length: 2',
    body: 'hi',
    answer: 'HTTP/1.1 200 OK\nContent-Length: 2',
    answerBody: 'ok',
  },
  'a body that ends with its connection': {
    request: 'GET / HTTP/1.1',
    answer: 'HTTP/1.1 200 OK\nX-A: 1',
    answerBody: 'until the end',
    closes: true,
  },
  'an app of HTTP/1.0': {
    request: 'GET / HTTP/1.1',
    answer: 'HTTP/1.0 200 OK\nX-A: 1\nContent-Length: 2',
    answerBody: 'ok',
    closes: true,
  },
  'a client of HTTP/1.0': {
    request: 'POST /x HTTP/1.0\nContent-Length: 2',
    body: 'hi',
    answer: 'HTTP/1.1 200 OK\nContent-Length: 2',
    answerBody: 'ok',
  },
  'chunks for a client of HTTP/1.0': {
    request: 'GET /x HTTP/1.0',
    answer: 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked',
    answerBody: '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    closes: true,
  },
  'a client that wants no second request on its connection': {
    request: 'GET / HTTP/1.1\nConnection: close',
    answer: ok,
    answerBody: 'ok',
    closes: true,
  },

  // Before the answer
  'early hints, twice, and that it is being worked on': {
    request: 'GET / HTTP/1.1',
    answer:
      'HTTP/1.1 103 Early Hints\nLink: </a.css>; rel=preload\nlink: </b.js>; rel=preload\n\nHTTP/1.1 103 Early Hints\nLink: </c>\n\nHTTP/1.1 102 Processing\n\nHTTP/1.1 199 Own\nX-A: J\xfc\n\nHTTP/1.1 200 OK\nContent-Length: 2',
    answerBody: 'ok',
  },
  'an unasked 100': {
    request: 'GET / HTTP/1.1',
    answer: 'HTTP/1.1 100 Continue\nX-A: 1\n\nHTTP/1.1 200 OK\nContent-Length: 2',
    answerBody: 'ok',
  },
}

/** A body of so many bytes to a chunk. */
function inChunks(bytes: Buffer, size: number): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size)
    text += `${piece.length.toString(16)}\r\n${latin1(piece)}\r\n`
  }
  return `${text}0\r\n\r\n`
}

/** Client and app once both have a connection, and the app the whole head of the request. */
async function met(
  stage: Stage,
  head: string,
  body = '',
): Promise<{ readonly client: RawEnd; readonly app: RawEnd }> {
  const client = await stage.client()
  client.send(requestBytes(stage, head, body))
  const app = await reached(stage, client)
  await app.receives('\r\n\r\n')
  return { client, app }
}

/** What takes turns. Each awaits what must have arrived before the next is said. */
const dialogues: Readonly<Record<string, Play>> = {
  async 'a body that waits for 100, and then is sent'(stage) {
    const { client, app } = await met(
      stage,
      'PUT / HTTP/1.1\nExpect: 100-continue\nContent-Length: 5',
    )
    app.send(wire('HTTP/1.1 100 Continue'))
    await client.receives('100 Continue\r\n\r\n')
    client.send('hello')
    await app.receives('hello')
    app.send(wire(ok, 'ok'))
    await client.receives('ok')
    return transcript(client, ['PUT'], [app])
  },
  async 'a body that waits for 100, and is refused'(stage) {
    const { client, app } = await met(
      stage,
      'PUT / HTTP/1.1\nExpect: 100-continue\nContent-Length: 5',
    )
    app.send(wire('HTTP/1.1 413 Too much\nContent-Length: 4', 'less'))
    await client.receives('less')
    return transcript(client, ['PUT'], [app])
  },
  async 'a body that waits for 100, and is sent although the answer is here'(stage) {
    const { client, app } = await met(
      stage,
      'PUT / HTTP/1.1\nExpect: 100-continue\nContent-Length: 5',
    )
    app.send(wire('HTTP/1.1 100 Continue'))
    await client.receives('100 Continue\r\n\r\n')
    app.send(wire(ok, 'ok'))
    await client.receives('ok')
    client.send('hello')
    await app.receives('hello')
    return transcript(client, ['PUT'], [app])
  },
  async 'an expectation only the app knows'(stage) {
    const { client, app } = await met(stage, 'GET / HTTP/1.1\nExpect: 200-ok')
    app.send(wire(ok, 'ok'))
    await client.receives('ok')
    return transcript(client, ['GET'], [app])
  },
  async 'events, the head before the first of them, each at once'(stage) {
    const { client, app } = await met(stage, 'GET / HTTP/1.1\nAccept: text/event-stream')
    app.send(wire('HTTP/1.1 200 OK\nContent-Type: text/event-stream\nTransfer-Encoding: chunked'))
    await client.receives('\r\n\r\n')
    for (const event of ['one', 'two', 'three']) {
      app.send(`e\r\ndata: ${event.padEnd(6)}\n\n\r\n`)
      await client.receives(`data: ${event}`)
    }
    app.send('0\r\n\r\n')
    await client.until((bytes) => isWhole(bytes, ['GET']))
    return transcript(client, ['GET'], [app])
  },
  async 'an echo in both directions at the same time, without end in sight'(stage) {
    const { client, app } = await met(stage, 'POST / HTTP/1.1\nTransfer-Encoding: chunked')
    app.send(wire('HTTP/1.1 200 OK\nTransfer-Encoding: chunked'))
    for (const word of ['alpha', 'bravo', 'gamma']) {
      client.send(`5\r\n${word}\r\n`)
      await app.receives(word)
      app.send(`5\r\n${word.toUpperCase()}\r\n`)
      await client.receives(word.toUpperCase())
    }
    client.send('0\r\n\r\n')
    await app.until((bytes) => isWhole(bytes, 'requests'))
    app.send('0\r\n\r\n')
    await client.until((bytes) => isWhole(bytes, ['POST']))
    return transcript(client, ['POST'], [app])
  },
  async 'an answer in the middle of the body, which then goes on'(stage) {
    const { client, app } = await met(stage, 'POST / HTTP/1.1\nContent-Length: 6', 'abc')
    app.send(wire(ok, 'ok'))
    await client.receives('ok')
    client.send('def')
    await app.receives('def')
    return transcript(client, ['POST'], [app])
  },
  async 'three requests one after the other on one connection'(stage) {
    const { client, app } = await met(stage, 'GET /1 HTTP/1.1')
    for (const [at, next] of ['2', '3', ''].entries()) {
      app.send(wire(ok, String(at).repeat(2)))
      await client.receives(String(at).repeat(2))
      if (next === '') break
      client.send(requestBytes(stage, `GET /${next} HTTP/1.1`))
      await app.receives(`/${next} `)
    }
    return transcript(client, ['GET', 'GET', 'GET'], [app])
  },
  async 'three requests at once on one connection, answered in their order'(stage) {
    const requests = ['POST /1', 'GET /2', 'POST /3'].map((line) =>
      requestBytes(stage, `${line} HTTP/1.1\nContent-Length: 2`, 'hi'),
    )
    const client = await stage.client()
    client.send(requests.join(''))
    const app = await reached(stage, client)
    for (const at of [1, 2, 3]) {
      await app.receives(`/${at} `)
      app.send(wire(`HTTP/1.1 20${at} OK\nContent-Length: 2`, `a${at}`))
    }
    await client.receives('a3')
    return transcript(client, ['POST', 'GET', 'POST'], [app])
  },
  async 'a WebSocket: protocols and extensions, both ways, and its close'(stage) {
    const { client, app } = await met(
      stage,
      'GET /echo?a=%2F HTTP/1.1\nConnection: keep-alive, Upgrade\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Protocol: one, two\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
    )
    app.send(
      wire(
        'HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\nConnection: Upgrade\nSec-WebSocket-Protocol: two\nSec-WebSocket-Extensions: permessage-deflate',
      ),
    )
    await client.receives('\r\n\r\n')
    client.send('\x81\x82\x01\x02\x03\x04ik')
    await app.receives('ik')
    app.send('\x81\x02hi\x88\x06\x0f\xa1why?')
    await client.receives('why?')
    client.send('\x88\x82\x01\x02\x03\x04\x0e\xa3')
    await app.receives('\x0e\xa3')
    return transcript(client, ['GET'], [app])
  },
  async 'bytes right behind the heads of an upgrade'(stage) {
    const { client, app } = await met(
      stage,
      'GET / HTTP/1.1\nConnection: Upgrade\nUpgrade: own/1',
      'early',
    )
    app.send(wire('HTTP/1.1 101 Go\nConnection: Upgrade\nUpgrade: own/1', 'early, too'))
    await client.receives('early, too')
    await app.receives('early')
    client.send(' and late')
    await app.receives('and late')
    return transcript(client, ['GET'], [app])
  },
  async 'an upgraded connection whose directions end one by one'(stage) {
    const { client, app } = await met(stage, 'GET / HTTP/1.1\nConnection: Upgrade\nUpgrade: own/1')
    app.send(wire('HTTP/1.1 101 Go\nConnection: Upgrade\nUpgrade: own/1'))
    await client.receives('\r\n\r\n')
    client.send('all of it')
    client.end()
    expect(await app.parted).toBe('end')
    app.send('the answer to all of it')
    app.end()
    expect(await client.parted).toBe('end')
    return transcript(client, ['GET'], [app])
  },
  async 'an upgrade that is refused, with a body'(stage) {
    const { client, app } = await met(
      stage,
      'GET / HTTP/1.1\nConnection: Upgrade\nUpgrade: websocket',
    )
    app.send(wire('HTTP/1.1 403 No\nContent-Length: 3\nX-Why: x\nX-Why: y', 'no!'))
    await client.receives('no!')
    return transcript(client, ['GET'], [app])
  },
  async 'early hints before an upgrade'(stage) {
    const { client, app } = await met(stage, 'GET / HTTP/1.1\nConnection: Upgrade\nUpgrade: own/1')
    app.send(wire('HTTP/1.1 103 Early Hints\nLink: </a>'))
    await client.receives('\r\n\r\n')
    app.send(wire('HTTP/1.1 101 Go\nConnection: Upgrade\nUpgrade: own/1', 'x'))
    await client.receives('\r\n\r\nx')
    return transcript(client, ['GET'], [app])
  },
  async 'the offer of HTTP/2 with a body, taken for HTTP/1.1'(stage) {
    const { client, app } = await met(
      stage,
      'POST / HTTP/1.1\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\nContent-Length: 2',
      'hi',
    )
    await app.receives('hi')
    app.send(wire(ok, 'ok'))
    await client.receives('ok')
    return transcript(client, ['POST'], [app])
  },
}

describe('as without a tunnel, so through one:', () => {
  const plays = [
    ...Object.entries(exchanges).map(([name, each]) => [name, oneExchange(each)] as const),
    ...Object.entries(dialogues),
  ]
  for (const [name, play] of plays)
    test(name, async () => {
      for (const { way, direct, through } of await playEverywhere(play))
        expect({ way, ...through }).toEqual({ way, ...direct })
    })
})

test('what may differ is what docs/limits.md says, and nothing else', async () => {
  const docs = await readFile(new URL('../../../../docs/limits.md', import.meta.url), 'utf8')
  const [, section = ''] = docs.split('## Requests to apps\n')
  const listed = (section.split('\nBesides')[0] ?? '')
    .split(/\n- /)
    .slice(1)
    .map((item) => (item.split('\n\n')[0] ?? '').replace(/\s+/g, ' ').trim())
  const known = [...requestDifferences, ...answerDifferences, ...differencesBelowPath]
  expect(listed).toEqual(known.map(({ says }) => says))
})
