import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { defaultSettings, PorpulsionError, type Settings } from '@porpulsion/contract'
import type { TicketPurpose, TicketTarget } from '../../src/access/index.ts'
import type { Caller } from '../../src/api/index.ts'
import type { AuditFacts } from '../../src/audit/index.ts'
import { createMemoryDocumentStore } from '../../src/documents/index.ts'
import { createClientAddress } from '../../src/http/index.ts'
import { createMetrics } from '../../src/observability/index.ts'
import { createTunnels, type TunnelApp, type Tunnels } from '../../src/tunnels/index.ts'
import { aDashboard, silent, type TestDashboard } from './dashboard.ts'

export const web: TunnelApp = {
  uid: '11111111-2222-4333-8444-555555555555',
  name: 'web',
  namespace: 'porpulsion',
  peerFingerprint: 'b'.repeat(64),
  ports: [
    { name: 'http', port: 8080 },
    { name: 'admin', port: 9090 },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ],
}
export const webHost = '8080--web--porpulsion.localhost'

export interface TestTunnel extends TestDashboard {
  readonly tunnels: Tunnels
  readonly port: number
  /** Whoever has the tickets. */
  readonly caller: Caller
  /** A ticket, for web's port 8080 if nothing else is said. */
  readonly ticket: (target?: TicketTarget, purpose?: TicketPurpose) => string
  /** Connections opened to the app so far. */
  readonly opened: Duplex[]
  readonly settings: { current: Settings }
  /** What tunnels told the audit trail. */
  readonly tunnelsAudited: AuditFacts[]
}

export interface TestTunnelChoices {
  /** Where the app listens; or what opens a connection to it. */
  readonly origin: number | ((signal: AbortSignal) => Promise<Duplex>)
  readonly apps?: readonly TunnelApp[]
}

/** A dashboard on a socket whose apps are at the other end of plain connections instead of links. */
export async function aTunnel({ origin, apps = [web] }: TestTunnelChoices): Promise<TestTunnel> {
  const opened: Duplex[] = []
  const settings = { current: defaultSettings }
  const tunnelsAudited: AuditFacts[] = []
  const open = typeof origin === 'number' ? () => openSocket(origin) : origin
  let made: Tunnels | undefined
  const dashboard = await aDashboard({
    listen: true,
    appTraffic: (access, clock) => {
      made = createTunnels(
        {
          access,
          clock,
          logger: silent,
          audit: { record: (facts) => void tunnelsAudited.push(facts) },
          approvalStore: createMemoryDocumentStore(),
          notify: () => Promise.resolve(),
          metrics: createMetrics({ processMetrics: false }),
          clientAddress: createClientAddress([]),
          settings: { current: () => settings.current, onChange: () => () => undefined },
          links: {
            openTcp: async (_fingerprint, _target, signal) => {
              const stream = await open(signal)
              opened.push(stream)
              return stream
            },
          },
          apps: {
            resolve: (id) =>
              found(apps, id, (app) =>
                [app.uid, app.name, `${app.namespace},${app.name}`].includes(id),
              ),
            resolveUidPrefix: (id) => found(apps, id, (app) => app.uid.startsWith(id)),
          },
          targets: {
            find: () => undefined,
            dial: () => Promise.reject(new Error('not a host')),
            onChange: () => () => undefined,
          },
        },
        { proxyDomain: 'localhost', agentVersion: 'test' },
      )
      return made.appTraffic
    },
  })
  if (made === undefined) throw new Error('The dashboard did not ask for app traffic')
  const { access } = dashboard
  const { token } = await access.tokens.create({ name: 'tickets', role: 'operator' })
  const caller = access.authenticate({ authorization: `Bearer ${token}` })?.caller
  if (caller === undefined) throw new Error('The token opens nothing')
  return {
    ...dashboard,
    tunnels: made,
    port: dashboard.server.port(),
    caller,
    ticket: (target = { app: web.uid, port: 8080 }, purpose = 'url') =>
      access.tickets.issue(target, purpose, access.holderOf(caller)).text,
    opened,
    settings,
    tunnelsAudited,
  }
}

function found(
  apps: readonly TunnelApp[],
  id: string,
  matches: (app: TunnelApp) => boolean,
): TunnelApp {
  const app = apps.find(matches)
  if (app === undefined)
    throw new PorpulsionError('NotFound', 'AppNotFound', `There is no app "${id}"`)
  return app
}

function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}
