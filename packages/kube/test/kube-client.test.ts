import { getEventListeners, once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  bearerToken,
  ConfigMap,
  isConflict,
  isNotFound,
  KubeClient,
  Node,
  Pod,
  type ClusterConnection,
  type Credential,
  type KubeError,
  type RequestObservation,
} from '../src/index.ts'
import { FakeClock } from '../src/testing.ts'
import {
  certificate,
  clientName,
  freePort,
  json,
  list,
  scriptedServer,
  status,
  watch,
  type Step,
} from './scripted-server.ts'
import { aClient, aPod } from './support.ts'

const web = { namespace: 'default', name: 'web' }

/** Credentials that hand out one after the other, a new one whenever the last was refused. */
function rotating(...credentials: Credential[]): ClusterConnection['credentials'] {
  let index = 0
  return {
    current: () => Promise.resolve(credentials[Math.min(index, credentials.length - 1)] ?? {}),
    expire: () => {
      index += 1
    },
  }
}

describe('errors', () => {
  test('a refusal says what the server said', async () => {
    const server = await scriptedServer()
    server.script(
      status(409, 'Conflict', {
        message: 'the object has been modified',
        details: { name: 'web' },
      }),
    )
    const error = await aClient(server.connection)
      .get(Pod, web)
      .catch((error: unknown) => error as KubeError)

    expect(error).toMatchObject({
      status: 409,
      reason: 'Conflict',
      message: 'the object has been modified',
      details: { name: 'web' },
    })
    expect(isConflict(error)).toBe(true)
    expect(isNotFound(error)).toBe(false)
  })

  test('a refusal without a Status names the request and what came instead', async () => {
    const server = await scriptedServer()
    server.script(({ answer }) => void answer.writeHead(502).end('<h1>Bad Gateway</h1>'))

    await expect(aClient(server.connection).get(Pod, web)).rejects.toMatchObject({
      status: 502,
      message: 'GET /api/v1/namespaces/default/pods/web was answered 502: <h1>Bad Gateway</h1>',
    })
  })

  test('a server out of reach is named with the request that wanted it', async () => {
    const port = await freePort()
    const client = aClient({
      server: `http://127.0.0.1:${port}`,
      credentials: bearerToken('secret-token'),
    })
    const error = await client.get(Pod, web).catch((error: unknown) => error as KubeError)

    expect(error).toMatchObject({ status: 0, reason: 'Unreachable' })
    expect((error as KubeError).message).toContain(`127.0.0.1:${port}`)
    expect((error as KubeError).message).not.toContain('secret-token')
  })

  test('an answer that is cut off is no answer', async () => {
    const server = await scriptedServer()
    const cut: Step = ({ answer, socket }) => {
      answer.writeHead(200, { 'content-length': '1000' })
      answer.write('{"kind":', () => socket.destroy())
    }
    server.otherwise(cut)

    await expect(aClient(server.connection).get(Pod, web)).rejects.toMatchObject({
      reason: 'Unreachable',
    })
  })

  test('an answer that is not JSON is the fault of the server', async () => {
    const server = await scriptedServer()
    server.script(({ answer }) => void answer.end('<html>Log in first</html>'))

    await expect(aClient(server.connection).get(Pod, web)).rejects.toMatchObject({
      reason: 'BadAnswer',
    })
  })

  test('an object that is not there is found to be undefined', async () => {
    const server = await scriptedServer()
    server.script(status(404, 'NotFound'), status(403, 'Forbidden'))
    const client = aClient(server.connection)

    expect(await client.find(Pod, web)).toBeUndefined()
    await expect(client.find(Pod, web)).rejects.toMatchObject({ reason: 'Forbidden' })
  })

  test('a namespaced object without its namespace, or without a name, is not asked for', async () => {
    const server = await scriptedServer()
    const client = aClient(server.connection)

    await expect(client.delete(Pod, { name: 'web' })).rejects.toThrow('without a namespace')
    await expect(client.delete(Pod, { namespace: 'default', name: '' })).rejects.toThrow('empty')
    expect(server.exchanges).toEqual([])
  })
})

