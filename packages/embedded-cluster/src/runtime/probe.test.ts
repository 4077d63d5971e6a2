import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Probe } from 'kubernetes-types/core/v1.js'
import { expect, onTestFinished, test } from 'vitest'
import { runProbe } from './probe.ts'

async function serving(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return probing(port)
}

function probing(port: number) {
  const container = { name: 'app', ports: [{ name: 'http', containerPort: port }] }
  const exec = (command: readonly string[]) =>
    Promise.resolve({ exitCode: Number(command[0]), output: 'said so' })
  return { port, look: (probe: Probe) => runProbe(probe, { container, podIP: '127.0.0.1', exec }) }
}

test.each([
  [200, true],
  [204, true],
  [302, true],
  [399, true],
  [400, false],
  [503, false],
])('an HTTP answer of %i is success: %s', async (status, ok) => {
  const { look, port } = await serving((_, response) => response.writeHead(status).end())
  expect((await look({ httpGet: { port } })).ok).toBe(ok)
})

test('path, headers and a port by name go into the request', async () => {
  const seen: unknown[] = []
  const { look } = await serving(({ url, headers }, response) => {
    seen.push(url, headers['x-probe'])
    response.end()
  })
  const httpHeaders = [{ name: 'X-Probe', value: 'yes' }]
  await look({ httpGet: { port: 'http', path: '/health?deep=1', httpHeaders } })
  expect(seen).toEqual(['/health?deep=1', 'yes'])
})

test('an answer that does not come in time is a failure', async () => {
  const { look, port } = await serving(() => undefined)
  const verdict = await look({ httpGet: { port }, timeoutSeconds: 0.05 })
  expect(verdict).toMatchObject({
    ok: false,
    message: expect.stringContaining('deadline exceeded') as string,
  })
})

test('a body without end is not read to its end', async () => {
  const { look, port } = await serving((_, response) => {
    response.writeHead(200)
    response.write(Buffer.alloc(100_000))
  })
  expect(await look({ httpGet: { port } })).toEqual({ ok: true })
})

test('a TCP probe asks whether anybody listens', async () => {
  const { look, port } = await serving(() => undefined)
  expect(await look({ tcpSocket: { port } })).toEqual({ ok: true })
  const nobody = probing(1)
  expect(await nobody.look({ tcpSocket: { port: 1 } })).toMatchObject({
    ok: false,
    message: expect.stringContaining('ECONNREFUSED') as string,
  })
})

test('an exec probe goes by the exit code', async () => {
  const { look } = probing(1)
  expect(await look({ exec: { command: ['0'] } })).toEqual({ ok: true })
  expect(await look({ exec: { command: ['1'] } })).toEqual({ ok: false, message: 'said so' })
})

test('a kind of probe that is not supported fails and says which are', async () => {
  const { look } = probing(1)
  expect(await look({ grpc: { port: 1 } })).toMatchObject({
    message: expect.stringContaining('httpGet') as string,
  })
})
