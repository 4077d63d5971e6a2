import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { tempDir } from '../../test/support/temp-dir.ts'
import { hello } from './hello.ts'

beforeAll(() => {
  // The program prints a line per request; that is the container's log, not this test's.
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = () => true
  return () => {
    process.stdout.write = write
  }
})

/** Each test has a server of its own, at an address of its own. */
async function running(
  env: Record<string, string> = {},
): Promise<{ url: string; stop: () => Promise<number> }> {
  const host = `127.7.${Math.floor(process.pid / 256) % 256}.${(process.pid % 254) + 1}`
  const port = await freePort(host)
  const stopping = new AbortController()
  let ended: Promise<number> = Promise.resolve(0)
  await new Promise<void>((resolve) => {
    const context = {
      args: ['--port', String(port)],
      env: { HOST: host, ...env },
      signal: stopping.signal,
      started: resolve,
    }
    ended = hello(context)
  })
  const stop = (): Promise<number> => {
    stopping.abort()
    return ended
  }
  onTestFinished(async () => {
    await stop()
  })
  return { url: `http://${host}:${port}`, stop }
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('the page names pod and namespace and shows the request headers, escaped', async () => {
  const { url } = await running({ POD_NAME: 'web-1', POD_NAMESPACE: 'shop' })
  const answer = await fetch(url, { headers: { 'x-test': '<b>"x"</b>' } })
  const page = await answer.text()
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page).toContain('web-1')
  expect(page).toContain('shop')
  expect(page).toContain('&lt;b&gt;&quot;x&quot;&lt;/b&gt;')
})

test('the health switch turns probes off and on', async () => {
  const { url } = await running()
  const health = async () => (await fetch(`${url}/healthz`)).status
  expect(await health()).toBe(200)
  await fetch(`${url}/health/off`, { method: 'POST' })
  expect(await health()).toBe(503)
  await fetch(`${url}/health/on`, { method: 'POST' })
  expect(await health()).toBe(200)
})

test('headers come back raw, repeated ones included, and the path undecoded', async () => {
  const { url } = await running()
  const req = request(`${url}/headers?a=%2F`, { headers: ['x-a', '1', 'X-A', '2', 'host', 'h'] })
  req.end()
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  const body = JSON.parse(Buffer.concat(await res.toArray()).toString()) as {
    rawHeaders: string[]
    url: string
  }
  expect(body.rawHeaders.join()).toContain('x-a,1,X-A,2')
  expect(body.url).toBe('/headers?a=%2F')
})

test('a body of N bytes has N bytes, and an upload is measured and hashed', async () => {
  const { url } = await running()
  const bytes = Buffer.from(await (await fetch(`${url}/bytes/200000`)).arrayBuffer())
  expect(bytes.length).toBe(200_000)
  const upload = await (await fetch(`${url}/upload`, { method: 'POST', body: bytes })).json()
  expect(upload).toMatchObject({
    length: 200_000,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  })
})

test('WebSocket messages come back as they came, and the socket closes when the program ends', async () => {
  const { url } = await running()
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`)
  await once(socket, 'open')
  socket.send(Buffer.from([1, 2, 3]))
  const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean]
  expect([...data]).toEqual([1, 2, 3])
  expect(isBinary).toBe(true)
  socket.close()
  await once(socket, 'close')
})

test('an upgrade anywhere else is refused', async () => {
  const { url } = await running()
  const socket = new WebSocket(`${url.replace('http', 'ws')}/other`)
  const [error] = (await once(socket, 'error')) as [Error]
  expect(error.message).toContain('404')
})

test('server-sent events are numbered', async () => {
  const { url } = await running()
  const text = await (await fetch(`${url}/events?count=2&ms=1`)).text()
  expect(text).toBe(
    'id: 1\nevent: tick\ndata: {"number":1}\n\nid: 2\nevent: tick\ndata: {"number":2}\n\n',
  )
})

test.each([200, 204, 304, 404, 503])('status %i is answered as asked', async (status) => {
  const { url } = await running()
  expect((await fetch(`${url}/status/${status}`)).status).toBe(status)
})

test('three cookies are three headers', async () => {
  const { url } = await running()
  expect((await fetch(`${url}/set-cookies`)).headers.getSetCookie()).toHaveLength(3)
})

test('a gzip body says so and unpacks', async () => {
  const { url } = await running()
  const req = request(`${url}/gzip`).end()
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  expect(res.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(Buffer.concat(await res.toArray())).toString()).toContain('"compressed":true')
})

test('trailers follow the body, and 103 comes before 200', async () => {
  const { url } = await running()
  const trailing = request(`${url}/trailers`).end()
  const [res] = (await once(trailing, 'response')) as [IncomingMessage]
  await res.toArray()
  expect(res.trailers['x-finished']).toBe('yes')
  const hinted = request(`${url}/early-hints`).end()
  const [information] = (await once(hinted, 'information')) as [{ statusCode: number }]
  expect(information.statusCode).toBe(103)
})

test('files are those below the root of the pod, and nothing above it', async () => {
  const dir = tempDir()
  const root = join(dir, 'root')
  mkdirSync(join(root, 'etc'), { recursive: true })
  mkdirSync(join(dir, 'volume'))
  writeFileSync(join(dir, 'volume/key'), 'value')
  writeFileSync(join(dir, 'secret'), 'not for you')
  symlinkSync(join(dir, 'volume'), join(root, 'etc/app'))
  const { url } = await running({ POD_ROOT: root })
  expect(await (await fetch(`${url}/files/etc/app/key`)).text()).toBe('value')
  expect((await fetch(`${url}/files/..%2Fsecret`)).status).toBe(404)
})

test('an unknown path says where the known ones are', async () => {
  const { url } = await running()
  const answer = await fetch(`${url}/nowhere`)
  expect(answer.status).toBe(404)
  expect(await answer.text()).toContain('GET / lists')
})

test('told to stop, it does not wait for what never ends', async () => {
  const { url, stop } = await running()
  const events = await fetch(`${url}/events?ms=3600000`)
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  expect(await stop()).toBe(0)
  expect(await closed).toEqual([1001, Buffer.from('Going away')])
  expect(await events.text()).toContain('id: 1')
})

test('told to stop, it finishes the answer in hand and takes no new connection', async () => {
  const { url, stop } = await running()
  const slow = fetch(`${url}/slow?ms=50`)
  const { hostname, port } = new URL(url)
  // The request is under way once a second one was answered.
  await fetch(`${url}/healthz`)
  const ended = stop()
  expect((await slow).status).toBe(200)
  expect(await ended).toBe(0)
  const [error] = (await once(connect(Number(port), hostname), 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')
})
