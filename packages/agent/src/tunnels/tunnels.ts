import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  choosePort,
  isPorpulsionError,
  PorpulsionError,
  type AppUrl,
  type AppUrlRequest,
} from '@porpulsion/contract'
import {
  carriesOurToken,
  mayCall,
  readCookies,
  serializeCookie,
  type Access,
  type TicketTarget,
} from '../access/index.ts'
import type { Caller, CallingPeer, ServeSession } from '../api/index.ts'
import type { ApprovalSource } from '../approvals/index.ts'
import { ANYONE, TICKET, type Audit } from '../audit/index.ts'
import type { DocumentStore } from '../documents/index.ts'
import type { Links } from '../links/index.ts'
import type { NewNotification } from '../notifications/index.ts'
import type { Clock, Logger, Metrics } from '../observability/index.ts'
import type { SettingsStore } from '../settings/index.ts'
import { createAppHosts, type AppHost } from './app-host.ts'
import type { AppResolver, AppTargets, TunnelApp } from './app-ports.ts'
import { appOrigin, parseAppsAddress, urlPath, type AppsAddress } from './app-url.ts'
import { forwardRequest, type Forwarding } from './forward-request.ts'
import { forwardUpgrade, responseOn } from './forward-upgrade.ts'
import { forwardedPort } from './forwarded-port.ts'
import { createOpenAppPort, type OpenAppPort } from './open-app-port.ts'
import { inTurn } from './pipelining.ts'
import { parseProxyPath, takeTicket, TICKET_PARAMETER, withTicket } from './proxy-path.ts'
import { appRequestHeaders } from './request-headers.ts'
import { ambiguity } from './request-rules.ts'
import { appResponseHeaders, type AnswerPlace } from './response-headers.ts'
import { RightsWatch } from './rights-watch.ts'
import { StreamAgent } from './stream-agent.ts'
import { createTunnelAcceptor, type TunnelAcceptor, type TunnelTarget } from './tunnel-acceptor.ts'
import { createTunnelApprovals, type TunnelApprovals } from './tunnel-approvals.ts'
import { ownOriginDoor, pathDoor, type Door, type Knock } from './tunnel-door.ts'
import { redirect, replyWithError } from './tunnel-replies.ts'

export interface TunnelsDeps {
  readonly links: Pick<Links, 'openTcp'>
  readonly access: Access
  readonly apps: AppResolver
  readonly targets: AppTargets
  readonly settings: Pick<SettingsStore, 'current' | 'onChange'>
  /** Who is at the other end, seen through trusted proxies. */
  readonly clientAddress: {
    of(request: IncomingMessage): string
    isSecure(request: IncomingMessage): boolean
    origin(request: IncomingMessage): string
  }
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly audit: Audit
  /** ConfigMap `porpulsion-tunnel-approvals`. */
  readonly approvalStore: DocumentStore
  readonly notify: (notification: NewNotification) => Promise<void>
}

export interface TunnelsOptions {
  /** As `parseAppsAddress` reads it. */
  readonly proxyDomain: string
  readonly agentVersion: string
}

export interface Tunnels {
  /** For the server of port 8000, which passes on what is for apps. */
  readonly appTraffic: {
    claimsHost(hostName: string): boolean
    claimsPath(url: string): boolean
    handle(request: IncomingMessage, response: ServerResponse): void
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  }
  /** For links: a peer's stream to an app that runs here. */
  acceptTcp(peer: CallingPeer, target: TunnelTarget, signal: AbortSignal): Promise<Duplex>
  /** URLs with a ticket for one port of an app. */
  createUrl(id: string, request: AppUrlRequest, asked: UrlAsked): AppUrl
  /** How the audit trail names an app, whatever a request calls it. */
  auditedAs(id: string): string
  /**
   * A connection to a port, found by number or name; the first one if left out. `OpenAppPort` says how it ends and what is
   * thrown beside `AppNotFound`, `AppAmbiguous`, `PortNotFound`.
   */
  openPort(id: string, port: string | undefined, signal: AbortSignal): Promise<Duplex>
  /** A session whose streams are such connections. Throws what tells that there is no such port now. */
  forwardPort(id: string, port: string | undefined): ForwardedPort
  /** Tunnels of peers that wait for the owner's word, and those that have it. */
  readonly approvals: ApprovalSource & Pick<TunnelApprovals, 'onChange'>
  /** Reads what was approved. Nothing is let through before. */
  start(signal: AbortSignal): Promise<void>
  /** Cuts what is open. */
  stop(): void
}

