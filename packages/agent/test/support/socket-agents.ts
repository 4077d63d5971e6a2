import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { defaultSettings, type Settings } from '@porpulsion/contract'
import { onTestFinished } from 'vitest'
import { noAudit } from '../../src/audit/index.ts'
import {
  createLinks,
  type Links,
  type LinkServices,
  type LinksOptions,
} from '../../src/links/index.ts'
import { createLogger, systemClock, type Clock } from '../../src/observability/index.ts'
import { createServer as createTlsServer } from 'node:https'
import type { Identity } from '../../src/peers/index.ts'
import { anIdentity } from './identities.ts'
import { createMemoryDirectory, knownAs, type MemoryDirectory } from './memory-directory.ts'

export interface SocketAgent {
  readonly identity: Identity
  readonly directory: MemoryDirectory
  readonly links: Links
  readonly url: string
  readonly port: number
  /** TCP connections open at the peer-facing port. */
  readonly sockets: ReadonlySet<Socket>
  /** What arrives at the peer API is answered by this. */
  readonly peerApi: Server
  stop(): Promise<void>
}

export interface SocketAgentOptions {
  readonly identity?: Identity
  readonly clock?: Clock
  readonly acceptTcp?: LinkServices['acceptTcp']
  readonly acceptExec?: LinkServices['acceptExec']
  readonly settings?: Settings
  readonly proxyFor?: (url: URL) => string | undefined
  /** Key and certificate of an ingress: the peer-facing port then speaks HTTPS. */
  readonly outerTls?: { readonly key: string; readonly cert: string }
  readonly random?: { next(): number }
  readonly session?: Pick<LinksOptions, 'limits' | 'sessionBytes'>
}

/** Links over real sockets of this machine, with everything above them left out. */
export async function aSocketAgent(
  name: string,
  options: SocketAgentOptions = {},
): Promise<SocketAgent> {
  const clock = options.clock ?? systemClock
  const identity = options.identity ?? (await anIdentity(name, clock))
  const directory = createMemoryDirectory()
  const peerApi = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        name,
        fingerprint: identity.fingerprint,
        version: '0.0.0',
        policyRevision: request.url ?? '',
      }),
    )
  })
  peerApi.keepAliveTimeout = 0
  const links = createLinks(
    {
      identity,
      directory,
      services: {
        servePeerApi: (duplex) => peerApi.emit('connection', duplex),
        acceptTcp: options.acceptTcp ?? (() => Promise.reject(new Error('No target'))),
        acceptExec: options.acceptExec ?? (() => Promise.reject(new Error('No target'))),
      },
      settings: () => options.settings ?? defaultSettings,
      clock,
      random: options.random ?? { next: () => 0.5 },
      logger: createLogger({ level: 'silent', agent: name }),
      audit: noAudit,
      ...(options.clock !== undefined && { monotonicNow: () => clock.now() }),
    },
    {
      agentVersion: '0.1.0',
      ...(options.proxyFor !== undefined && { proxyFor: options.proxyFor }),
      ...options.session,
    },
  )
  const server = options.outerTls === undefined ? createServer() : createTlsServer(options.outerTls)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    links.accept(request, socket, head),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const scheme = options.outerTls === undefined ? 'http' : 'https'

  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => (stopped ??= end())
  async function end(): Promise<void> {
    await links.stop()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(stop)
  return {
    identity,
    directory,
    links,
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    sockets,
    peerApi,
    stop,
  }
}

/** They know each other as `a` and `b`, and `a` dials: `b` itself, or somebody in between at `url`. */
export function acquaint(a: SocketAgent, b: SocketAgent, url = b.url): void {
  a.directory.put(knownAs('b', b.identity, { url }))
  b.directory.put(knownAs('a', a.identity))
}

/** Makes them known to each other, starts both, and resolves once both say that they are connected. */
export async function link(a: SocketAgent, b: SocketAgent, url?: string): Promise<void> {
  acquaint(a, b, url)
  a.links.start()
  b.links.start()
  await Promise.all([whenLink(a, b, connected), whenLink(b, a, connected)])
}

/** Resolves when the link of `agent` to `peer` is in this state. */
export function whenLink(
  agent: Pick<SocketAgent, 'links'>,
  peer: Pick<SocketAgent, 'identity'>,
  isSo: (view: ReturnType<Links['view']>) => boolean,
): Promise<void> {
  const { fingerprint } = peer.identity
  return new Promise((resolve) => {
    if (isSo(agent.links.view(fingerprint))) {
      resolve()
      return
    }
    const unsubscribe = agent.links.onChange((changed, view) => {
      if (changed !== fingerprint || !isSo(view)) return
      unsubscribe()
      resolve()
    })
  })
}

export const connected = ({ state }: { readonly state: string }): boolean => state === 'Connected'
