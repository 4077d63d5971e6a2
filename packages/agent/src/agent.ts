import { randomUUID } from 'node:crypto'
import { access as accessFile, writeFile } from 'node:fs/promises'
import type { ApiEvent } from '@porpulsion/contract'
import type { InformerDeps } from '@porpulsion/kube'
import { accessHandlers, createAccess, type Access } from './access/index.ts'
import { auditHandlers, createAuditFile, createAuditTrail, logSink } from './audit/index.ts'
import { approvalHandlers } from './approvals/index.ts'
import { connectCluster, createClusterWatch, prepareCluster, reportToLog } from './cluster/index.ts'
import { completeOptions, type AgentOptions, type CompleteOptions } from './config.ts'
import { createKubeDocumentStore, type KubeDocument } from './documents/index.ts'
import { createExec, execHandlers } from './exec/index.ts'
import {
  createExposures,
  DEFAULT_LISTENER_PORTS,
  type ExposuresOptions,
} from './exposures/index.ts'
import {
  createClientAddress,
  createDashboardServer,
  createEventFeed,
  createPeerApi,
  createPeerServer,
  createSharedServer,
  STOP_GRACE_MS,
} from './http/index.ts'
import {
  createLinks,
  linkHandlers,
  recordLinkHistory,
  tellLinkFigures,
  watchLinks,
} from './links/index.ts'
import { createNotifications, notificationHandlers } from './notifications/index.ts'
import {
  atMostEvery,
  createLogger,
  createMetrics,
  systemClock,
  systemRandom,
  type Clock,
  type Logger,
} from './observability/index.ts'
import {
  createHttpRedeemClient,
  createKubeIdentityStore,
  createKubePeerStore,
  createPeers,
  identityMessages,
  inviteHandlers,
  loadIdentity,
  met,
  peerHandlers,
  readOuterTrust,
} from './peers/index.ts'
import { proxyFor } from './proxy-for.ts'
import { identityHandlers, IdentityRenewalController } from './renewal/index.ts'
import { createSettingsStore, recordRuleChanges, settingsHandlers } from './settings/index.ts'
import { statusHandlers } from './status-routes.ts'
import { createTunnels, tunnelHandlers } from './tunnels/index.ts'
import { version } from './version.ts'
import { createWorkloads, type HostingOptions } from './workloads/index.ts'

export interface RunningAgent {
  readonly name: string
  readonly fingerprint: string
  /** Where people reach the page. */
  readonly dashboardUrl: string
  /** Where the peer-facing server listens; what peers dial is `selfUrl`. */
  readonly peerUrl: string
  createLoginLink(): Promise<string>
  /**
   * While nobody has signed in yet: a login link to show on a terminal, or where it was left in the cluster.
   * `undefined` once somebody has.
   */
  offerFirstLogin(to: 'terminal' | 'secret'): Promise<string | undefined>
  /** Ends sessions with a goodbye and closes what was opened. Idempotent. */
  stop(): Promise<void>
}

/** Things to stop, last started first. */
class Stops {
  readonly #stops: (() => Promise<void> | void)[] = []
  #stopped: Promise<void> | undefined

  add(stop: () => Promise<void> | void): void {
    this.#stops.push(stop)
  }

  all(): Promise<void> {
    this.#stopped ??= this.#run()
    return this.#stopped
  }

  async #run(): Promise<void> {
    for (const stop of this.#stops.reverse()) await stop()
  }
}

/**
 * The composition root: makes every feature, wires what one needs of another, starts them from the bottom up. Resolves
 * once what is stored has been read and both ports do more than say that it is starting. If that fails, or the signal
 * ends it, nothing is left running.
 */
export async function startAgent(
  given: AgentOptions,
  {
    clock = systemClock,
    random = systemRandom,
    signal,
  }: { clock?: Clock; random?: typeof systemRandom; signal?: AbortSignal } = {},
): Promise<RunningAgent> {
  const options = completeOptions(given)
  const logger = createLogger({ level: options.logLevel, agent: options.name })
  const stops = new Stops()
  const abort = new AbortController()
  const giveUp = (): void => abort.abort(signal?.reason)
  signal?.throwIfAborted()
  signal?.addEventListener('abort', giveUp)
  try {
    return await compose(options, { clock, random, logger, stops, abort })
  } catch (error) {
    abort.abort()
    await stops.all()
    throw error
  } finally {
    signal?.removeEventListener('abort', giveUp)
  }
}

interface Foundations {
  readonly clock: Clock
  readonly random: typeof systemRandom
  readonly logger: Logger
  readonly stops: Stops
  readonly abort: AbortController
}