export interface ForwardedPort {
  /** For the audit trail. */
  readonly about: string
  readonly serve: ServeSession
}

export function createTunnels(deps: TunnelsDeps, options: TunnelsOptions): Tunnels {
  return new HttpTunnels(deps, options)
}

const aboutApp = ({ namespace, name }: TunnelApp): string => `remoteapp/${namespace},${name}`
const aboutPort = (app: TunnelApp, port: number): string => `${aboutApp(app)}:${port}`

/** Agents kept before those without a connection are swept out. */
const MAX_QUIET_AGENTS = 256

/** Who asks for a URL, and where they reach us: the origin of their own request. */
export interface UrlAsked {
  readonly caller: Caller
  readonly origin: string
}

/** A request that found its app. */
interface Passage {
  readonly app: TunnelApp
  readonly port: number
  readonly place: AnswerPlace
  readonly door: Door
  /** For the audit trail. */
  readonly actor: string
  /** In whose name it is let through: of a ticket, whoever asked for that. Empty: in nobody's. */
  readonly holder: string
  /** Without ticket: on our side, for redirects to the same place; and as the app is to see it. */
  readonly url: string
  readonly path: string
}

class HttpTunnels implements Tunnels {
  readonly appTraffic: Tunnels['appTraffic']
  readonly approvals: TunnelApprovals
  readonly #deps: TunnelsDeps
  readonly #agentVersion: string
  readonly #apps: AppsAddress
  readonly #appHost: (hostName: string) => AppHost | undefined
  readonly #acceptor: TunnelAcceptor
  readonly #openAppPort: OpenAppPort
  readonly #agents = new Map<string, StreamAgent>()
  readonly #rights: RightsWatch
  readonly #requests

