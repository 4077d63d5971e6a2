import { once } from 'node:events'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Duplex, PassThrough, Readable } from 'node:stream'
import { GROUP_VERSION, PorpulsionError, type RemoteApp } from '@porpulsion/contract'
import {
  KubeEvent,
  objectKey,
  resourceKind,
  Service,
  systemClock,
  systemRandom,
  type KubeClient,
  type ObjectRef,
  type Stored,
} from '@porpulsion/kube'
import { expect, onTestFinished, test, vi } from 'vitest'
import { anApiServer } from '../../test/support/api-server.ts'
import { silent } from '../../test/support/dashboard.ts'
import { duplexPair } from '../../test/support/duplex-pair.ts'
import type { AuditFacts } from '../audit/index.ts'
import type { NewNotification } from '../notifications/index.ts'
import { createMetrics } from '../observability/index.ts'
import {
  createExposures,
  type ExposedApp,
  type ExposedApps,
  type ExposurePlace,
  type Exposures,
  type PortRange,
} from './index.ts'

const RemoteAppKind = resourceKind<RemoteApp>({
  group: 'porpulsion.io',
  version: 'v1alpha1',
  plural: 'remoteapps',
  kind: 'RemoteApp',
  namespaced: true,
})

/** RemoteApps of a real API server, told of by hand. */
class KnownApps implements ExposedApps {
  readonly #apps = new Map<string, ExposedApp>()
  readonly #listeners = new Set<(ref: ObjectRef) => void>()

  get(ref: ObjectRef): ExposedApp | undefined {
    return this.#apps.get(objectKey(ref))
  }

  whenSynced(): Promise<void> {
    return Promise.resolve()
  }