async function compose(options: CompleteOptions, base: Foundations): Promise<RunningAgent> {
  const { clock, random, logger, stops, abort } = base
  const { signal } = abort
  const { namespace, name, host } = options
  const log = (component: string): Logger => logger.child({ component })
  const metrics = createMetrics({ processMetrics: true })
  logger.info({ version, cluster: options.cluster.kind }, 'Starting agent')

  let waitingFor = 'the API server of its cluster'
  const starting = { waitingFor: () => waitingFor }
  const socket = createSharedServer(starting, {
    host,
    port: options.dashboardPort,
    allowedHosts: options.allowedHosts,
  })
  const peerServer = createPeerServer(
    { ...starting, clock, logger: log('http') },
    { host, port: options.peerPort, trustedProxies: options.trustedProxies },
  )
  stops.add(() => {
    const closed = socket.close()
    socket.closeAll()
    return closed
  })
  stops.add(() => peerServer.stop())
  await Promise.all([socket.listen(), peerServer.listen()])

  const client = await connectCluster(
    { ...options.cluster, environment: options.environment },
    { clock, metrics, version },
  )
  const inCluster = options.cluster.kind === 'in-cluster'
  await prepareCluster(
    { client, clock, random, logger: log('cluster') },
    { namespace, installDefinitions: !inCluster },
    signal,
  )
  const report = reportToLog(log('kube'), clock)
  const informerDeps: InformerDeps = { client, clock, random, report }
  const document = (kind: KubeDocument['kind'], suffix: string, key: string) =>
    createKubeDocumentStore(informerDeps, { kind, namespace, name: `porpulsion-${suffix}`, key })
  const events = createEventFeed()
  const publish = (event: ApiEvent): void => events.publish(event)

  const identity = await loadIdentity(
    {
      store: createKubeIdentityStore(client, namespace),
      clock,
      random,
      logger: log('peers'),
      onWaiting: (problem) => {
        waitingFor = problem?.message ?? 'what is stored of peers and apps'
      },
    },
    { name, leafLifeMs: options.leafLifetimeSeconds * 1_000 },
    signal,
  )

  const settings = createSettingsStore({
    store: document('ConfigMap', 'settings', 'settings.yaml'),
    logger: log('settings'),
  })
  settings.onChange(() => publish({ type: 'changed', kind: 'Settings' }))
  const auditFile =
    options.auditFile === undefined
      ? undefined
      : createAuditFile(
          { logger: log('audit'), fallback: logSink(logger) },
          { path: options.auditFile },
        )
  const tellOfAudit = atMostEvery(
    AUDIT_EVENT_MS,
    () => publish({ type: 'changed', kind: 'Audit' }),
    clock,
  )
  const audit = createAuditTrail({
    clock,
    sink: auditFile ?? logSink(logger),
    runId: randomUUID().slice(0, 8),
    onEntry: () => tellOfAudit.request(),
  })
  audit.recall((await auditFile?.recall()) ?? [])
  const notifications = createNotifications({
    store: document('ConfigMap', 'notifications', 'notifications.json'),
    clock,
    logger: log('notifications'),
    publish,
  })
  const secret = (suffix: string): ReturnType<typeof document> =>
    document('Secret', suffix, 'record')
  const access = createAccess(
    {
      stores: {
        users: secret('users'),
        adminLink: document('Secret', 'admin', 'login-url'),
        loginCodes: secret('login-codes'),
        sessions: secret('sessions'),
        tokens: secret('tokens'),
        ticketKey: secret('ticket-key'),
      },
      clock,
      logger: log('access'),
      onChange: (kind) => publish({ type: 'changed', kind }),
    },
    { fingerprint: identity.origin, dashboardUrl: () => dashboardUrl() },
  )
  const proxy = proxyFor(options.environment)
  const peers = createPeers(
    {
      identity,
      store: createKubePeerStore(informerDeps, { namespace }),
      inviteDocument: secret('invites'),
      revocationDocument: document('ConfigMap', 'revoked', 'record'),
      redeemClient: createHttpRedeemClient({
        outerTrust: () => readOuterTrust(settings.current().peering),
        proxyFor: proxy,
      }),
      settings: () => settings.current(),
      clock,
      random,
      logger: log('peers'),
      report,
      onMet: (fingerprint) => identity.update((record) => met(record, fingerprint), signal),
      publish,
      notify: (notification) => notifications.notify(notification),
      audit,
    },
    { ...(options.selfUrl !== undefined && { selfUrl: options.selfUrl }) },
  )
  const links = createLinks(
    {
      identity,
      directory: peers.directory,
      services: {
        servePeerApi: (duplex, peer) => peerApi.serve(duplex, peer),
        acceptTcp: (peer, target, streamSignal) => tunnels.acceptTcp(peer, target, streamSignal),
        acceptExec: (peer, target, streamSignal) => exec.accept(peer, target, streamSignal),
      },
      settings: () => settings.current(),
      clock,
      random,
      logger: log('links'),
      audit,
      metrics,
      onProven: (fingerprint, ca) => peers.proven(fingerprint, ca),
    },
    { agentVersion: version, proxyFor: proxy },
  )
  peers.observeLinks(links)
  const linkWatcher = watchLinks({
    links,
    directory: peers.directory,
    identity,
    alarms: notifications,
    clock,
    logger: log('links'),
  })
  const linkHistory = recordLinkHistory({
    links,
    directory: peers.directory,
    store: document('ConfigMap', 'link-history', 'record'),
    clock,
    logger: log('links'),
  })
  const linkFigures = tellLinkFigures({
    links,
    directory: peers.directory,
    clock,
    audience: {
      tell: (event) => events.tell(event),
      isPresent: () => events.isHeard(),
      onArrival: (listener) => events.onArrival(listener),
    },
  })
  const workloads = createWorkloads(
    {
      ...informerDeps,
      identity,
      links,
      directory: peers.directory,
      settings,
      logger: log('workloads'),
      publish,
      notify: (notification) => notifications.notify(notification),
      alarms: notifications,
      audit,
      localServiceOf: (uid) => exposures.reportOf(uid),
    },
    {
      namespace,
      agentVersion: version,
      podsReachable: options.podsReachable,
      hosting: hostingOptions(options),
    },
  )
  peers.onRemoval((peer, choices) => workloads.removePeer(peer, choices))
  const tunnels = createTunnels(
    {
      links,
      access,
      apps: workloads.appResolver,
      targets: workloads.appTargets,
      settings,
      clientAddress: createClientAddress(options.trustedProxies),
      logger: log('tunnels'),
      audit,
      metrics,
      clock,
      approvalStore: document('ConfigMap', 'tunnel-approvals', 'record'),
      notify: (notification) => notifications.notify(notification),
    },
    { proxyDomain: options.proxyDomain, agentVersion: version },
  )
  const exposures = createExposures(
    {
      ...informerDeps,
      apps: workloads.exposedApps,
      open: (uid, port, streamSignal) => tunnels.openPort(uid, String(port), streamSignal),
      changed: (uid) => workloads.refreshStatus(uid),
      notify: (notification) => notifications.notify(notification),
      audit,
      metrics,
      logger: log('exposures'),
    },
    { namespace, agentName: name, ...exposureOptions(options) },
  )
  const exec = createExec({
    links,
    apps: workloads.appResolver,
    targets: {
      find: (...app) => workloads.appTargets.find(...app),
      exec: (...command) => workloads.appCommands.exec(...command),
      onChange: (listener) => workloads.appTargets.onChange(listener),
    },
    settings,
    audit,
    clock,
    peerName: (fingerprint) => peers.directory.byFingerprint(fingerprint)?.name ?? fingerprint,
  })
  // An approval that runs out is a change nobody made.
  tunnels.approvals.onChange(() => publish({ type: 'changed', kind: 'Approvals' }))
  const peerApi = createPeerApi({
    handlers: [workloads.peerHandlers, identityMessages({ renewals: peers.renewals, clock })],
    audit,
    logger: log('peer-api'),
  })
  const renewal = new IdentityRenewalController({
    identity,
    directory: peers.directory,
    links,
    peers,
    clock,
    random,
    report,
    logger: log('renewal'),
    audit,
    notify: (notification) => notifications.notify(notification),
  })
  identity.onChange(() => publish({ type: 'changed', kind: 'Identity' }))
  const clusterWatch = createClusterWatch({ client, clock, logger: log('cluster') })
  const dashboard = createDashboardServer(
    {
      handlers: [
        accessHandlers({ access, publish }),
        auditHandlers({ audit }),
        settingsHandlers({ settings }),
        notificationHandlers({ notifications }),
        peerHandlers(peers),
        inviteHandlers(peers),
        identityHandlers(renewal),
        linkHandlers({ links, history: linkHistory, directory: peers.directory }),
        workloads.apiHandlers,
        tunnelHandlers(tunnels),
        execHandlers(exec),
        approvalHandlers({
          sources: [workloads.heldApps, tunnels.approvals],
          onDecision: () => publish({ type: 'changed', kind: 'Approvals' }),
        }),
        statusHandlers({
          options,
          version,
          identity,
          peers,
          workloads,
          notifications,
          clusterWatch,
          startedAtMs: clock.now(),
        }),
      ],
      access,
      events,
      socket,
      appTraffic: tunnels.appTraffic,
      audit,
      notReady: () => (clusterWatch.status().ready ? [] : ['cluster']),
      metrics,
      clock,
      logger: log('http'),
    },
    {
      version,
      allowedHosts: options.allowedHosts,
      trustedProxies: options.trustedProxies,
      ...(options.dashboardDir !== undefined && { dashboardDir: options.dashboardDir }),
    },
  )
  const dashboardUrl = (): string => `http://${browserHost(host)}:${socket.port()}`

  stops.add(() => abort.abort())
  stops.add(async () => {
    audit.stop()
    tellOfAudit.stop()
    await auditFile?.stop()
  })
  await Promise.all([settings.start(signal), notifications.start(signal), peers.load(signal)])
  recordRuleChanges(settings, audit)
  stops.add(() => peers.stop())
  await access.start(signal)
  stops.add(() => access.stop())
  await workloads.start(signal)
  stops.add(() => workloads.stop())
  await exposures.start(signal)
  stops.add(() => exposures.stop())
  await tunnels.start(signal)
  await peerApi.start()
  stops.add(() => peerApi.stop())
  clusterWatch.start()
  stops.add(() => clusterWatch.stop())
  await dashboard.start()
  stops.add(() => dashboard.stop())
  stops.add(() => tunnels.stop())
  stops.add(() => exec.stop())
  // Only now: what is done for a removed peer needs everything that knows of it.
  peers.start()
  await linkHistory.start(signal)
  stops.add(() => linkHistory.stop())
  stops.add(() => linkFigures.stop())
  links.start()
  renewal.start()
  stops.add(() => renewal.stop())
  linkWatcher.start()
  stops.add(() => linkWatcher.stop())
  peerServer.serve({
    redeem: (body, remoteAddress) => peers.redeem(body, remoteAddress),
    acceptWebSocket: (...upgrade) => links.accept(...upgrade),
  })
  // First of all, what others have under way here may end: it needs everything below.
  stops.add(async () => {
    peerApi.drain()
    await Promise.all([links.drain(STOP_GRACE_MS), dashboard.stop()])
    await peerServer.stop()
    await links.stop()
  })
  await leaveAdminToken(access, options.adminTokenFile)
  const peerUrl = `http://${browserHost(host)}:${peerServer.port()}`
  logger.info({ dashboard: dashboardUrl(), peerFacing: peerUrl }, 'Agent is ready')

  return {
    name,
    get fingerprint() {
      return identity.fingerprint
    },
    dashboardUrl: dashboardUrl(),
    peerUrl,
    createLoginLink: async () => (await access.createLoginLink()).url,
    offerFirstLogin: (to) => access.firstLogin.offer(to),
    stop: () => stops.all(),
  }
}