  constructor(deps: TunnelsDeps, options: TunnelsOptions) {
    this.#deps = deps
    this.#agentVersion = options.agentVersion
    this.#apps = parseAppsAddress(options.proxyDomain)
    this.#appHost = createAppHosts(this.#apps.domain)
    this.approvals = createTunnelApprovals({ ...deps, store: deps.approvalStore })
    this.#acceptor = createTunnelAcceptor({ ...deps, approvals: this.approvals })
    this.#openAppPort = createOpenAppPort(deps)
    this.#rights = new RightsWatch(deps.clock, (holder) => deps.access.mayUseApps(holder))
    this.#requests = deps.metrics.counter(
      'porpulsion_tunnel_requests_total',
      'Requests to apps at peers, by how they came and what became of them.',
      ['mode', 'outcome'],
    )
    this.appTraffic = {
      claimsHost: (hostName) => this.#appHost(hostName) !== undefined,
      claimsPath: (url) => parseProxyPath(url) !== undefined,
      handle: (request, response) => this.#handle(request, response),
      handleUpgrade: (request, socket, head) => this.#handleUpgrade(request, socket, head),
    }
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.approvals.start(signal)
  }

  acceptTcp(peer: CallingPeer, target: TunnelTarget, signal: AbortSignal): Promise<Duplex> {
    return this.#acceptor.accept(peer, target, signal)
  }

  auditedAs(id: string): string {
    return aboutApp(this.#deps.apps.resolve(id))
  }

  forwardPort(id: string, wanted: string | undefined): ForwardedPort {
    const { app, port } = this.#find(id, wanted)
    // Each looks for the app anew: it may have been deleted and made again.
    const serve = forwardedPort(
      this.#agentVersion,
      async (signal) => await this.openPort(id, wanted, signal),
    )
    return { about: aboutPort(app, port), serve }
  }

  async openPort(id: string, wanted: string | undefined, signal: AbortSignal): Promise<Duplex> {
    const { app, port } = this.#find(id, wanted)
    return await this.#openAppPort(app, port, signal)
  }

  #find(id: string, wanted: string | undefined): { app: TunnelApp; port: number } {
    const app = this.#deps.apps.resolve(id)
    return { app, port: choosePort(app, wanted) }
  }

  createUrl(id: string, request: AppUrlRequest, { caller, origin: ours }: UrlAsked): AppUrl {
    const app = this.#deps.apps.resolve(id)
    const port = choosePort(app, request.port)
    const { access } = this.#deps
    const ticket = access.tickets.issue({ app: app.uid, port }, 'url', access.holderOf(caller))
    const path = urlPath(request.path)
    const origin = appOrigin(app, port, this.#apps, ours)
    const pathUrl = `${ours}/api/remoteapp/${app.uid}/proxy/${port}${path}`
    return {
      url: withTicket(this.#forBrowsers() ? pathUrl : `${origin}${path}`, ticket.text),
      pathUrl: withTicket(pathUrl, ticket.text),
      expiresAt: new Date(ticket.expiresAtMs).toISOString(),
    }
  }

  stop(): void {
    this.approvals.stop()
    this.#acceptor.stop()
    this.#rights.stop()
    for (const agent of this.#agents.values()) agent.destroy()
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => response.destroy())
    inTurn(response, () => this.#answer(request, response))
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const refuse = (error: PorpulsionError): void => replyWithError(request, response, error)
    const passage = this.#passage(request, false, refuse)
    if (passage === undefined || response.destroyed) return
    const { door, url } = passage
    switch (door.kind) {
      case 'open':
        this.#rights.watch(response, passage.holder)
        forwardRequest(request, response, this.#forwarding(request, passage, false, refuse))
        return
      case 'swap-ticket':
        redirect(response, 303, url, this.#ticketCookie(request, passage))
        return
      case 'give-ticket':
        redirect(response, 303, withTicket(url, this.#ticket(passage)))
        return
      case 'to-own-origin':
        redirect(response, 307, this.#ownOriginUrl(request, passage))
        return
      case 'closed':
        refuse(door.error)
        return
      default:
        door satisfies never
    }
  }

  #handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refuse = (error: PorpulsionError): void =>
      replyWithError(request, responseOn(request, socket), error)
    const passage = this.#passage(request, true, refuse)
    if (passage === undefined || socket.destroyed) return
    const { door } = passage
    if (door.kind === 'closed') {
      refuse(door.error)
      return
    }
    this.#rights.watch(socket, passage.holder)
    forwardUpgrade(request, socket, head, this.#forwarding(request, passage, true, refuse))
  }

  /** Everything there is to find out about a request; `undefined` once it has been refused. */
  #passage(
    request: IncomingMessage,
    isUpgrade: boolean,
    refuse: (error: PorpulsionError) => void,
  ): Passage | undefined {
    const named = this.#appHost(request.headers.host?.replace(/:\d+$/, '') ?? '')
    const mode = named === undefined ? 'path' : 'origin'
    try {
      const unclear = ambiguity(request)
      if (unclear !== undefined) throw unclear
      const passage =
        named === undefined
          ? this.#belowPath(request, isUpgrade)
          : this.#toOwnOrigin(request, named, isUpgrade)
      this.#requests.inc({ mode, outcome: passage.door.kind })
      this.#record(request, passage)
      return passage
    } catch (error) {
      this.#requests.inc({ mode, outcome: 'closed' })
      const refusal = this.#known(error)
      this.#recordRefusal(request, refusal)
      refuse(refusal)
      return undefined
    }
  }

  /** A page asks a hundred times: within a minute that is one entry. */
  #record(request: IncomingMessage, { app, port, door, actor }: Passage): void {
    if (door.kind === 'closed') this.#recordRefusal(request, door.error)
    if (door.kind !== 'open') return
    const { audit, clientAddress } = this.#deps
    const about = aboutPort(app, port)
    const from = clientAddress.of(request)
    audit.record({ actor, action: 'openTunnel', about, outcome: 'done', from }, 'frequent')
  }

  /** Which app was asked for is not told: a stranger may ask for anything. */
  #recordRefusal(request: IncomingMessage, { code }: PorpulsionError): void {
    const { audit, clientAddress } = this.#deps
    const from = clientAddress.of(request)
    const action = 'openTunnel'
    audit.record({ actor: ANYONE, action, outcome: 'refused', reason: code, from }, 'frequent')
  }

  #toOwnOrigin(request: IncomingMessage, named: AppHost, isUpgrade: boolean): Passage {
    const { apps } = this.#deps
    const app = knownToNobody(() =>
      named.kind === 'named'
        ? apps.resolve(`${named.namespace},${named.name}`)
        : apps.resolveUidPrefix(named.uidPrefix),
    )
    const target = { app: app.uid, port: named.port }
    const { knock, url, holder } = this.#knock(request, target, isUpgrade)
    const door = ownOriginDoor(knock)
    // Only somebody with a ticket is told which ports there are.
    const port = door.kind === 'closed' ? named.port : choosePort(app, named.port)
    const path = pathOf(url)
    const place = { kind: 'own-origin' } as const
    return { app, port, place, door, actor: TICKET, holder, url: path, path }
  }

  #belowPath(request: IncomingMessage, isUpgrade: boolean): Passage {
    const { access } = this.#deps
    const { authorization, cookie } = request.headers
    // An app may have tokens of its own.
    const caller = access.authenticate({
      cookie,
      ...(carriesOurToken(authorization) && { authorization }),
    })
    const may = caller !== undefined && mayCall(caller.caller.role, 'operator')
    const { url: withoutTicket } = takeTicket(request.url ?? '')
    const place = parseProxyPath(withoutTicket)
    if (place === undefined) throw notHere()
    const find = (): { app: TunnelApp; port: number } => this.#find(place.id, place.port)
    const { app, port } = may ? find() : knownToNobody(find)
    const { knock, url, holder } = this.#knock(request, { app: app.uid, port }, isUpgrade)
    const forBrowsers = this.#forBrowsers()
    const door = pathDoor(knock, {
      hasToken: may && caller.via === 'token',
      hasSession: may && caller.via === 'session',
      forBrowsers,
    })
    if (door.kind === 'closed' && caller !== undefined && !may) throw roleTooLow(caller.caller.name)
    const { prefix, rest } = place
    const actor = may && caller.via === 'token' ? caller.caller.name : TICKET
    const at = { kind: 'below-path', prefix, forBrowsers } as const
    const isOwn = may && (caller.via === 'token' || holder === '')
    const inName = isOwn ? access.holderOf(caller.caller) : holder
    return { app, port, place: at, door, actor, holder: inName, url, path: rest }
  }

  #knock(
    request: IncomingMessage,
    target: TicketTarget,
    isUpgrade: boolean,
  ): { readonly knock: Knock; readonly url: string; readonly holder: string } {
    const { headers, method = 'GET' } = request
    const { tickets, ticketCookieName } = this.#deps.access
    const { ticket: inQuery, url } = takeTicket(request.url ?? '/')
    const inHeader = headers[`x-${TICKET_PARAMETER}`]
    const ticket = typeof inHeader === 'string' ? inHeader : inQuery
    const cookie = readCookies(headers.cookie).get(ticketCookieName)
    const byTicket = ticket === undefined ? undefined : tickets.holderOf(ticket, target, 'url')
    const byCookie = cookie === undefined ? undefined : tickets.holderOf(cookie, target, 'cookie')
    return {
      knock: {
        method,
        isUpgrade,
        headers,
        hasTicket: byTicket !== undefined,
        ticketInQuery: inQuery !== undefined,
        hasTicketCookie: byCookie !== undefined,
      },
      url,
      holder: byTicket ?? byCookie ?? '',
    }
  }

  #forwarding(
    request: IncomingMessage,
    { app, port, place, path }: Passage,
    isUpgrade: boolean,
    refuse: (error: PorpulsionError) => void,
  ): Forwarding {
    const { access, clientAddress } = this.#deps
    const isOurCookie = (name: string): boolean => access.isOurCookie(name)
    const arrival = {
      clientAddress: clientAddress.of(request),
      protocol: clientAddress.isSecure(request) ? 'https' : 'http',
      isUpgrade,
      ...(place.kind === 'below-path' && { prefix: place.prefix }),
    } as const
    return {
      agent: this.#agentFor(app, port),
      path,
      headers: appRequestHeaders(request, arrival, isOurCookie),
      answerHeaders: (answer) => appResponseHeaders(answer, place, isOurCookie),
      onFailure: refuse,
    }
  }

  #agentFor(app: TunnelApp, port: number): StreamAgent {
    const { uid, peerFingerprint } = app
    const key = `${peerFingerprint}/${uid}/${port}`
    const known = this.#agents.get(key)
    if (known !== undefined) return known
    if (this.#agents.size >= MAX_QUIET_AGENTS)
      for (const [quiet, { size }] of this.#agents) if (size === 0) this.#agents.delete(quiet)
    const agent = new StreamAgent(
      (signal) => this.#openAppPort(app, port, signal),
      this.#deps.clock,
    )
    this.#agents.set(key, agent)
    return agent
  }

  #ticket({ app, port, holder }: Passage): string {
    return this.#deps.access.tickets.issue({ app: app.uid, port }, 'url', holder).text
  }

  /** Lax, because the way here leads from another site: a Strict cookie would be missing on this very redirect. */
  #ticketCookie(request: IncomingMessage, { app, port, place, holder }: Passage): string {
    const { access, clientAddress, clock } = this.#deps
    const { text, expiresAtMs } = access.tickets.issue({ app: app.uid, port }, 'cookie', holder)
    return serializeCookie(access.ticketCookieName, text, {
      path: place.kind === 'below-path' ? `${place.prefix}/` : '/',
      secure: clientAddress.isSecure(request),
      sameSite: 'Lax',
      maxAgeSeconds: Math.floor((expiresAtMs - clock.now()) / 1_000),
    })
  }

  #ownOriginUrl(request: IncomingMessage, passage: Passage): string {
    const { app, port, path } = passage
    const origin = appOrigin(app, port, this.#apps, this.#deps.clientAddress.origin(request))
    return withTicket(`${origin}${path}`, this.#ticket(passage))
  }

  #forBrowsers(): boolean {
    return this.#deps.settings.current().tunnels.pathModeForBrowsers
  }

  #known(error: unknown): PorpulsionError {
    if (isPorpulsionError(error)) return error
    this.#deps.logger.error({ err: error }, 'Could not pass a request on to an app')
    return new PorpulsionError(
      'Internal',
      'InternalError',
      'Something went wrong inside the agent; its log has the details',
      { cause: error },
    )
  }
}

/** Path and query of a target, which may be in absolute form, and then without a path. */
function pathOf(url: string): string {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  return path === '' || path.startsWith('?') ? `/${path}` : path
}

/** To strangers an app that does not exist looks like one they have no ticket for. */
function knownToNobody<R>(find: () => R): R {
  try {
    return find()
  } catch (cause) {
    if (isPorpulsionError(cause) && cause.kind !== 'NotFound' && cause.kind !== 'Conflict')
      throw cause
    throw new PorpulsionError(
      'Unauthenticated',
      'TicketInvalid',
      'This address needs a ticket, and the one given is missing or opens nothing; get a new URL with `porpulsion app url`, or open the app from the dashboard',
      { cause },
    )
  }
}

const notHere = (): PorpulsionError =>
  new PorpulsionError('NotFound', 'RouteNotFound', 'This address leads to no app')

const roleTooLow = (name: string): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'RoleTooLow',
    `${name} is viewer; using an app needs the role operator or above`,
  )
