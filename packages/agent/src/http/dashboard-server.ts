import { endpoints, type Endpoint } from '@porpulsion/contract'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Access } from '../access/index.ts'
import type { ApiHandlers, Caller } from '../api/index.ts'
import type { Audit } from '../audit/index.ts'
import type { Clock, Logger, Metrics } from '../observability/index.ts'
import { addAboutRoutes } from './about-routes.ts'
import type { AppTraffic } from './app-traffic.ts'
import { auditChanges } from './audited-requests.ts'
import { limitBodyTime } from './body-deadline.ts'
import { addBodyParsers } from './body-parsers.ts'
import { gatherBodies } from './gathered-bodies.ts'
import { createClientAddress, type ClientAddress } from './client-address.ts'
import { addEndpointRoutes } from './endpoint-routes.ts'
import type { EventFeed } from './event-feed.ts'
import { createEventStreams, type EventStreams } from './event-stream.ts'
import { createGatekeeper, type Gatekeeper } from './gatekeeper.ts'
import * as limits from './limits.ts'
import { addLoginRoutes } from './login-routes.ts'
import { mergeHandlers } from './merge-handlers.ts'
import { LOGIN, ownHandlers, recordedSignIn } from './own-handlers.ts'
import { sendProblem } from './problem-reply.ts'
import { recordRequests } from './request-records.ts'
import type { SharedServer, SharedServerUsers } from './shared-server.ts'
import { addDashboard, addFallback } from './static-files.ts'
import { createWebSockets, type WebSockets } from './web-sockets.ts'

export interface DashboardServerDeps {
  /** One part per feature; together they answer every endpoint of the table that http does not answer itself. */
  readonly handlers: readonly ApiHandlers[]
  readonly access: Access
  readonly events: EventFeed
  readonly socket: SharedServer
  readonly appTraffic: AppTraffic
  /** Why the agent cannot do its work now; empty when it can. */
  readonly notReady: () => readonly string[]
  readonly audit: Audit
  readonly metrics: Metrics
  readonly clock: Clock
  readonly logger: Logger
}

export interface DashboardServerOptions {
  readonly version: string
  /** Host names besides `localhost` and addresses; `*.` stands for any name below. */
  readonly allowedHosts: readonly string[]
  /** Addresses or CIDRs whose X-Forwarded-* headers are believed. */
  readonly trustedProxies: readonly string[]
  /** The built dashboard; without it only API and login page are served. */
  readonly dashboardDir?: string
}

/** Port 8000: page, API, event stream, and the way in for requests to apps. */
export interface DashboardServer {
  /** Everything but the socket. Throws when an endpoint of the table has no handler, or two. */
  ready(): Promise<void>
  /** From here on the socket is ours. */
  start(): Promise<void>
  /** Lets what is under way end, for a short while, then closes the socket. Idempotent. */
  stop(): Promise<void>
  /** The Fastify instance, for tests that need no socket. */
  readonly app: FastifyInstance
}

export function createDashboardServer(
  deps: DashboardServerDeps,
  options: DashboardServerOptions,
): DashboardServer {
  return new HttpDashboardServer(deps, options)
}

class HttpDashboardServer implements DashboardServer {
  readonly app: FastifyInstance
  readonly #deps: DashboardServerDeps
  readonly #options: DashboardServerOptions
  readonly #clientAddress: ClientAddress
  readonly #gatekeeper: Gatekeeper
  readonly #eventStreams: EventStreams
  readonly #webSockets: WebSockets
  readonly #stopping = new AbortController()
  #handleOwn: SharedServerUsers['handleOwn'] | undefined
  #ready: Promise<void> | undefined
  #stopped: Promise<void> | undefined

