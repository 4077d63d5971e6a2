import { endpoints, type EndpointName, type Role } from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import { onTestFinished } from 'vitest'
import { accessHandlers, createAccess, type Access } from '../../src/access/index.ts'
import type { ApiHandlers } from '../../src/api/index.ts'
import type { AuditFacts } from '../../src/audit/index.ts'
import { createMemoryDocumentStore } from '../../src/documents/index.ts'
import {
  createDashboardServer,
  createSharedServer,
  createEventFeed,
  noAppTraffic,
  type AppTraffic,
  type DashboardServer,
  type DashboardServerOptions,
  type SharedServer,
  type EventFeed,
} from '../../src/http/index.ts'
import { STOP_GRACE_MS } from '../../src/http/limits.ts'
import { createLogger, createMetrics, type Logger } from '../../src/observability/index.ts'

export const silent: Logger = createLogger({ level: 'silent', agent: 'a' })

export interface TestDashboard {
  /** With where it listens, if it does. */
  readonly server: DashboardServer & Pick<SharedServer, 'port'>
  readonly access: Access
  readonly events: EventFeed
  readonly clock: FakeClock
  /** What the audit trail was told. */
  readonly audited: AuditFacts[]
  /** A token of this role. */
  readonly tokenOf: (role: Role) => Promise<string>
  /** Value of the Cookie header of somebody who signed in. */
  readonly sessionCookie: () => Promise<string>
}

export interface TestDashboardChoices {
  readonly handlers?: ApiHandlers
  readonly appTraffic?: AppTraffic | ((access: Access, clock: FakeClock) => AppTraffic)
  readonly notReady?: () => readonly string[]
  readonly options?: Partial<DashboardServerOptions>
  readonly logger?: Logger
  /** Whether to open a socket, on any free port. */
  readonly listen?: boolean
}

/** Endpoints http answers itself. */
export const ownEndpoints: readonly EndpointName[] = [
  'login',
  'logout',
  'getSession',
  'streamEvents',
]

/** A dashboard server with real access in memory, and features that answer everything with next to nothing. */
export async function aDashboard(choices: TestDashboardChoices = {}): Promise<TestDashboard> {
  const clock = new FakeClock()
  const logger = choices.logger ?? silent
  const access = memoryAccess(clock)
  await access.start(new AbortController().signal)
  const events = createEventFeed()
  const tokens = accessHandlers({ access, publish: (event) => events.publish(event) })
  const audited: AuditFacts[] = []
  const given = { ...tokens, ...choices.handlers }
  const { appTraffic = noAppTraffic } = choices
  const socket = createSharedServer(
    { waitingFor: () => 'the test' },
    { host: '127.0.0.1', port: 0, allowedHosts: [] },
  )
  const server = createDashboardServer(
    {
      handlers: [given, emptyHandlers(Object.keys(given))],
      access,
      events,
      socket,
      appTraffic: typeof appTraffic === 'function' ? appTraffic(access, clock) : appTraffic,
      notReady: choices.notReady ?? (() => []),
      audit: { record: (facts) => void audited.push(facts) },
      metrics: createMetrics({ processMetrics: false }),
      clock,
      logger,
    },
    {
      version: '1.2.3',
      allowedHosts: [],
      trustedProxies: [],
      ...choices.options,
    },
  )
  onTestFinished(async () => {
    const stopped = server.stop()
    await clock.advance(STOP_GRACE_MS)
    await stopped
    await access.stop()
  })
  if (choices.listen === true) await socket.listen()
  await server.start()
  let tokensMade = 0
  return {
    server: Object.assign(server, { port: () => socket.port() }),
    access,
    events,
    clock,
    audited,
    tokenOf: async (role) =>
      (await access.tokens.create({ name: `${role}-${++tokensMade}`, role })).token,
    sessionCookie: async () => {
      const { url } = await access.createLoginLink()
      const { id } = await access.login(new URL(url).searchParams.get('code') ?? '', {})
      return `${access.sessionCookieName(false)}=${id}`
    },
  }
}

function memoryAccess(clock: FakeClock): Access {
  const store = createMemoryDocumentStore
  const stores = {
    users: store(),
    adminLink: store(),
    loginCodes: store(),
    sessions: store(),
    tokens: store(),
    ticketKey: store(),
  }
  return createAccess(
    { stores, clock, logger: silent },
    { fingerprint: 'abcdef01'.repeat(8), dashboardUrl: () => 'http://localhost:8000' },
  )
}

function emptyHandlers(except: readonly string[]): ApiHandlers {
  const names = (Object.keys(endpoints) as EndpointName[]).filter(
    (name) => !except.includes(name) && !ownEndpoints.includes(name),
  )
  const answer = (name: EndpointName) => () =>
    Promise.resolve(endpoints[name].format === 'json' ? undefined : noLines())
  return Object.fromEntries(names.map((name) => [name, answer(name)]))
}

async function* noLines(): AsyncGenerator<never, void, undefined> {
  // Nothing to say.
}