describe('time', () => {
  test('a call without an answer ends at its time-out, and closes its connection', async () => {
    const server = await scriptedServer()
    server.script(() => undefined)
    const clock = new FakeClock()
    const call = aClient(server.connection, clock).get(Pod, web, { timeoutMs: 5_000 })
    const failed = expect(call).rejects.toMatchObject({
      status: 0,
      reason: 'NoAnswer',
      message: expect.stringContaining('within 5 s') as string,
    })
    const [exchange] = await server.received(1)
    await clock.advance(5_000)
    await failed
    await once(exchange!.socket, 'close')
  })

  test('an answer whose body never ends is bound by the same time', async () => {
    const server = await scriptedServer()
    server.script(({ answer }) => {
      answer.writeHead(200)
      answer.write('{')
    })
    const clock = new FakeClock()
    const call = aClient(server.connection, clock).get(Pod, web, { timeoutMs: 5_000 })
    const failed = expect(call).rejects.toMatchObject({ reason: 'NoAnswer' })
    await server.received(1)
    await clock.advance(5_000)
    await failed
  })

  test("an aborted call rejects with the signal's reason", async () => {
    const server = await scriptedServer()
    server.script(() => undefined)
    const ending = new AbortController()
    const call = aClient(server.connection).get(Pod, web, { signal: ending.signal })
    const failed = expect(call).rejects.toThrow('the agent stops')
    await server.received(1)
    ending.abort(new Error('the agent stops'))
    await failed
  })

  test('a signal that lives on keeps nothing of the calls and streams that ended', async () => {
    const server = await scriptedServer()
    server.otherwise((exchange) =>
      exchange.query.has('watch')
        ? watch((stream) => stream.end())(exchange)
        : json(aPod('web', '5'))(exchange),
    )
    const { signal } = new AbortController()
    const client = aClient(server.connection)
    for (let calls = 0; calls < 20; calls++) {
      await client.get(Pod, web, { signal })
      for await (const _ of client.watch(Pod, { resourceVersion: '1', signal }));
      await (await client.logs(web, { signal })).toArray()
    }
    await new Promise((resolve) => setImmediate(resolve))

    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('a signal that fired before is not even asked', async () => {
    const server = await scriptedServer()
    const signal = AbortSignal.abort(new Error('too late'))

    await expect(aClient(server.connection).get(Pod, web, { signal })).rejects.toThrow('too late')
    expect(server.exchanges).toEqual([])
  })

  test('a server that says when to come back is asked again then, even for a write', async () => {
    const server = await scriptedServer()
    const busy = status(429, 'TooManyRequests', { headers: { 'retry-after': '3' } })
    server.script(busy, json(aPod('web', '5')))
    const clock = new FakeClock()
    const call = aClient(server.connection, clock).create(Pod, aPod('web', ''))
    await clock.whenWaiting(3_000)
    await clock.advance(2_999)
    expect(server.exchanges).toHaveLength(1)
    await clock.advance(1)

    expect((await call).metadata.resourceVersion).toBe('5')
  })

  test('a wait longer than the call may take is left to the caller', async () => {
    const server = await scriptedServer()
    server.script(status(429, 'TooManyRequests', { headers: { 'retry-after': '120' } }))

    await expect(aClient(server.connection).get(Pod, web)).rejects.toMatchObject({
      status: 429,
      retryAfterMs: 120_000,
    })
  })
})

describe('connections', () => {
  test('calls one after the other share their connections', async () => {
    const server = await scriptedServer()
    server.otherwise(json(aPod('web', '5')))
    const client = aClient(server.connection)
    for (let calls = 0; calls < 20; calls++) await client.get(Pod, web)

    // undici takes a second one while the first tidies up after an answer.
    expect(server.connections).toBeLessThanOrEqual(2)
  })

  test('a kept connection that the server closed as we used it costs nothing but a second try', async () => {
    const server = await scriptedServer()
    server.script(
      json(aPod('web', '5')),
      ({ socket }) => void socket.destroy(),
      json(aPod('web', '6')),
    )
    const client = aClient(server.connection)
    await client.get(Pod, web)

    expect((await client.get(Pod, web)).metadata.resourceVersion).toBe('6')
  })

  test('a write whose connection broke is not repeated: it may have happened', async () => {
    const server = await scriptedServer()
    server.script(({ socket }) => void socket.destroy(), json(aPod('web', '6')))

    await expect(aClient(server.connection).create(Pod, aPod('web', ''))).rejects.toMatchObject({
      reason: 'Unreachable',
    })
    expect(server.exchanges).toHaveLength(1)
  })

  test('any number of watches leaves calls a connection', async () => {
    const server = await scriptedServer()
    server.otherwise((exchange) =>
      exchange.query.has('watch') ? watch()(exchange) : json(aPod('web', '5'))(exchange),
    )
    const client = aClient(server.connection)
    const ending = new AbortController()
    const watches = Array.from({ length: 100 }, () =>
      client.watch(Pod, { resourceVersion: '1', signal: ending.signal }).next(),
    )
    const ended = Promise.allSettled(watches)
    await server.received(100)

    expect((await client.get(Pod, web)).metadata.name).toBe('web')
    ending.abort()
    expect((await ended).every(({ status }) => status === 'rejected')).toBe(true)
  })

  test('a closed client says so', async () => {
    const server = await scriptedServer()
    const client = new KubeClient(server.connection, { fieldManager: 'kit-test' })
    await client.close()

    await expect(client.get(Pod, web)).rejects.toMatchObject({ reason: 'Closed' })
  })

  test('every request is observed with its outcome', async () => {
    const server = await scriptedServer()
    server.script(json(aPod('web', '5')), status(404, 'NotFound'))
    const observed: RequestObservation[] = []
    const client = new KubeClient(server.connection, {
      fieldManager: 'kit-test',
      observe: (request) => void observed.push(request),
    })
    onTestFinished(() => client.close())
    await client.get(Pod, web)
    await client.find(Pod, web)

    expect(observed.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'GET 200',
      'GET 404',
    ])
  })
})

describe('who we are', () => {
  test('a token that expired is asked for anew, once', async () => {
    const server = await scriptedServer()
    const refuse401 = status(401, 'Unauthorized')
    server.script(refuse401, json(aPod('web', '5')), refuse401, refuse401)
    const client = aClient({
      ...server.connection,
      credentials: rotating(
        { authorization: 'Bearer old' },
        { authorization: 'Bearer new' },
        { authorization: 'Bearer newer' },
      ),
    })

    await client.get(Pod, web)
    await expect(client.get(Pod, web)).rejects.toMatchObject({ reason: 'Unauthorized' })

    expect(server.exchanges.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
      'Bearer new',
      'Bearer newer',
    ])
  })

  test('a watch asks for a new token as any call does', async () => {
    const server = await scriptedServer()
    server.script(
      status(401, 'Unauthorized'),
      watch((stream) => stream.event('ADDED', aPod('web', '5'))),
    )
    const client = aClient({
      ...server.connection,
      credentials: rotating({ authorization: 'Bearer old' }, { authorization: 'Bearer new' }),
    })
    for await (const event of client.watch(Pod, { resourceVersion: '1' })) {
      expect(event.kind).toBe('added')
      break
    }
    expect(server.exchanges[1]?.headers.authorization).toBe('Bearer new')
  })

  test('the server must show a certificate of its authority', async () => {
    const server = await scriptedServer({ isSecure: true })
    server.otherwise(json(aPod('web', '5')))
    const trusted = await server.secureConnection()
    const { certificateAuthority: _, ...untrusted } = trusted

    expect((await aClient(trusted).get(Pod, web)).metadata.name).toBe('web')
    await expect(aClient(untrusted).get(Pod, web)).rejects.toMatchObject({ reason: 'Unreachable' })
    const careless = { ...untrusted, insecureSkipTlsVerify: true }
    expect((await aClient(careless).get(Pod, web)).metadata.name).toBe('web')
  })

  test('the server must show the name that was expected', async () => {
    const server = await scriptedServer({ isSecure: true })
    server.otherwise(json(aPod('web', '5')))
    const connection = await server.secureConnection()

    await aClient({ ...connection, tlsServerName: 'api.test' }).get(Pod, web)
    await expect(
      aClient({ ...connection, tlsServerName: 'other.test' }).get(Pod, web),
    ).rejects.toMatchObject({ message: expect.stringContaining('other.test') as string })
  })

  test('a new client certificate is used from the next call on, while old streams go on', async () => {
    const server = await scriptedServer({ isSecure: true })
    const names: (string | undefined)[] = []
    const remember =
      (step: Step): Step =>
      (exchange) => {
        names.push(clientName(exchange))
        return step(exchange)
      }
    let finish = (): void => undefined
    server
      .script(
        remember(
          watch((stream) => {
            finish = () => void stream.event('ADDED', aPod('late', '9'))
          }),
        ),
        remember(status(401, 'Unauthorized')),
      )
      .otherwise(remember(json(aPod('web', '5'))))
    const [a, b] = await Promise.all(
      ['client-a', 'client-b'].map(async (name) => ({
        clientCertificate: {
          certificate: await certificate(name),
          key: await certificate(`${name}.key`),
        },
      })),
    )
    const client = aClient({
      ...(await server.secureConnection()),
      credentials: rotating(a!, b!),
    })

    const events = client.watch(Pod, { resourceVersion: '1' })
    const first = events.next()
    await server.received(1)
    await client.get(Pod, web)
    finish()

    expect(await first).toMatchObject({ value: { kind: 'added' } })
    await events.return()
    expect(names).toEqual(['client-a', 'client-a', 'client-b'])
  })
})

