import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { exchange, type RawAnswer } from '../../test/support/raw-http.ts'
import { aTunnel, web, webHost } from '../../test/support/tunnel.ts'

/** What the app got to see of a request. */
interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly trailers: readonly string[]
}

interface Case {
  readonly name: string
  /** Method, path and query. */
  readonly request: string
  /** Lines between the ones every request has. */
  readonly headers?: readonly string[]
  /** As on the wire, chunks and all. */
  readonly body?: string | Buffer
  readonly answer: (response: ServerResponse, request: IncomingMessage) => void
  /** Headers of the app's answer that path mode changes on purpose. */
  readonly changedBelowPath?: readonly string[]
}

const plain = (status: number) => (response: ServerResponse) =>
  void response.writeHead(status, { 'Content-Type': 'text/plain' }).end('the body')
const binary = randomBytes(300_000)
const gzipped = gzipSync('a page')
const brotli = brotliCompressSync('a page')

const statuses = [
  200, 201, 202, 203, 205, 206, 300, 301, 400, 401, 403, 404, 410, 418, 421, 429, 451, 500, 503,
  599,
]
const cases: readonly Case[] = [
  {
    name: 'a path and a query full of what others decode',
    request: 'GET /a%2Fb/%E2%82%AC/%7Euser//x/../y;v=1?q=1&q=2&%20=+&empty=&a=b=c?d',
    answer: plain(200),
  },
  { name: 'no path at all but a query', request: 'GET /?x', answer: plain(200) },
  ...statuses.map((status) => ({
    name: `status ${status}`,
    request: 'GET /',
    answer: plain(status),
  })),
  {
    name: '204 without a body',
    request: 'DELETE /thing',
    answer: (response) => void response.writeHead(204, { 'X-Done': 'yes' }).end(),
  },
  {
    name: '304 with the headers of the body it does not have',
    request: 'GET /',
    headers: ['If-None-Match: "v1"'],
    answer: (response) =>
      void response.writeHead(304, { ETag: '"v1"', 'Content-Length': '1234' }).end(),
  },
  {
    name: 'a reason phrase of its own',
    request: 'GET /',
    answer: (response) => void response.writeHead(299, 'All Quite Fine').end('x'),
  },
  {
    name: 'HEAD with the length of a body',
    request: 'HEAD /file',
    answer: (response) => void response.writeHead(200, { 'Content-Length': '123456' }).end(),
  },
  {
    name: 'HEAD of a body of unknown length',
    request: 'HEAD /file',
    answer: (response) => void response.writeHead(200, { 'Transfer-Encoding': 'chunked' }).end(),
  },
  {
    name: 'headers repeated, in their order and spelling, in latin1',
    request: 'GET /',
    headers: [
      'X-One: 1',
      'x-TWO: 2',
      'X-One: 3',
      'X-Name: J\xfcrgen',
      'X-Empty:',
      'Accept: a',
      'Accept: b',
    ],
    answer: (response) =>
      void response
        .writeHead(200, [
          'x-a',
          '1',
          'X-B',
          '2',
          'X-A',
          '3',
          'Vary',
          'a',
          'Vary',
          'b',
          'x-n',
          'J\xfcrgen',
          'x-e',
          '',
        ])
        .end('x'),
  },
  {
    name: 'a header in latin1 before a body',
    request: 'POST /',
    headers: ['X-Name: J\xfcrgen', 'Content-Length: 1'],
    body: 'x',
    answer: plain(200),
  },
  {
    name: 'several cookies both ways',
    request: 'GET /',
    headers: ['Cookie: a=1; b="x y"; a=2'],
    answer: (response) =>
      void response
        .writeHead(200, [
          'Set-Cookie',
          'a=1; Path=/; HttpOnly',
          'Set-Cookie',
          'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT',
        ])
        .end('x'),
    changedBelowPath: ['set-cookie'],
  },
  {
    name: 'gzip as it is',
    request: 'GET /',
    headers: ['Accept-Encoding: gzip;q=1.0, br, *;q=0'],
    answer: (response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipped),
  },
  {
    name: 'brotli as it is',
    request: 'GET /',
    answer: (response) => void response.writeHead(200, { 'Content-Encoding': 'br' }).end(brotli),
  },
  {
    name: 'a part of a file',
    request: 'GET /file',
    headers: ['Range: bytes=0-9'],
    answer: (response) =>
      void response
        .writeHead(206, { 'Content-Range': 'bytes 0-9/100', 'Content-Length': '10' })
        .end('0123456789'),
  },
  {
    name: 'a body of known length',
    request: 'POST /form?x=1',
    headers: ['Content-Type: application/octet-stream', `Content-Length: ${binary.length}`],
    body: binary,
    answer: (response) =>
      void response.writeHead(200, { 'Content-Length': binary.length }).end(binary),
  },
  {
    name: 'a body in chunks, with trailers after it',
    request: 'PUT /upload',
    headers: ['Transfer-Encoding: chunked', 'Trailer: X-Sum', 'TE: trailers'],
    body: '5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 42\r\n\r\n',
    answer: (response) => {
      response.writeHead(200, { Trailer: 'X-Check, X-Time' })
      response.write('part one, ')
      response.write('part two')
      response.addTrailers([
        ['X-Check', 'abc'],
        ['X-Time', '7'],
      ])
      response.end()
    },
  },
  {
    name: 'POST without a body',
    request: 'POST /',
    headers: ['Content-Length: 0'],
    answer: plain(200),
  },
  {
    name: 'DELETE with a body',
    request: 'DELETE /',
    headers: ['Content-Length: 3'],
    body: 'abc',
    answer: plain(200),
  },
  {
    name: 'GET with a body',
    request: 'GET /search',
    headers: ['Content-Length: 3'],
    body: 'abc',
    answer: plain(200),
  },
  ...['OPTIONS', 'PATCH', 'PROPFIND', 'REPORT', 'PURGE'].map((method) => ({
    name: `the method ${method}`,
    request: `${method} /x`,
    headers: ['Content-Length: 2'],
    body: '{}',
    answer: plain(200),
  })),
  {
    name: 'early hints before the answer',
    request: 'GET /',
    answer: (response) => {
      response.writeEarlyHints(
        { link: '</style.css>; rel=preload; as=style', 'x-hint': '1' },
        () => {
          response.writeProcessing()
          response.writeHead(200).end('x')
        },
      )
    },
  },
  {
    name: 'a body the app wants to be asked about, and takes',
    request: 'POST /',
    headers: ['Expect: 100-continue', 'Content-Length: 5'],
    body: 'hello',
    answer: plain(200),
  },
  {
    name: 'credentials for the app itself',
    request: 'GET /',
    headers: [
      'Referer: http://example.com/a?b=c',
      'Origin: http://example.com',
      'User-Agent: test/1',
    ],
    answer: plain(200),
  },
  {
    name: 'headers as large as servers take them',
    request: 'GET /',
    headers: [`X-Large: ${'x'.repeat(12_000)}`],
    answer: (response) => void response.writeHead(200, { 'X-Large': 'y'.repeat(12_000) }).end('x'),
  },
  {
    name: 'an answer without a date, and without a body',
    request: 'GET /',
    answer: (response) => {
      response.sendDate = false
      response.end()
    },
  },
  {
    name: 'a redirect, untouched',
    request: 'GET /',
    answer: (response) =>
      void response.writeHead(302, { Location: 'https://example.com/%2F?a=b#c' }).end(),
  },
]

