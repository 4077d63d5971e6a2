/** What lies around the channel: TLS of an ingress, proxies, whatever else answers at the address. */
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultSettings, type Settings } from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test } from 'vitest'
import { anIngressCertificate } from '../../test/support/ingress-certificate.ts'
import { knownAs } from '../../test/support/memory-directory.ts'
import {
  aSocketAgent,
  acquaint,
  connected,
  whenLink,
  type SocketAgentOptions,
} from '../../test/support/socket-agents.ts'
import { anIdentity } from '../../test/support/identities.ts'

const down = ({ state }: { readonly state: string }): boolean => state === 'Disconnected'

const peering = (change: Partial<Settings['peering']>): Settings => ({
  ...defaultSettings,
  peering: { ...defaultSettings.peering, ...change },
})

/** `a` dials `b`, whose port is behind TLS of a private CA. */
async function behindIngress(options: SocketAgentOptions, cert?: { key: string; cert: string }) {
  const outerTls = cert ?? (await anIngressCertificate())
  const a = await aSocketAgent('a', options)
  const b = await aSocketAgent('b', { outerTls })
  acquaint(a, b)
  a.links.start()
  b.links.start()
  return { a, b }
}

test('an ingress whose certificate no known authority signed is refused, and it is said', async () => {
  const { a, b } = await behindIngress({})
  await whenLink(a, b, down)
  const { message, trouble } = a.links.view(b.identity.fingerprint)
  expect(message).toContain('certificate')
  expect(trouble).toBe('OuterCertificateRefused')
})

test('an ingress of a private authority is taken if settings name the authority', async () => {
  const certificate = await anIngressCertificate()
  const folder = await mkdtemp(join(tmpdir(), 'porpulsion-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const outerCaFile = join(folder, 'ca.pem')
  await writeFile(outerCaFile, certificate.cert)
  const { a, b } = await behindIngress({ settings: peering({ outerCaFile }) }, certificate)
  await whenLink(a, b, connected)
  const { transport, outerCertificateEndsMs, clockDifferenceMs } = a.links.view(
    b.identity.fingerprint,
  )
  expect(transport).toBe('wss')
  expect(outerCertificateEndsMs).toBe(Date.parse(new X509Certificate(certificate.cert).validTo))
  expect(Math.abs(clockDifferenceMs ?? Infinity)).toBeLessThan(60_000)
})

test('an authority that cannot be read is named', async () => {
  const { a, b } = await behindIngress({ settings: peering({ outerCaFile: '/nowhere/ca.pem' }) })
  await whenLink(a, b, down)
  expect(a.links.view(b.identity.fingerprint).message).toContain('/nowhere/ca.pem')
})

test('an untrusted ingress may be allowed: trust is inside', async () => {
  const { a, b } = await behindIngress({ settings: peering({ allowUntrustedIngress: true }) })
  await whenLink(a, b, connected)
})

test('a proxy is asked to connect, and sees no more than that', async () => {
  const asked: (string | undefined)[] = []
  const sockets = new Set<Socket>()
  const proxy = createServer()
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url, request.headers['proxy-authorization'])
    const { hostname, port } = new URL(`http://${request.url ?? ''}`)
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(target).pipe(socket)
    })
    for (const one of [socket, target]) {
      sockets.add(one)
      one.on('error', () => one.destroy())
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  const { port } = proxy.address() as AddressInfo
  const { a, b } = await behindIngress({
    settings: peering({ allowUntrustedIngress: true }),
    proxyFor: () => `http://user:p%40ss@127.0.0.1:${port}`,
  })
  await whenLink(a, b, connected)
  expect(asked).toEqual([
    `127.0.0.1:${b.port}`,
    `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
  ])
})

test('a proxy that refuses is named', async () => {
  const proxy = createServer()
  proxy.on('connect', (_request: IncomingMessage, socket: Socket) =>
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
  )
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  const { port } = proxy.address() as AddressInfo
  const { a, b } = await behindIngress({ proxyFor: () => `http://127.0.0.1:${port}` })
  await whenLink(a, b, down)
  expect(a.links.view(b.identity.fingerprint).message).toContain('407')
})

test.each([
  ['a page of an ingress', 502, {}, '502'],
  ['a redirect', 302, { location: 'http://127.0.0.1:1/ws' }, '302'],
] as const)(
  '%s instead of a channel is told with its status',
  async (_what, status, headers, said) => {
    const server = createServer()
    server.on('upgrade', (_request, socket: Socket) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
      socket.end(`HTTP/1.1 ${status} No\r\n${lines.join('')}Content-Length: 6\r\n\r\n<html>`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const a = await aSocketAgent('a')
    const b = await anIdentity('b')
    a.directory.put(knownAs('b', b, { url: `http://127.0.0.1:${port}/base` }))
    a.links.start()
    await whenLink(a, { identity: b }, down)
    expect(a.links.view(b.fingerprint).message).toContain(said)
  },
)

test('who refuses and does not end the answer is given up like who does not answer', async () => {
  const clock = new FakeClock(Date.now())
  const server = createServer((_request, response) => {
    response.writeHead(503, { 'content-length': '100' }).write('{')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // listening on TCP
  const a = await aSocketAgent('a', { clock })
  const b = await anIdentity('b')
  a.directory.put(knownAs('b', b, { url: `http://127.0.0.1:${port}` }))
  const asked = once(server, 'request')
  a.links.start()
  await asked
  // Until the head of the answer was read.
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  const isDown = whenLink(a, { identity: b }, down)
  await clock.advance(10_000)
  await isDown
  expect(a.links.view(b.fingerprint).message).toContain('did not answer within 10 s')
})
