import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createServer as createHttpServer } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { bearerToken, Pod } from '../src/index.ts'
import { FakeClock } from '../src/testing.ts'
import { json, scriptedServer, type ScriptedServer } from './scripted-server.ts'
import { aClient, aPod } from './support.ts'

const web = { namespace: 'default', name: 'web' }
const port = 8080

const announcement = (channel: number, announced = port): Buffer => {
  const message = Buffer.from([channel, 0, 0])
  message.writeUInt16LE(announced, 1)
  return message
}
const data = (text: string): Buffer => Buffer.from(`\0${text}`)

interface PodEnd {
  readonly socket: WebSocket
  /** What the client sent, without channel bytes. */
  readonly received: string[]
  /** Resolves once so many characters have come. */
  readonly characters: (count: number) => Promise<string>
}

/** An API server whose port-forwards are handed to `serve`. */
async function aForwarder(
  serve: (pod: PodEnd) => void,
  seen: { url?: string; authorization?: string } = {},
): Promise<ScriptedServer> {
  const sockets = new WebSocketServer({ noServer: true })
  const server = await scriptedServer()
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
  })
  return server.onUpgrade((request, socket, head) => {
    Object.assign(seen, { url: request.url, authorization: request.headers.authorization })
    sockets.handleUpgrade(request, socket, head, (pod) => {
      const received: string[] = []
      pod.on('message', (message: Buffer) => received.push(message.toString('utf8', 1)))
      const characters = async (count: number): Promise<string> => {
        while (received.join('').length < count) await once(pod, 'message')
        return received.join('')
      }
      serve({ socket: pod, received, characters })
    })
  })
}

function announce(pod: WebSocket): void {
  pod.send(announcement(0))
  pod.send(announcement(1))
}

describe('a port-forward', () => {
  test('carries bytes both ways, to the port that was asked for', async () => {
    const seen: { url?: string; authorization?: string } = {}
    const server = await aForwarder(({ socket }) => {
      announce(socket)
      socket.on('message', (message: Buffer) => socket.send(message))
    }, seen)
    const client = aClient({ ...server.connection, credentials: bearerToken('t') })
    const stream = await client.portForward(web, port)

    stream.write('hello')
    const [echo] = (await once(stream, 'data')) as [Buffer]

    expect(echo.toString()).toBe('hello')
    expect(seen).toEqual({
      url: '/api/v1/namespaces/default/pods/web/portforward?ports=8080',
      authorization: 'Bearer t',
    })
    stream.destroy()
  })

  test('carries megabytes intact', async () => {
    const server = await aForwarder(({ socket }) => {
      announce(socket)
      socket.on('message', (message: Buffer) => socket.send(message))
    })
    const stream = await aClient(server.connection).portForward(web, port)
    const sent = Buffer.alloc(3 * 1024 * 1024)
    for (let index = 0; index < sent.length; index++) sent[index] = (index * 7) % 251
    stream.write(sent)
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= sent.length) break
    }

    expect(Buffer.concat(chunks).equals(sent)).toBe(true)
  })

  test('ends when the pod ends, after all it sent', async () => {
    const server = await aForwarder(({ socket }) => {
      announce(socket)
      socket.send(data('last words'))
      socket.close()
    })
    const stream = await aClient(server.connection).portForward(web, port)

    expect((await stream.toArray()).join('')).toBe('last words')
  })

  test('still receives after our own end', async () => {
    const server = await aForwarder(({ socket, characters }) => {
      announce(socket)
      void characters('request'.length).then(() => {
        socket.send(data('answer'))
        socket.close()
      })
    })
    const stream = await aClient(server.connection).portForward(web, port)
    stream.end('request')

    expect((await stream.toArray()).join('')).toBe('answer')
  })

  test('a reader that does not read stops the pod, not our memory', async () => {
    let podSide: WebSocket | undefined
    const server = await aForwarder(({ socket }) => {
      podSide = socket
      announce(socket)
      const chunk = Buffer.alloc(64 * 1024)
      for (let chunks = 0; chunks < 1_024; chunks++) socket.send(chunk)
    })
    const stream = await aClient(server.connection).portForward(web, port)
    await once(stream, 'readable')
    let before = -1
    // The kernel takes some megabytes; what is then left does not move any more.
    while (podSide!.bufferedAmount !== before) {
      before = podSide!.bufferedAmount
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    }

    expect(before).toBeGreaterThan(16 * 1024 * 1024)
    expect(stream.readableLength).toBeLessThan(1024 * 1024)
    stream.destroy()
  })

  test('a fault the pod reports ends it with that text', async () => {
    const server = await aForwarder(({ socket }) => {
      announce(socket)
      socket.send(Buffer.from('\x01connection refused'))
    })
    const stream = await aClient(server.connection).portForward(web, port)
    const [error] = (await once(stream, 'error')) as [Error]

    expect(error.message).toBe('Port-forward to port 8080 failed: connection refused')
  })

  test('that breaks off is a fault, not an end', async () => {
    const server = await aForwarder(({ socket }) => {
      announce(socket)
      socket.send(data('half an ans'), () => socket.terminate())
    })
    const stream = await aClient(server.connection).portForward(web, port)

    await expect(stream.toArray()).rejects.toThrow('broke off')
  })

  test('that is destroyed closes its connection', async () => {
    let closed: Promise<unknown> | undefined
    const server = await aForwarder(({ socket }) => {
      closed = once(socket, 'close')
      announce(socket)
    })
    const stream = await aClient(server.connection).portForward(web, port)
    stream.destroy()
    await closed
  })
})