/** What only a proxy adds, and what says where a request goes. */
const addedOnTheWay = /^(x-forwarded-.*|host|connection|x-porpulsion-ticket)$/i

describe('through a tunnel everything arrives as it does without one:', () => {
  const seen: Seen[] = []
  let current: Case['answer'] = plain(200)
  const origin = createServer()
  let originPort = 0

  beforeAll(async () => {
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      void remember(request).then((what) => {
        seen.push(what)
        current(response, request)
      })
    origin.on('request', answer)
    origin.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      response.writeContinue()
      answer(request, response)
    })
    origin.listen(0, '127.0.0.1')
    await once(origin, 'listening')
    originPort = (origin.address() as AddressInfo).port
  })
  afterAll(() => {
    origin.closeAllConnections()
    origin.close()
  })

  async function ask(
    port: number,
    each: Case,
    host: string,
    prefix: string,
    extra: readonly string[],
  ) {
    current = each.answer
    seen.length = 0
    const [method = '', path = ''] = each.request.split(' ')
    const lines = [
      `${method} ${prefix}${path} HTTP/1.1`,
      `Host: ${host}`,
      ...extra,
      ...(each.headers ?? []),
      'Connection: close',
    ]
    const answer = await exchange(port, `${lines.join('\r\n')}\r\n\r\n`, each.body ?? '')
    // A digest: comparing large buffers member by member takes seconds.
    return { answer: { ...answer, body: digest(answer.body) }, seen: [...seen] }
  }

  for (const each of cases) {
    test(each.name, async () => {
      const direct = await ask(originPort, each, 'app', '', [])
      expect(direct.seen).toHaveLength(1)

      const { port, ticket, tokenOf } = await aTunnel({ origin: originPort })
      const own = await ask(port, each, webHost, '', [`X-Porpulsion-Ticket: ${ticket()}`])
      expect(own).toEqual(direct)

      const token = await tokenOf('operator')
      const prefix = `/api/remoteapp/${web.uid}/proxy/8080`
      const below = await ask(port, each, 'localhost', prefix, [`Authorization: Bearer ${token}`])
      const changed = ['content-security-policy', ...(each.changedBelowPath ?? [])]
      expect(below.seen).toEqual(direct.seen)
      expect(without(below.answer, changed)).toEqual(without(direct.answer, changed))
    })
  }
})

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