describe('requests', () => {
  test('are addressed as Kubernetes has it, also behind a path', async () => {
    const server = await scriptedServer()
    server.otherwise(json(aPod('web', '5')))
    const client = aClient({
      ...server.connection,
      server: `${server.connection.server}/k8s/clusters/c-1/`,
    })
    await client.get(Pod, web)
    await client.get(Node, { name: 'n1' })
    await client.get(ConfigMap, { namespace: 'a b', name: 'ü/..' })

    expect(server.exchanges.map(({ path }) => path)).toEqual([
      '/k8s/clusters/c-1/api/v1/namespaces/default/pods/web',
      '/k8s/clusters/c-1/api/v1/nodes/n1',
      '/k8s/clusters/c-1/api/v1/namespaces/a%20b/configmaps/%C3%BC%2F..',
    ])
  })

  test('items of a list know their kind, which the server leaves out', async () => {
    const server = await scriptedServer()
    const { kind: _, apiVersion: __, ...bare } = aPod('web', '5')
    server.script(list([bare], '7'))
    const { items } = await aClient(server.connection).list(Pod)

    expect(items[0]).toMatchObject({ kind: 'Pod', apiVersion: 'v1' })
  })

  test('an apply leaves out managed fields, and takes fields over by force', async () => {
    const server = await scriptedServer()
    server.script(json(aPod('web', '5')))
    await aClient(server.connection).apply(Pod, {
      ...aPod('web', '4'),
      metadata: { namespace: 'default', name: 'web', managedFields: [{ manager: 'other' }] },
    })
    const [{ method, query, headers, body } = fail()] = server.exchanges

    expect(method).toBe('PATCH')
    expect(headers['content-type']).toBe('application/apply-patch+yaml')
    expect(Object.fromEntries(query)).toEqual({ fieldManager: 'kit-test', force: 'true' })
    expect(JSON.parse(body)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'default', name: 'web' },
    })
  })

  test('a deletion carries its preconditions', async () => {
    const server = await scriptedServer()
    server.script(json({ kind: 'Status', status: 'Success' }))
    await aClient(server.connection).delete(Pod, web, {
      uid: 'u1',
      propagationPolicy: 'Foreground',
    })

    expect(JSON.parse(server.exchanges[0]?.body ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'u1' },
    })
  })
})

