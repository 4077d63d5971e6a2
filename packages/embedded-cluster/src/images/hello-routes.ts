import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, normalize } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { helloPage } from './hello-page.ts'

export interface HelloState {
  healthy: boolean
  readonly message: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The program is to end: what has no end of its own ends with it. */
  readonly stopping: AbortSignal
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly state: HelloState
  /** What follows the route's prefix in the path, still percent-encoded. */
  readonly rest: string
  readonly query: URLSearchParams
}

interface Route {
  /** With a slash at the end: everything below it. */
  readonly path: string
  readonly help: string
  readonly answer: (exchange: Exchange) => void | Promise<void>
}

const maxDelayMs = 3_600_000

const helloRoutes: readonly Route[] = [
  { path: '/', help: 'this page', answer: page },
  { path: '/healthz', help: '200 ok, or 503 when switched off', answer: health },
  { path: '/health/', help: 'POST /health/off, POST /health/on: the switch', answer: switchHealth },
  { path: '/headers', help: 'what reached the server, as JSON', answer: headers },
  { path: '/echo', help: 'streams the request body back', answer: echo },
  { path: '/upload', help: 'swallows a body, answers its length and SHA-256', answer: upload },
  { path: '/bytes/', help: '/bytes/N: a body of N bytes, always the same ones', answer: bytes },
  { path: '/events', help: 'server-sent events, ?count=N&ms=M', answer: events },
  { path: '/slow', help: '?ms=N: answers after that time', answer: slow },
  { path: '/status/', help: '/status/N: answers with that status', answer: status },
  { path: '/trailers', help: 'a chunked answer with trailers', answer: trailers },
  { path: '/early-hints', help: '103 before 200', answer: earlyHints },
  { path: '/set-cookies', help: 'three Set-Cookie headers', answer: setCookies },
  { path: '/gzip', help: 'Content-Encoding: gzip', answer: gzip },
  { path: '/env', help: 'the environment of the container, as JSON', answer: environment },
  { path: '/files/', help: '/files/etc/x: a file mounted at /etc/x', answer: file },
  { path: '/exit/', help: '/exit/N: answers, then ends the process with that code', answer: exit },
]

export function answerTo(
  request: IncomingMessage,
  response: ServerResponse,
  state: HelloState,
): void {
  const [path = '/', search] = (request.url ?? '/').split('?', 2)
  const route = helloRoutes.find((one) =>
    one.path.length > 1 && one.path.endsWith('/') ? path.startsWith(one.path) : path === one.path,
  )
  if (route === undefined) {
    json(response, 404, { error: `Nothing at ${path}; GET / lists what there is` })
    return
  }
  const exchange = {
    request,
    response,
    state,
    rest: path.slice(route.path.length),
    query: new URLSearchParams(search),
  }
  Promise.resolve(route.answer(exchange)).catch((error: unknown) => {
    // The other side went away in mid-answer, or sent half a body.
    process.stderr.write(`${path}: ${String(error)}\n`)
    response.destroy()
  })
}

function page({ request, response, state }: Exchange): void {
  const body = helloPage({
    message: state.message,
    env: state.env,
    headers: request.rawHeaders,
    routes: helloRoutes,
  })
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(body)
}

function health({ response, state }: Exchange): void {
  response.writeHead(state.healthy ? 200 : 503, { 'content-type': 'text/plain' })
  response.end(state.healthy ? 'ok\n' : 'switched off\n')
}

function switchHealth({ request, response, state, rest }: Exchange): void {
  if (request.method !== 'POST' || (rest !== 'on' && rest !== 'off')) {
    json(response, 405, { error: 'POST /health/on or POST /health/off' })
    return
  }
  state.healthy = rest === 'on'
  json(response, 200, { healthy: state.healthy })
}

function headers({ request, response }: Exchange): void {
  const { method, url, httpVersion, headers, rawHeaders } = request
  json(response, 200, { method, url, httpVersion, headers, rawHeaders })
}

async function echo({ request, response }: Exchange): Promise<void> {
  response.writeHead(200, {
    'content-type': request.headers['content-type'] ?? 'application/octet-stream',
  })
  response.flushHeaders()
  await pipeline(request, response)
}

async function upload({ request, response }: Exchange): Promise<void> {
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk)
    length += chunk.length
  }
  json(response, 200, { length, sha256: hash.digest('hex'), trailers: request.trailers })
}

