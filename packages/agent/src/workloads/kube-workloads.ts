import { randomUUID } from 'node:crypto'
import type { ExecutingApp, RemoteApp } from '@porpulsion/contract'
import {
  EventRecorder,
  isBeingDeleted,
  type Clock,
  type InformerDeps,
  type KubeClient,
  type Random,
  type ReportSink,
} from '@porpulsion/kube'
import type { ApiHandlers, PeerHandlers } from '../api/index.ts'
import type { ApprovalSource } from '../approvals/index.ts'
import type { Audit } from '../audit/index.ts'
import { createKubeDocumentStore, createStoredRecord } from '../documents/index.ts'
import type { Logger } from '../observability/index.ts'
import type { Identity, KnownPeer, RemovalChoices, RemovalCounts } from '../peers/index.ts'
import { AppAlarms } from './app-alarms.ts'
import { createAppChecks } from './app-checks.ts'
import { AppHistoryController } from './app-history-controller.ts'
import { rulesFor, type PeerRules } from '../policy/index.ts'
import { executingAppHandlers } from './executing-app-routes.ts'
import { withoutSecretValues } from './hidden-secrets.ts'
import { createHeldApps } from './kube-held-apps.ts'
import { hostMessages } from './host-messages.ts'
import { HostedAppController } from './hosted-app-controller.ts'
import { HostedUsage } from './hosted-usage.ts'
import { InventoryController } from './inventory-controller.ts'
import { KubeAppDeployer } from './kube-app-deployer.ts'
import { KubeAppHistoryStore } from './kube-app-history-store.ts'
import { KubeAppRecords } from './kube-app-records.ts'
import { KubeAppSubmissions } from './kube-app-submissions.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import { KubeAppExec } from './kube-app-exec.ts'
import { KubeAppTargets } from './kube-app-targets.ts'
import { KubeExposedApps, type LocalServiceOf } from './kube-exposed-apps.ts'
import { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import { createLeftClaims } from './kube-left-claims.ts'
import { KubeLastWords } from './kube-last-words.ts'
import type { HostingOptions } from './kube-peer-namespaces.ts'
import { KubePodLogs } from './kube-pod-logs.ts'
import { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import { KubeSecretValues } from './kube-secret-values.ts'
import { appIdOf } from './kube-submitted-app.ts'
import { KubeSubmittedSpecs } from './kube-submitted-specs.ts'
import { LinkWatch } from './link-watch.ts'
import type {
  Alarms,
  Directory,
  Notify,
  PeerLinks,
  PublishEvent,
  SettingsInForce,
} from './neighbours.ts'
import { removePeerApps } from './kube-remove-peer-apps.ts'
import { RemoteAppController } from './remote-app-controller.ts'
import { remoteAppHandlers } from './remote-app-routes.ts'
import { RemoteAppResolver } from './remote-app-resolver.ts'
import { streamRemoteLogs } from './remote-logs.ts'
import { readRemoteMetrics, type RemoteMetricsSource } from './remote-metrics.ts'
import { PeerGuardController } from './peer-guard-controller.ts'
import { ruleHandlers } from './rule-routes.ts'
import { createRuleViolations } from './rule-violations.ts'
import { StatusReportController } from './status-report-controller.ts'
import { Submissions } from './submissions.ts'
import { submitterMessages } from './submitter-messages.ts'
import { TombstoneController } from './tombstone-controller.ts'
import { Tombstones } from './tombstones.ts'

export interface WorkloadsDeps {
  readonly client: KubeClient
  readonly clock: Clock
  readonly random: Random
  readonly report: ReportSink
  readonly identity: Pick<Identity, 'name' | 'fingerprint'>
  readonly links: PeerLinks
  readonly directory: Directory
  readonly settings: SettingsInForce
  readonly logger: Logger
  readonly publish: PublishEvent
  readonly notify: Notify
  readonly alarms: Alarms
  readonly audit: Audit
  /** Of an app whose ports are exposed in this cluster, by its uid; asked whenever its status is written. */
  readonly localServiceOf?: LocalServiceOf
}

export interface WorkloadsOptions {
  /** The agent's own: RemoteApps, tombstones. */
  readonly namespace: string
  /** RemoteApps elsewhere that count too. */
  readonly watchNamespaces?: readonly string[]
  readonly agentVersion: string
  /** Addresses of pods can be dialled from here. */
  readonly podsReachable: boolean
  readonly hosting: HostingOptions
}

export interface AppCounts {
  readonly total: number
  readonly ready: number
}

export interface Workloads {
  readonly apiHandlers: ApiHandlers
  readonly peerHandlers: PeerHandlers
  /** For tunnels, at the host. */
  readonly appTargets: Pick<KubeAppTargets, 'find' | 'dial' | 'onChange'>
  /** Runs commands in the pods of the apps that run here. */
  readonly appCommands: Pick<KubeAppExec, 'exec'>
  /** What waits to be approved here. */
  readonly heldApps: ApprovalSource
  /** For tunnels, at the submitter. */
  readonly appResolver: Pick<RemoteAppResolver, 'resolve' | 'resolveUidPrefix'>
  /** Those of ours that want ports of them to be reachable here. */
  readonly exposedApps: Pick<KubeExposedApps, 'get' | 'whenSynced' | 'onChange'>
  /** Something that its status tells changed. */
  refreshStatus(uid: string): void
  counts(): { readonly remoteApps: AppCounts; readonly executingApps: AppCounts }
  /** What becomes of a removed peer's apps here, and of ours there. Idempotent. */
  removePeer(peer: KnownPeer, choices: RemovalChoices, signal?: AbortSignal): Promise<RemovalCounts>
  /** Resolves once both sides' apps have been read and work on them has begun. */
  start(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
  /** Resolves when nothing is due: what has been seen has been acted upon. */
  whenIdle(): Promise<void>
}

export function createWorkloads(deps: WorkloadsDeps, options: WorkloadsOptions): Workloads {
  const { client, clock, random, report, links, directory: peers, settings, publish, notify } = deps
  const { namespace, agentVersion, podsReachable } = options
  const informerDeps: InformerDeps = { client, clock, random, report }
  const logger = deps.logger
  const bootId = randomUUID()
  const linkWatch = new LinkWatch({ links, peers, clock })
  const events = new EventRecorder(informerDeps, {
    component: 'porpulsion-agent',
    instance: deps.identity.name,
  })

  const remoteApps = new KubeRemoteAppStore(informerDeps, {
    namespaces: [...new Set([namespace, ...(options.watchNamespaces ?? [])])],
  })
  const specs = new KubeSubmittedSpecs(informerDeps, { namespaces: remoteApps.namespaces })
  const histories = new AppHistoryController({
    ...informerDeps,
    store: remoteApps,
    histories: new KubeAppHistoryStore(client),
    authors: remoteApps.authors,
    logger,
  })
  const submissions = new Submissions()
  const tombstoneRecord = createStoredRecord(
    createKubeDocumentStore(informerDeps, {
      kind: 'ConfigMap',
      namespace,
      name: 'porpulsion-tombstones',
      key: 'record',
    }),
    { schema: Tombstones, empty: [] },
  )
  const tombstones = new TombstoneController({
    ...informerDeps,
    record: tombstoneRecord,
    links,
    linkWatch,
    peers,
    notify,
    logger,
  })
  const submitter = new RemoteAppController({
    ...informerDeps,
    store: remoteApps,
    submissions,
    specs,
    tombstones,
    links,
    linkWatch,
    peers,
    events,
    notify,
    logger,
    localServiceOf: deps.localServiceOf ?? (() => undefined),
    epoch: bootId,
  })

  const rulesOf = (fingerprint: string): PeerRules =>
    rulesFor(settings.current(), peers.byFingerprint(fingerprint)?.name ?? '')
  const hosted = new KubeHostedAppStore(informerDeps, options.hosting, {
    rulesOf,
    agentNamespace: namespace,
  })
  const secretValues = new KubeSecretValues(client)
  const reports = new StatusReportController({
    ...informerDeps,
    store: hosted,
    links,
    peers,
    settings,
    bootId,
  })
  const inventories = new InventoryController({
    ...informerDeps,
    store: hosted,
    reports,
    links,
    peers,
    settings,
    notify,
    logger,
    bootId,
  })
  const leftClaims = createLeftClaims({ claims: hosted.retainedClaims, records: hosted.records })
  const usage = new HostedUsage({ records: hosted.records, settings, rulesOf, leftClaims })
  const records = new KubeAppRecords({ client, store: hosted, secretValues, clock })
  const heldApps = createHeldApps({ store: hosted, records, secretValues, usage, rulesOf })
  const host = new HostedAppController({
    ...informerDeps,
    store: hosted,
    deployer: new KubeAppDeployer({ client, store: hosted, rulesOf }),
    secretValues,
    lastWords: new KubeLastWords(client),
    heldApps,
    notify,
    logger,
    onSpoiltRecord: (record) => inventories.onSpoiltRecord(record),
  })
  const guards = new PeerGuardController({
    ...informerDeps,
    store: hosted,
    peers,
    settings,
    onGuarded: (fingerprint) => host.enqueuePeer(fingerprint),
  })
  const appSubmissions = new KubeAppSubmissions({
    store: hosted,
    records,
    secretValues,
    usage,
    settings,
    notify,
    audit: deps.audit,
    logger,
  })
  const alarms = new AppAlarms({
    remoteApps,
    records: hosted.records,
    usage,
    rulesOf,
    peers,
    settings,
    alarms: deps.alarms,
    clock,
    logger,
  })
  const violations = createRuleViolations({ store: hosted, records, rulesOf })
  const targets = new KubeAppTargets({ client, store: hosted, clock, podsReachable })
  const logs = new KubePodLogs({ client, store: hosted, clock })
  const metrics = { client, store: hosted, clock }
  const checks = createAppChecks({ store: remoteApps, specs, peers, links })
  const resolver = new RemoteAppResolver({ store: remoteApps, peers })
  publishChanges(remoteApps, hosted, publish)
  const sourceOf = (app: StoredRemoteApp): RemoteMetricsSource => ({
    peerFingerprint: resolver.peerOf(app),
    uid: appIdOf(app),
  })

  return {
    apiHandlers: {
      ...remoteAppHandlers({
        store: remoteApps,
        peers,
        histories,
        clock,
        check: (manifest, signal) => checks.ask(manifest, signal),
        logs: async (app, query, signal) =>
          await streamRemoteLogs({ links, linkWatch, clock }, sourceOf(app), query, signal),
        metrics: async (app, signal) => await readRemoteMetrics(links, sourceOf(app), signal),
      }),
      ...ruleHandlers({ store: hosted, peers, settings, usage, rulesOf, violations }),
      ...executingAppHandlers({ store: hosted, logs, metrics, violations }),
    },
    peerHandlers: {
      ...hostMessages({
        submissions: appSubmissions,
        store: hosted,
        targets,
        logs,
        metrics,
        settings,
        self: () => ({ ...pickSelf(deps.identity), version: agentVersion }),
      }),
      ...submitterMessages({
        store: remoteApps,
        submissions,
        specs,
        controller: submitter,
        peers,
        clock,
        audit: deps.audit,
      }),
    },
    appTargets: targets,
    appCommands: new KubeAppExec({ client, store: hosted }),
    heldApps,
    appResolver: resolver,
    exposedApps: new KubeExposedApps(remoteApps),
    refreshStatus: (uid) => submitter.enqueue(uid),
    counts: () => ({
      remoteApps: count(remoteApps.list()),
      executingApps: count(hosted.records.list()),
    }),
    removePeer: (peer, choices, signal = new AbortController().signal) =>
      removePeerApps({ client, remoteApps, hosted, tombstones }, peer, choices, signal),

    async start(signal) {
      await Promise.all([
        tombstoneRecord.start(signal),
        remoteApps.start(signal),
        specs.start(signal),
        hosted.start(signal),
      ])
      await Promise.all([submitter.start(signal), host.start(signal), histories.start(signal)])
      tombstones.start()
      guards.start()
      reports.start()
      inventories.start()
      alarms.start()
    },

    async stop() {
      await Promise.all([
        submitter.stop(),
        histories.stop(),
        host.stop(),
        tombstones.stop(),
        guards.stop(),
        reports.stop(),
        inventories.stop(),
        alarms.stop(),
      ])
      await Promise.all([events.stop(), remoteApps.stop(), specs.stop(), hosted.stop()])
    },

    async whenIdle() {
      await Promise.all([
        submitter.whenIdle(),
        histories.whenIdle(),
        host.whenIdle(),
        tombstones.whenIdle(),
        guards.whenIdle(),
        reports.whenIdle(),
        inventories.whenIdle(),
      ])
    },
  }
}

const pickSelf = ({ name, fingerprint }: Pick<Identity, 'name' | 'fingerprint'>) => ({
  name,
  fingerprint,
})

function count(apps: readonly (RemoteApp | ExecutingApp)[]): AppCounts {
  const alive = apps.filter((app) => !isBeingDeleted(app))
  return {
    total: alive.length,
    ready: alive.filter(({ status }) => status?.phase === 'Ready').length,
  }
}

/** Every change for whoever watches the page. Anybody signed in may, so values of secrets stay out. */
function publishChanges(
  remoteApps: KubeRemoteAppStore,
  hosted: KubeHostedAppStore,
  publish: PublishEvent,
): void {
  remoteApps.on(({ kind, app }) => {
    if (kind === 'upsert')
      publish({ type: 'upsert', kind: 'RemoteApp', object: withoutSecretValues(app) })
    else publish({ type: 'delete', kind: 'RemoteApp', ...identityOf(app) })
  })
  hosted.records.on(({ kind, object }) => {
    if (kind === 'deleted') publish({ type: 'delete', kind: 'ExecutingApp', ...identityOf(object) })
    else publish({ type: 'upsert', kind: 'ExecutingApp', object })
  })
}

function identityOf({ metadata }: RemoteApp | ExecutingApp): {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
} {
  const { name, namespace, uid } = metadata
  return { name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }) }
}