  constructor(deps: DashboardServerDeps, options: DashboardServerOptions) {
    this.#deps = deps
    this.#options = options
    this.#clientAddress = createClientAddress(options.trustedProxies)
    this.#gatekeeper = createGatekeeper({ ...deps, clientAddress: this.#clientAddress }, options)
    this.#webSockets = createWebSockets(deps.clock)
    this.#eventStreams = createEventStreams(deps.events, deps.clock)
    this.app = Fastify({
      serverFactory: (handleOwn) => {
        this.#handleOwn = handleOwn
        return deps.socket.server
      },
      bodyLimit: limits.MAX_BODY_BYTES,
      // A path parameter may be "namespace,name"; its schema bounds it.
      routerOptions: { maxParamLength: 512 },
      requestIdHeader: false,
      genReqId: () => crypto.randomUUID(),
    })
  }

  ready(): Promise<void> {
    this.#ready ??= this.#build()
    return this.#ready
  }

  async start(): Promise<void> {
    await this.ready()
    const { socket, appTraffic } = this.#deps
    if (this.#handleOwn === undefined) throw new Error('Fastify made no handler')
    socket.serve({ appTraffic, handleOwn: this.#handleOwn, claimsUpgrade })
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    this.#stopping.abort()
    this.#eventStreams.stop()
    const { socket, clock } = this.#deps
    const cancel = clock.setTimeout(() => {
      this.#webSockets.stop()
      socket.closeAll()
    }, limits.STOP_GRACE_MS)
    await socket.close()
    cancel()
    socket.closeAll()
    await this.app.close()
  }

  async #build(): Promise<void> {
    const { app } = this
    const { logger, clock } = this.#deps
    const callers = new WeakMap<FastifyRequest, Caller>()
    app.setErrorHandler((error, request, reply) => sendProblem(logger, request, reply, error))
    app.addHook('onRequest', (request, reply, done) => {
      this.#gatekeeper.guard(request, reply)
      done()
    })
    addBodyParsers(app)
    gatherBodies(app)
    limitBodyTime(app, clock)
    recordRequests(app, this.#deps.metrics)
    addAboutRoutes(app, { ...this.#deps, version: this.#options.version })
    const dashboard = await addDashboard(app, this.#options.dashboardDir)
    addFallback(app, dashboard)
    const ownDeps = {
      ...this.#deps,
      clientAddress: this.#clientAddress,
      gatekeeper: this.#gatekeeper,
      eventStreams: this.#eventStreams,
    }
    addLoginRoutes(app, (...given) => recordedSignIn(ownDeps, ...given), dashboard.sendPage)
    const own = ownHandlers(ownDeps)
    addEndpointRoutes(app, endpoints, mergeHandlers(endpoints, [...this.#deps.handlers, own]), {
      own,
      unknownFields: 'refused',
      logger,
      upgrades: {
        webSockets: this.#webSockets,
        recheck: (endpoint, request) => this.#gatekeeper.recheck(endpoint, request),
        accountOf: (request) => accountOf(callers.get(request)),
      },
      watchRight: (...asked) => this.#gatekeeper.watch(...asked),
      stopping: this.#stopping.signal,
      settled: auditChanges({
        audit: this.#deps.audit,
        clientAddress: this.#clientAddress,
        callerOf: (request) => callers.get(request),
        except: [LOGIN],
      }),
      admit: (endpoint, request) => {
        const caller = this.#gatekeeper.callerOf(endpoint, request)
        callers.set(request, caller)
        this.#gatekeeper.admit(endpoint, caller)
        return { caller, origin: this.#clientAddress.origin(request.raw) }
      },
    })
    await app.ready()
  }
}

const webSocketPaths = Object.values<Endpoint>(endpoints)
  .filter(({ format }) => format === 'websocket')
  .map(({ path }) => new RegExp(`^${path.replace(/:[a-zA-Z]+/g, '[^/?]+')}$`))

const claimsUpgrade = (url: string): boolean =>
  webSocketPaths.some((path) => path.test(url.split('?', 1)[0] ?? ''))

const accountOf = (caller: Caller | undefined): string => caller?.user?.name ?? caller?.name ?? ''