/** One block, repeated: 251 is prime, so a block that is lost, doubled or moved shows in the hash. */
const block = Buffer.from(Array.from({ length: 251 * 256 }, (_, index) => index % 251))

async function bytes({ request, response, rest }: Exchange): Promise<void> {
  const total = Number(rest)
  if (!Number.isSafeInteger(total) || total < 0) {
    json(response, 400, { error: '/bytes/N: N is a whole number of bytes' })
    return
  }
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': total })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await pipeline(blocks(total), response)
}

function* blocks(total: number): Generator<Buffer> {
  for (let left = total; left > 0; left -= block.length)
    yield block.subarray(0, Math.min(left, block.length))
}

async function events({ response, query, state: { stopping } }: Exchange): Promise<void> {
  const count = numberOf(query, 'count', Number.POSITIVE_INFINITY)
  const everyMs = numberOf(query, 'ms', 1000)
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.flushHeaders()
  for (let id = 1; id <= count && !response.destroyed && !stopping.aborted; id++) {
    response.write(`id: ${id}\nevent: tick\ndata: {"number":${id}}\n\n`)
    if (id < count) await delay(everyMs, response, stopping)
  }
  response.end()
}

async function slow({ response, query }: Exchange): Promise<void> {
  const delayMs = numberOf(query, 'ms', 1000)
  await delay(delayMs, response)
  json(response, 200, { delayMs })
}

function status({ response, rest }: Exchange): void {
  const code = Number(rest)
  if (!Number.isInteger(code) || code < 200 || code > 599) {
    json(response, 400, { error: '/status/N: N from 200 to 599' })
    return
  }
  const isBodiless = code === 204 || code === 304
  response
    .writeHead(code, { 'content-type': 'text/plain' })
    .end(isBodiless ? undefined : `${code}\n`)
}

function trailers({ response }: Exchange): void {
  response.writeHead(200, { 'content-type': 'text/plain', trailer: 'x-checksum, x-finished' })
  response.write('body\n')
  response.addTrailers({
    'x-checksum': createHash('sha256').update('body\n').digest('hex'),
    'x-finished': 'yes',
  })
  response.end()
}

function earlyHints({ response }: Exchange): void {
  response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
  response.writeHead(200, { 'content-type': 'text/plain' }).end('after the hints\n')
}

function setCookies({ response }: Exchange): void {
  response.setHeader('set-cookie', [
    'a=1; Path=/',
    'b=2; Path=/; HttpOnly',
    'c=3; Expires=Wed, 21 Oct 2099 07:28:00 GMT',
  ])
  response.writeHead(200, { 'content-type': 'text/plain' }).end('three cookies\n')
}

function gzip({ response }: Exchange): void {
  const body = gzipSync(JSON.stringify({ compressed: true, text: 'a'.repeat(1000) }))
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    'content-length': body.length,
    vary: 'accept-encoding',
  })
  response.end(body)
}

function environment({ response, state }: Exchange): void {
  json(response, 200, state.env)
}

/** The process runtime has no mount namespace: mounts are below POD_ROOT. A real container has none, and mounts at `/`. */
async function file({ response, state, rest }: Exchange): Promise<void> {
  // Normalised from the root, so that `..` cannot climb out.
  const path = join(state.env['POD_ROOT'] ?? '/', normalize(`/${decodeURIComponent(rest)}`))
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    json(response, 404, { error: `No file ${decodeURIComponent(rest)}` })
    return
  }
  response.writeHead(200, { 'content-type': 'application/octet-stream' })
  await pipeline(createReadStream(path), response)
}

function exit({ response, rest }: Exchange): void {
  const code = Number(rest)
  if (!Number.isInteger(code) || code < 0 || code > 255) {
    json(response, 400, { error: '/exit/N: N from 0 to 255' })
    return
  }
  response.once('finish', () => {
    process.stderr.write(`Exiting with ${code} as asked\n`)
    process.exit(code)
  })
  json(response, 200, { exiting: code })
}

function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

function numberOf(query: URLSearchParams, name: string, otherwise: number): number {
  const value = Number(query.get(name) ?? Number.NaN)
  return value >= 0 ? Math.min(value, maxDelayMs) : otherwise
}

/** Ends early when the other side is gone, or when told so. */
function delay(delayMs: number, response: ServerResponse, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, delayMs)
    response.once('close', done)
    signal?.addEventListener('abort', done)
    function done(): void {
      clearTimeout(timer)
      response.off('close', done)
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}