function without<A extends Pick<RawAnswer, 'headers'>>(answer: A, names: readonly string[]): A {
  const headers = answer.headers.filter(([name]) => !names.includes(name.toLowerCase()))
  return { ...answer, headers }
}

async function remember(request: IncomingMessage): Promise<Seen> {
  const hash = createHash('sha256')
  for await (const chunk of request as AsyncIterable<Buffer>) hash.update(chunk)
  const pairs = request.rawHeaders.flatMap((name, i, all) =>
    i % 2 === 0 ? [[name, all[i + 1] ?? ''] as const] : [],
  )
  const framing = /^(content-length|transfer-encoding)$/i
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    // Where among the others the framing stands is nobody's business.
    headers: [
      ...pairs.filter(([name]) => !addedOnTheWay.test(name) && !framing.test(name)),
      ...pairs.filter(([name]) => framing.test(name)),
    ],
    body: hash.digest('hex'),
    trailers: request.rawTrailers,
  }
}

/** An app that says exactly these bytes to whoever connects, and hangs up. */
async function aBluntApp(bytes: string): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(bytes, 'latin1'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function askBlunt(bytes: string): Promise<RawAnswer> {
  const { port, ticket } = await aTunnel({ origin: await aBluntApp(bytes) })
  return await exchange(
    port,
    `GET / HTTP/1.1\r\nHost: ${webHost}\r\nX-Porpulsion-Ticket: ${ticket()}\r\nConnection: close\r\n\r\n`,
  )
}

test('a body that ends with its connection arrives whole', async () => {
  const answer = await askBlunt('HTTP/1.0 200 OK\r\nX-Old: yes\r\n\r\nuntil the end')
  expect(answer).toMatchObject({ status: '200 OK', headers: [['X-Old', 'yes']], isWhole: true })
  expect(answer.body.toString()).toBe('until the end')
})

test('a body that breaks off does not look like a whole one', async () => {
  const short = await askBlunt('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this')
  expect([short.status, short.isWhole, short.body.toString()]).toEqual([
    '200 OK',
    false,
    'only this',
  ])
  const chunked = await askBlunt(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n',
  )
  expect([chunked.status, chunked.isWhole]).toEqual(['200 OK', false])
})

test.each([
  ['says nothing', '', /closed the connection before it answered/],
  ['does not speak HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', /not HTTP/],
  ['ends in the middle of its head', 'HTTP/1.1 200 OK\r\nX-', /closed the connection/],
  [
    'frames its body in two ways',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
    /not HTTP/,
  ],
])('an app that %s is a 502 that says so', async (_name, bytes, detail) => {
  const answer = await askBlunt(bytes)
  expect(answer.status).toBe('502 Bad Gateway')
  const problem = JSON.parse(answer.body.toString()) as { code: string; detail: string }
  expect(problem.code).toBe('AppAnswerInvalid')
  expect(problem.detail).toMatch(detail)
})