describe('a port-forward that does not come about', () => {
  test('says what the server said', async () => {
    const server = await scriptedServer()
    server.onUpgrade((_, socket) => {
      const body = JSON.stringify({
        kind: 'Status',
        reason: 'NotFound',
        message: 'pods "web" not found',
      })
      socket.end(`HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    })
    await expect(aClient(server.connection).portForward(web, port)).rejects.toMatchObject({
      status: 404,
      reason: 'NotFound',
      message: 'pods "web" not found',
    })
  })

  test('ends at its time-out', async () => {
    let closed: Promise<unknown> | undefined
    const server = await aForwarder(({ socket }) => {
      closed = once(socket, 'close')
      socket.send(announcement(0))
    })
    const clock = new FakeClock()
    const opening = aClient(server.connection, clock).portForward(web, port, { timeoutMs: 5_000 })
    const failed = expect(opening).rejects.toMatchObject({ reason: 'NoAnswer' })
    while (closed === undefined) await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(5_000)
    await failed
    await closed
  })

  test('ends when its signal fires', async () => {
    const ending = new AbortController()
    const server = await aForwarder(() => ending.abort(new Error('enough')))
    await expect(
      aClient(server.connection).portForward(web, port, { signal: ending.signal }),
    ).rejects.toThrow('enough')
  })

  test('is not taken for one to another port', async () => {
    const server = await aForwarder(({ socket }) => {
      socket.send(announcement(0, 9090))
    })
    await expect(aClient(server.connection).portForward(web, port)).rejects.toThrow(
      'announced another port',
    )
  })

  test('because the pod is gone already is no hang', async () => {
    const server = await aForwarder(({ socket }) => socket.close())
    await expect(aClient(server.connection).portForward(web, port)).rejects.toMatchObject({
      reason: 'Unreachable',
    })
  })
})

describe('through a proxy', () => {
  /** A CONNECT proxy that notes where it was asked to go. */
  async function aProxy(): Promise<{ url: string; targets: string[] }> {
    const targets: string[] = []
    const sockets = new Set<Socket>()
    const proxy = createHttpServer()
    proxy.on('connect', (request, client: Socket) => {
      targets.push(`${request.headers['proxy-authorization'] ?? ''} ${request.url ?? ''}`)
      const [host = '', port] = (request.url ?? '').split(':')
      const upstream = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(client).pipe(upstream)
      })
      for (const socket of [client, upstream]) {
        sockets.add(socket)
        socket.on('error', () => upstream.destroy())
      }
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      proxy.close()
    })
    const { port } = proxy.address() as { port: number }
    return { url: `http://me:secret@127.0.0.1:${port}`, targets }
  }

  const login = `Basic ${Buffer.from('me:secret').toString('base64')}`

  test('calls and port-forwards are tunnelled', async () => {
    const proxy = await aProxy()
    const server = await aForwarder(({ socket }) => {
      announce(socket)
      socket.send(data('hello'))
      socket.close()
    })
    server.otherwise(json(aPod('web', '5')))
    const client = aClient({ ...server.connection, proxyUrl: proxy.url })

    expect((await client.get(Pod, web)).metadata.name).toBe('web')
    const stream = await client.portForward(web, port)
    expect((await stream.toArray()).join('')).toBe('hello')

    const target = `${login} 127.0.0.1:${server.port}`
    expect(proxy.targets).toEqual([target, target])
  })

  test('the certificate is still the one of the server', async () => {
    const proxy = await aProxy()
    const server = await scriptedServer({ isSecure: true })
    server.otherwise(json(aPod('web', '5')))
    const connection = { ...(await server.secureConnection()), proxyUrl: proxy.url }
    const { certificateAuthority: _, ...untrusted } = connection

    expect((await aClient(connection).get(Pod, web)).metadata.name).toBe('web')
    await expect(aClient(untrusted).get(Pod, web)).rejects.toMatchObject({ reason: 'Unreachable' })
  })

  test('a proxy that refuses is named', async () => {
    const proxy = createServer((socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void proxy.close())
    const { port } = proxy.address() as { port: number }
    const server = await scriptedServer()
    const client = aClient({ ...server.connection, proxyUrl: `http://127.0.0.1:${port}` })

    await expect(client.get(Pod, web)).rejects.toThrow(`The proxy 127.0.0.1:${port} refused`)
  })
})