  onChange(listener: (ref: ObjectRef) => void): () => void {
    this.#listeners.add(listener)
    for (const { resource } of this.#apps.values()) listener(resource.metadata)
    return () => this.#listeners.delete(listener)
  }

  put(resource: Stored<RemoteApp>, ...ports: readonly number[]): void {
    const app = { resource, ports: ports.map((port) => ({ name: `port-${port}`, port })) }
    if (ports.length === 0) this.#apps.delete(objectKey(resource.metadata))
    else this.#apps.set(objectKey(resource.metadata), app)
    for (const listener of this.#listeners) listener(resource.metadata)
  }
}

interface World {
  readonly client: KubeClient
  readonly namespace: string
  readonly apps: KnownApps
  readonly exposures: Exposures
  readonly notified: NewNotification[]
  readonly audited: AuditFacts[]
  /** What a connection at the peer does; an error refuses it. */
  answer: (port: number) => Promise<Duplex>
  createApp(name: string): Promise<Stored<RemoteApp>>
  /** The app `db` with these ports exposed; all that comes of it has come. */
  expose(...ports: readonly number[]): Promise<Stored<RemoteApp>>
  /** Everything that has been seen has been acted upon, and shown. */
  services(): Promise<Stored<Service>[]>
  /** Another agent in the place of this one. */
  restart(options?: Partial<Choices>): Promise<void>
  report(app: Stored<RemoteApp>): ReturnType<Exposures['reportOf']>
}

interface Choices {
  readonly place: ExposurePlace
  readonly range: PortRange
}

/** Below what the system hands out; each test file has its own range, and each test what is free of it. */
const range: PortRange = { first: 21_000, last: 21_255 }

async function aWorld(choices: Partial<Choices> = {}): Promise<World> {
  const { client, namespace } = await anApiServer()
  const apps = new KnownApps()
  const notified: NewNotification[] = []
  const audited: AuditFacts[] = []
  let exposures: Exposures
  const start = async (options: Partial<Choices>): Promise<void> => {
    exposures = createExposures(
      {
        client,
        clock: systemClock,
        random: systemRandom,
        report: () => undefined,
        logger: silent,
        metrics: createMetrics({ processMetrics: false }),
        apps,
        audit: { record: (facts) => void audited.push(facts) },
        notify: (notification) => Promise.resolve(void notified.push(notification)),
        changed: () => undefined,
        open: (_uid, port) => world.answer(port),
      },
      {
        namespace,
        agentName: 'a',
        place: { kind: 'machine' },
        range,
        host: '127.0.0.1',
        ...options,
      },
    )
    const stop = new AbortController()
    await exposures.start(stop.signal)
  }
  const world: World = {
    client,
    namespace,
    apps,
    notified,
    audited,
    get exposures() {
      return exposures
    },
    answer: () =>
      Promise.reject(new PorpulsionError('Unavailable', 'LinkDown', 'The link is down')),
    createApp: (name) =>
      client.create(RemoteAppKind, {
        apiVersion: GROUP_VERSION,
        kind: 'RemoteApp',
        metadata: { name, namespace },
        spec: { targetPeer: 'b', image: 'porpulsion/hello' },
      }),
    async expose(...ports) {
      const app = await world.createApp('db')
      apps.put(app, ...ports)
      await exposures.whenIdle()
      return app
    },
    async services() {
      await exposures.whenIdle()
      const { items } = await client.list(Service, { namespace })
      return items
    },
    async restart(options = choices) {
      await exposures.stop()
      await start(options)
    },
    report: (app) => exposures.reportOf(app.metadata.uid),
  }
  await start(choices)
  onTestFinished(() => exposures.stop())
  return world
}

/** An app at the peer: what it is sent it sends back, and it ends when its client has. */
async function anEcho(): Promise<{
  readonly open: () => Promise<Socket>
  readonly sockets: Socket[]
}> {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  const port = await listening(server)
  return {
    sockets,
    open: async () => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      await once(socket, 'connect')
      return socket
    },
  }
}

/** Whatever is exposed there is an echo. */
async function anEchoingWorld(): Promise<{
  readonly world: World
  readonly echo: Awaited<ReturnType<typeof anEcho>>
}> {
  const world = await aWorld()
  const echo = await anEcho()
  world.answer = echo.open
  return { world, echo }
}

async function listening(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** Opens a connection to `host:port`. */
async function dial(address: string | undefined): Promise<Socket> {
  const [host, port] = address?.split(':') ?? []
  const socket = connect({ host: host ?? '', port: Number(port), allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

const addressOf = (world: World, app: Stored<RemoteApp>): string | undefined =>
  world.report(app)?.localService.ports[0]?.address

async function answerTo(socket: Socket, text: string): Promise<string> {
  socket.end(text)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** What a client sees that is turned away, which may be while it still connects. */
async function refusalAt(address: string | undefined): Promise<string> {
  const [host, port] = address?.split(':') ?? []
  return await endOf(connect({ host: host ?? '', port: Number(port) }))
}

/** How a connection breaks. */
async function endOf(socket: Socket): Promise<string> {
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  return error.code ?? ''
}

test('an exposed port gets a Service of the name of its app, and an address on which it answers', async () => {
  const { world } = await anEchoingWorld()
  const db = await world.expose(5432)
  const [service] = await world.services()
  expect(service?.metadata).toMatchObject({
    name: 'db',
    labels: { 'porpulsion.io/exposes': 'db', 'app.kubernetes.io/managed-by': 'porpulsion' },
    ownerReferences: [{ kind: 'RemoteApp', name: 'db', uid: db.metadata.uid, controller: true }],
  })
  expect(service?.spec?.selector).toBeUndefined()
  expect(await answerTo(await dial(addressOf(world, db)), 'hello')).toBe('hello')
  expect(world.report(db)?.condition).toMatchObject({ status: 'True', reason: 'Exposed' })
  await vi.waitFor(() =>
    expect(world.audited).toMatchObject([
      { actor: 'anyone', action: 'openTunnel', about: `remoteapp/${world.namespace},db:5432` },
    ]),
  )
})

test('where the agent is a pod, the Service selects it, and its name is the address', async () => {
  const selector = { app: 'agent' }
  const world = await aWorld({ place: { kind: 'pods', selector } })
  const db = await world.expose(5432, 9187)
  const [service] = await world.services()
  expect(service?.spec?.selector).toEqual(selector)
  expect(service?.spec?.ports).toMatchObject([
    { name: 'port-5432', port: 5432, protocol: 'TCP' },
    { name: 'port-9187', port: 9187, protocol: 'TCP' },
  ])
  expect(world.report(db)?.localService).toEqual({
    name: 'db',
    ports: [
      { port: 5432, address: `db.${world.namespace}.svc:5432` },
      { port: 9187, address: `db.${world.namespace}.svc:9187` },
    ],
  })
})

test('HTTP/2 with prior knowledge goes through, many streams on one connection', async () => {
  const world = await aWorld()
  const server = createHttp2Server((request, response) => response.end(request.url))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo // listening on TCP
  world.answer = async () => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    return socket
  }
  const rpc = await world.createApp('rpc')
  world.apps.put(rpc, 50_051)
  await world.services()
  const session = connectHttp2(`http://${addressOf(world, rpc) ?? ''}`)
  onTestFinished(() => session.destroy())
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const stream = session.request({ ':path': `/call/${n}` })
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk as Buffer)
      return Buffer.concat(chunks).toString()
    }),
  )
  expect(answers).toEqual(Array.from({ length: 20 }, (_, n) => `/call/${n}`))
})

test('a client that does not read holds up its app, and memory nowhere', async () => {
  const world = await aWorld()
  let sent = 0
  const endless = new Readable({
    read() {
      sent += 64 * 1024
      this.push(Buffer.alloc(64 * 1024))
    },
  })
  world.answer = () =>
    Promise.resolve(Duplex.from({ readable: endless, writable: new PassThrough() }))
  const db = await world.expose(5432)
  const socket = await dial(addressOf(world, db))
  socket.pause()
  // The systems on both ends keep what fits into their buffers; then nobody takes more.
  let before = -1
  await vi.waitFor(
    () => {
      const isStill = sent === before
      before = sent
      expect(isStill && sent > 0).toBe(true)
    },
    { timeout: 10_000, interval: 250 },
  )
  expect(sent).toBeLessThan(16 * 1024 * 1024)
})

test("somebody's Service of that name is left alone, also when it carries our label", async () => {
  const world = await aWorld()
  const foreign = await world.client.create(Service, {
    metadata: { name: 'db', namespace: world.namespace, labels: { 'porpulsion.io/exposes': 'db' } },
    spec: { ports: [{ port: 80 }] },
  })
  const db = await world.expose(5432)
  const services = await world.services()
  expect(services.find(({ metadata }) => metadata.name === 'db')).toEqual(foreign)
  const name = world.report(db)?.localService.name
  expect(name).toMatch(/^db-[a-z2-7]{10}$/)
  await world.client.delete(Service, foreign.metadata)
  await world.restart()
  await world.services()
  expect(world.report(db)?.localService.name).toBe(name)
  world.apps.put(db)
  expect(await world.services()).toEqual([])
})

test('an exposure that is switched off leaves nothing: no Service, no listener, no connection', async () => {
  const { world } = await anEchoingWorld()
  const db = await world.expose(5432)
  const address = addressOf(world, db)
  const socket = await dial(address)
  socket.write('x')
  await once(socket, 'data')
  const ended = endOf(socket)
  world.apps.put(db)
  expect(await world.services()).toEqual([])
  expect(await ended).toBe('ECONNRESET')
  await expect(dial(address)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(world.report(db)).toBeUndefined()
})

test('one of two ports that goes takes its own connections alone', async () => {
  const { world } = await anEchoingWorld()
  const db = await world.expose(5432, 9187)
  const sockets = await Promise.all(
    world.report(db)?.localService.ports.map(({ address }) => dial(address)) ?? [],
  )
  const [kept, gone] = sockets
  if (kept === undefined || gone === undefined) throw new Error('Two ports have two addresses')
  gone.write('x')
  await once(gone, 'data')
  const ended = endOf(gone)
  world.apps.put(db, 5432)
  const [service] = await world.services()
  expect(service?.spec?.ports?.map(({ port }) => port)).toEqual([5432])
  expect(await ended).toBe('ECONNRESET')
  expect(await answerTo(kept, 'still here')).toBe('still here')
})

test('a restarted agent listens where it did, so that the Service stays as it is', async () => {
  const world = await aWorld()
  const db = await world.expose(5432)
  const [before] = await world.services()
  const address = addressOf(world, db)
  await world.restart()
  const [after] = await world.services()
  expect(after).toEqual(before)
  expect(addressOf(world, db)).toBe(address)
})

test('a restarted agent whose port is taken listens elsewhere, and the Service leads there', async () => {
  const world = await aWorld()
  const db = await world.expose(5432)
  const taken = addressOf(world, db)
  await world.exposures.stop()
  await listening(createServer(), Number(taken?.split(':')[1]))
  await world.restart()
  const [service] = await world.services()
  const address = addressOf(world, db)
  expect(address).not.toBe(taken)
  expect(service?.spec?.ports?.[0]?.targetPort).toBe(Number(address?.split(':')[1]))
})

test('what somebody deletes or changes of the Service is put back', async () => {
  const world = await aWorld()
  await world.expose(5432)
  const [service] = await world.services()
  if (service === undefined) throw new Error('There is a Service')
  await world.client.update(Service, {
    ...service,
    metadata: { ...service.metadata, annotations: { mine: 'stays' } },
    spec: { ...service.spec, ports: [{ port: 1 }], selector: { app: 'other' } },
  })
  await vi.waitFor(async () => {
    const [mended] = await world.services()
    expect(mended?.spec?.ports).toEqual(service.spec?.ports)
    expect(mended?.spec?.selector).toBeUndefined()
    expect(mended?.metadata.annotations).toEqual({ mine: 'stays' })
  })
  await world.client.delete(Service, service.metadata)
  await vi.waitFor(async () => expect(await world.services()).toHaveLength(1))
})

test('when no port of the range is free, the port says so, and the others are there', async () => {
  const world = await aWorld({ range: { first: 21_300, last: 21_300 } })
  const db = await world.expose(5432, 9187)
  const [service] = await world.services()
  expect(service?.spec?.ports?.map(({ port }) => port)).toEqual([5432])
  const { localService, condition } = world.report(db) ?? {}
  expect(localService?.ports).toEqual([
    { port: 5432, address: '127.0.0.1:21300' },
    { port: 9187, message: expect.stringContaining('21300-21300') as string },
  ])
  expect(condition).toMatchObject({ status: 'False', reason: 'NoExposedPort' })
})

test('a refused connection is reset, and its reason told as state, event, notification and audit entry', async () => {
  const world = await aWorld()
  world.answer = () =>
    Promise.reject(new PorpulsionError('Forbidden', 'TunnelsOff', 'Peer "b" answered: no tunnels'))
  const db = await world.expose(5432)
  const address = addressOf(world, db)
  for (let i = 0; i < 20; i++) expect(await refusalAt(address)).toBe('ECONNRESET')
  expect(world.report(db)).toMatchObject({
    condition: { status: 'False', reason: 'TunnelsOff' },
    localService: {
      ports: [{ address, message: expect.stringContaining('no tunnels') as string }],
    },
  })
  expect(world.notified).toMatchObject([
    { reason: 'ExposedPortRefused', about: { kind: 'RemoteApp', name: 'db' } },
  ])
  expect(world.audited[0]).toMatchObject({ outcome: 'refused', reason: 'TunnelsOff' })
  await vi.waitFor(async () => {
    const { items } = await world.client.list(KubeEvent, { namespace: world.namespace })
    expect(items).toMatchObject([{ reason: 'TunnelsOff', involvedObject: { name: 'db' } }])
  })

  const echo = await anEcho()
  world.answer = echo.open
  expect(await answerTo(await dial(address), 'now')).toBe('now')
  expect(world.report(db)?.condition.status).toBe('True')
})

test('a link that is down is an event, and no matter of the exposure', async () => {
  const world = await aWorld()
  const db = await world.expose(5432)
  expect(await refusalAt(addressOf(world, db))).toBe('ECONNRESET')
  expect(world.report(db)?.condition.status).toBe('True')
  expect(world.notified).toEqual([])
})

test('an app that breaks off is a reset here, not an orderly end', async () => {
  const { world, echo } = await anEchoingWorld()
  const db = await world.expose(5432)
  const socket = await dial(addressOf(world, db))
  socket.write('x')
  await once(socket, 'data')
  const ended = endOf(socket)
  echo.sockets[0]?.resetAndDestroy()
  expect(await ended).toBe('ECONNRESET')
})

test('a client that breaks off breaks the way to the app, instead of ending it', async () => {
  const world = await aWorld()
  const [toApp, app] = duplexPair()
  world.answer = () => Promise.resolve(toApp)
  const db = await world.expose(5432)
  const socket = await dial(addressOf(world, db))
  socket.write('half a')
  await once(app, 'data')
  const broken = once(toApp, 'error')
  socket.resetAndDestroy()
  expect(await broken).toEqual([expect.objectContaining({ code: 'RequestAborted' })])
})

test('a connection whose client went before the peer answered is ended there', async () => {
  const world = await aWorld()
  const echo = await anEcho()
  let answer = (): void => undefined
  const asked = new Promise<void>((resolve) => {
    world.answer = () => {
      resolve()
      return new Promise((opened) => (answer = () => void echo.open().then(opened)))
    }
  })
  const db = await world.expose(5432)
  const socket = await dial(addressOf(world, db))
  await asked
  socket.resetAndDestroy()
  await once(socket, 'close')
  answer()
  await vi.waitFor(() => expect(echo.sockets[0]?.destroyed).toBe(true))
  expect(world.notified).toEqual([])
})
