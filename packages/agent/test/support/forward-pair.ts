import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  connectionSubprotocol,
  defaultSettings,
  type Role,
  type Settings,
} from '@porpulsion/contract'
import type { Session } from '@porpulsion/protocol'
import { sessionOver, StreamDuplex, WebSocketDuplex, whenConnected } from '@porpulsion/streams'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { noAudit } from '../../src/audit/index.ts'
import { createMemoryDocumentStore } from '../../src/documents/index.ts'
import { createClientAddress } from '../../src/http/index.ts'
import { createMetrics, systemClock } from '../../src/observability/index.ts'
import type { AppRecord } from '../../src/policy/index.ts'
import { createTunnels, tunnelHandlers } from '../../src/tunnels/index.ts'
import { createTunnelAcceptor } from '../../src/tunnels/tunnel-acceptor.ts'
import { changingSettings } from './changing-settings.ts'
import { aDashboard, silent, type TestDashboard } from './dashboard.ts'
import { aSocketAgent, link, type SocketAgent } from './socket-agents.ts'
import { web } from './tunnel.ts'

export interface ForwardPair extends TestDashboard {
  readonly submitter: SocketAgent
  readonly host: SocketAgent
  /** As a client of the REST API with a token of this role. */
  readonly as: (role: Role) => Promise<Record<string, string>>
  readonly open: (headers: Record<string, string>, query?: string) => Forwarded
  /** Of the owner of the host. */
  readonly changeSettings: (settings: Partial<Settings>) => void
  /** What the host's record of the app says; the submitter's is `web`. */
  readonly hosted: { record: AppRecord | undefined }
  /** The host has no record of it any more. */
  readonly removeApp: () => void
}

/** A forwarded port, as the client of the WebSocket sees it. */
export interface Forwarded {
  readonly socket: WebSocket
  /** Of the WebSocket. */
  readonly closed: Promise<readonly [code: number, reason: string]>
  /** One connection; rejects with the refusal. What cuts it is an error with the code as its message. */
  connect(): Promise<StreamDuplex>
}

/** A dashboard whose app runs at the other end of a real link; `dial` is how the host reaches its pod. */
export async function aForwardPair(dial: () => Promise<Duplex>): Promise<ForwardPair> {
  const watchers = new Set<(fingerprint: string, uid: string) => void>()
  const { settings, change } = changingSettings()
  const submitter = await aSocketAgent('a')
  const host = await aSocketAgent('b', { acceptTcp: (...asked) => acceptor.accept(...asked) })
  const peerFingerprint = submitter.identity.fingerprint
  const ports = web.ports.map((port) => ({ protocol: 'TCP', ...port }))
  const hosted: { record: AppRecord | undefined } = { record: { ...web, ports, peerFingerprint } }
  const acceptor = createTunnelAcceptor({
    targets: {
      find: () => hosted.record,
      dial,
      onChange(watcher) {
        watchers.add(watcher)
        return () => watchers.delete(watcher)
      },
    },
    settings,
    approvals: { stateOf: () => undefined, ask: () => undefined, onChange: () => () => undefined },
    audit: noAudit,
  })
  const dashboard = await aDashboard({
    listen: true,
    handlers: {
      connectRemoteApp: (request) => {
        const { connectRemoteApp: connectTo } = handlers()
        if (connectTo === undefined) throw new Error('Tunnels answer no connectRemoteApp')
        return connectTo(request)
      },
    },
  })
  const app = { ...web, peerFingerprint: host.identity.fingerprint }
  const handlers = () => tunnelHandlers(tunnels)
  const tunnels = createTunnels(
    {
      access: dashboard.access,
      clock: systemClock,
      logger: silent,
      audit: noAudit,
      approvalStore: createMemoryDocumentStore(),
      notify: () => Promise.resolve(),
      metrics: createMetrics({ processMetrics: false }),
      clientAddress: createClientAddress([]),
      settings: { current: () => defaultSettings, onChange: () => () => undefined },
      links: submitter.links,
      apps: {
        resolve: () => app,
        resolveUidPrefix: () => app,
      },
      targets: {
        find: () => undefined,
        dial: () => Promise.reject(new Error('not a host')),
        onChange: () => () => undefined,
      },
    },
    { proxyDomain: 'localhost', agentVersion: 'test' },
  )
  await link(submitter, host)
  return {
    ...dashboard,
    submitter,
    host,
    hosted,
    removeApp() {
      hosted.record = undefined
      for (const watcher of watchers) watcher(peerFingerprint, web.uid)
    },
    as: async (role) => ({ authorization: `Bearer ${await dashboard.tokenOf(role)}` }),
    open: (headers, query = 'port=8080') => {
      const url = `ws://127.0.0.1:${dashboard.server.port()}/api/remoteapp/web/connect?${query}`
      const socket = new WebSocket(url, connectionSubprotocol, { headers })
      socket.on('error', () => undefined)
      onTestFinished(() => socket.terminate())
      return forwardedOf(socket)
    },
    changeSettings: change,
  }
}

function forwardedOf(socket: WebSocket): Forwarded {
  const up = new Promise<Session>((resolve) => {
    socket.once('open', () => {
      const session = sessionOver(new WebSocketDuplex(socket), {
        role: 'dialler',
        hello: { bootId: '0'.repeat(32), dialSeq: 1, confirmed: true, agentVersion: 'test' },
        onStream: (stream) => stream.reset('Refused'),
        onEvent: ({ kind }) => {
          if (kind === 'up') resolve(session)
        },
      })
    })
  })
  return {
    socket,
    closed: new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve([code, reason.toString()]))
    }),
    async connect() {
      const opened = (await up).open(new Uint8Array(0))
      if (opened.kind === 'refused') throw new Error(opened.code)
      const { stream } = opened
      const toError = ({ code, message }: { code: string; message: string }): Error =>
        new Error(`${code} ${message}`)
      const first = await whenConnected(stream, toError, new AbortController().signal)
      const connection = new StreamDuplex(stream, toError)
      // Whoever wants to know of it asks.
      connection.on('error', () => undefined)
      if (first.length > 0) connection.unshift(first)
      return connection
    },
  }
}

export interface TestApp {
  /** As a host reaches its pods. */
  readonly dial: () => Promise<Duplex>
  /** Its next connection. */
  readonly accepted: () => Promise<Socket>
}

/** A program that listens on TCP, played by the test. */
export async function anApp(): Promise<TestApp> {
  const server = createServer({ allowHalfOpen: true })
  const sockets = new Set<Socket>()
  const waiting: Socket[] = []
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    waiting.push(socket)
    server.emit('accepted')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo // listening on TCP
  return {
    async accepted() {
      for (;;) {
        const socket = waiting.shift()
        if (socket !== undefined) return socket
        await once(server, 'accepted')
      }
    },
    dial: () =>
      new Promise((resolve, reject) => {
        const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
        socket.once('connect', () => resolve(socket))
        socket.once('error', reject)
      }),
  }
}