/** The page reads the trail again when told so: a flood of entries is one reading a second. */
const AUDIT_EVENT_MS = 1_000

function hostingOptions({ hosting, namespace }: CompleteOptions): HostingOptions {
  const { namespaces = 'managed', hostRole, serviceAccount } = hosting
  if (hostRole === undefined || serviceAccount === undefined) return { namespaces }
  return {
    namespaces,
    rights: { clusterRole: hostRole, serviceAccount: { namespace, name: serviceAccount } },
  }
}

function exposureOptions({
  exposures,
  host,
  cluster,
}: CompleteOptions): Pick<ExposuresOptions, 'place' | 'range' | 'host'> {
  const { ports = DEFAULT_LISTENER_PORTS, selector } = exposures
  const ownHost = cluster.kind === 'in-cluster' ? host : '127.0.0.1'
  return {
    place: selector === undefined ? { kind: 'machine' } : { kind: 'pods', selector },
    range: ports,
    host: exposures.host ?? ownHost,
  }
}

/** `localhost`, because apps appear below it (`*.localhost`) and browsers take that for the same machine. */
const browserHost = (host: string): string =>
  host === '127.0.0.1' || host === '0.0.0.0' || host === '::' || host === '::1' ? 'localhost' : host

/**
 * For a CLI on the same machine: an admin token in a file only its owner can read. Written once; a file that is there
 * is left alone, so that a restart does not take the token from whoever uses it.
 */
async function leaveAdminToken(access: Access, file: string | undefined): Promise<void> {
  if (file === undefined || (await exists(file))) return
  const name = 'cli'
  if (access.tokens.list().some((token) => token.name === name)) await access.tokens.revoke(name)
  const { token } = await access.tokens.create({ name, role: 'admin' })
  await writeFile(file, `${token}\n`, { mode: 0o600, flag: 'wx' })
}

async function exists(file: string): Promise<boolean> {
  try {
    await accessFile(file)
    return true
  } catch {
    return false
  }
}
