import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { Kinds } from '../src/registry/kinds.ts'
import { aPod, inDefault } from './support/builders.ts'
import { until } from './support/watching.ts'
import { aCluster, type TestApi } from './test-cluster.ts'

async function aRunningPod(): Promise<TestApi> {
  const api = await aCluster({ workloads: true })
  const { registry } = api.cluster
  await registry.create(Kinds.Pod, aPod('web'))
  await until(registry, Kinds.Pod, inDefault('web'), ({ status }) => status?.phase === 'Running')
  return api
}

interface Forward {
  readonly socket: WebSocket
  /** What came over a channel. */
  readonly from: (channel: number) => Buffer
}

function forward({ cluster }: TestApi, query: string): Forward {
  const path = `/api/v1/namespaces/default/pods/web/portforward${query}`
  const socket = new WebSocket(cluster.url.replace(/^http/, 'ws') + path, 'v4.channel.k8s.io', {
    headers: { authorization: `Bearer ${cluster.token}` },
  })
  onTestFinished(() => socket.on('error', () => undefined).terminate())
  const messages: Buffer[] = []
  socket.on('message', (message: Buffer) => messages.push(message))
  const from = (channel: number): Buffer =>
    Buffer.concat(messages.filter(([first]) => first === channel).map((one) => one.subarray(1)))
  return { socket, from }
}

test('a port of the pod is a channel of the WebSocket, which begins with its number', async () => {
  const { socket, from } = forward(await aRunningPod(), '?ports=8080')
  await once(socket, 'open')
  const request = 'GET /bytes/200000 HTTP/1.1\r\nhost: pod\r\nconnection: close\r\n\r\n'
  socket.send(Buffer.concat([Buffer.of(0), Buffer.from(request)]))
  await once(socket, 'close')
  expect(from(0).readUInt16LE()).toBe(8080)
  expect(from(1)).toEqual(Buffer.of(0x90, 0x1f))
  expect(from(0).toString('latin1', 2)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(from(0).length).toBeGreaterThan(200_000)
})

test('a port where nothing listens is told on the channel for errors', async () => {
  const { socket, from } = forward(await aRunningPod(), '?ports=9')
  await once(socket, 'close')
  expect(from(1).toString('utf8', 2)).toMatch(/^error forwarding port 9 to pod: .*ECONNREFUSED/)
})

test.each([
  ['', 400],
  ['?ports=0', 400],
  ['?ports=http', 400],
])('ports %j are refused before the connection is taken over', async (query, status) => {
  const { socket } = forward(await aRunningPod(), query)
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number },
  ]
  expect(response.statusCode).toBe(status)
})