describe('logs', () => {
  test('stream as they come, until the reader has enough', async () => {
    const server = await scriptedServer()
    let write = (_: string): void => undefined
    server.script(({ answer }) => {
      answer.writeHead(200)
      write = (text) => void answer.write(text)
      write('one\n')
    })
    const log = await aClient(server.connection).logs(web, {
      follow: true,
      container: 'app',
      tailLines: 10,
      sinceTime: '2030-01-01T00:00:00Z',
      timestamps: true,
    })
    const lines: string[] = []
    log.setEncoding('utf8')
    for await (const text of log as AsyncIterable<string>) {
      lines.push(text)
      if (lines.length === 2) break
      write('two\n')
    }

    expect(lines).toEqual(['one\n', 'two\n'])
    const [{ path, query, socket } = fail()] = server.exchanges
    expect(path).toBe('/api/v1/namespaces/default/pods/web/log')
    expect(Object.fromEntries(query)).toEqual({
      follow: 'true',
      container: 'app',
      tailLines: '10',
      sinceTime: '2030-01-01T00:00:00Z',
      timestamps: 'true',
    })
    if (!socket.closed) await once(socket, 'close')
  })

  test('a log that is refused is an error, not a log', async () => {
    const server = await scriptedServer()
    server.script(status(400, 'BadRequest', { message: 'container "app" is waiting to start' }))

    await expect(aClient(server.connection).logs(web)).rejects.toMatchObject({
      status: 400,
      message: 'container "app" is waiting to start',
    })
  })

  test('an abort ends a log that is being followed', async () => {
    const server = await scriptedServer()
    server.script(({ answer }) => {
      answer.writeHead(200)
      answer.write('one\n')
    })
    const ending = new AbortController()
    const log = await aClient(server.connection).logs(web, { follow: true, signal: ending.signal })
    const read = (async () => {
      for await (const _ of log) ending.abort(new Error('enough'))
    })()

    await expect(read).rejects.toThrow('enough')
  })

  test('a followed log outlives the time-out of its call', async () => {
    const server = await scriptedServer()
    let write = (_: string): void => undefined
    server.script(({ answer }) => {
      answer.writeHead(200)
      write = (text) => void answer.end(text)
      answer.flushHeaders()
    })
    const clock = new FakeClock()
    const log = await aClient(server.connection, clock).logs(web, { follow: true })
    await clock.advance(3_600_000)
    write('late\n')

    expect((await log.toArray()).join('')).toBe('late\n')
  })
})

function fail(): never {
  throw new Error('There was no request')
}
