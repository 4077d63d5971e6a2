/** Two embedded clusters with the workloads of an agent each, and a link between them: `a` submits, `b` hosts. */
import { createHash } from 'node:crypto'
import {
  defaultSettings,
  GROUP_VERSION,
  peerNamespace,
  type ApiEvent,
  type ExecutingApp,
  type RemoteApp,
  type RemoteAppSpec,
  type RemoteAppStatus,
  type Settings,
  effectiveSettings,
  type SettingsDocument,
} from '@porpulsion/contract'
import { startEmbeddedCluster, type EmbeddedCluster } from '@porpulsion/embedded-cluster'
import {
  bearerToken,
  Informer,
  KubeClient,
  systemClock,
  systemRandom,
  type KubeObject,
  type KubeReport,
  type ResourceKind,
  type Stored,
} from '@porpulsion/kube'
import { onTestFinished } from 'vitest'
import type { Caller } from '../../src/api/index.ts'
import type { AuditFacts } from '../../src/audit/index.ts'
import { prepareCluster } from '../../src/cluster/index.ts'
import type { NewNotification, Trouble } from '../../src/notifications/index.ts'
import { createLogger } from '../../src/observability/index.ts'
import { createWorkloads, type Workloads } from '../../src/workloads/index.ts'
import { ExecutingAppKind, RemoteAppKind } from '../../src/workloads/kube-app-kinds.ts'
import { MemoryEnd, MemoryPair, type Side } from './memory-links.ts'
import { SkippingClock } from './skipping-clock.ts'

export const NAMESPACE = 'porpulsion'
export const operator: Caller = { name: 'tester', role: 'operator' }

export class Agent {
  readonly end: MemoryEnd
  readonly clock: SkippingClock
  readonly notifications: NewNotification[] = []
  /** What lasts and is not over, by reason and name. */
  readonly alarms = new Map<string, NewNotification>()
  readonly audited: AuditFacts[] = []
  readonly events: ApiEvent[] = []
  readonly reports: KubeReport[] = []
  /** Every line it logged, debug included. */
  readonly logs: string[] = []
  cluster: EmbeddedCluster
  client: KubeClient
  settings: Settings = defaultSettings
  #document: SettingsDocument = {}
  readonly #settingsListeners = new Set<() => void>()
  #workloads: Workloads | undefined
  #abort = new AbortController()

  constructor(side: Side, cluster: EmbeddedCluster, clock: SkippingClock) {
    this.end = new MemoryEnd(side)
    this.clock = clock
    this.cluster = cluster
    this.client = clientOf(cluster)
  }

  get workloads(): Workloads {
    if (this.#workloads === undefined) throw new Error('The agent does not run')
    return this.#workloads
  }

  /** The agent's process, as far as it matters here: nothing but the cluster outlives it. */
  async start(): Promise<void> {
    this.#abort = new AbortController()
    const logger = createLogger(
      { level: 'debug', agent: this.end.self.name },
      { write: (line) => void this.logs.push(line) },
    )
    await prepareCluster(
      { client: this.client, clock: systemClock, random: systemRandom, logger },
      { namespace: NAMESPACE, installDefinitions: true },
      this.#abort.signal,
    )
    this.#workloads = createWorkloads(
      {
        client: this.client,
        clock: this.clock,
        random: systemRandom,
        report: (report) => this.reports.push(report),
        identity: this.end.self,
        links: this.end.links,
        directory: this.end.directory,
        settings: {
          current: () => this.settings,
          onChange: (listener) => {
            this.#settingsListeners.add(listener)
            return () => this.#settingsListeners.delete(listener)
          },
        },
        logger,
        publish: (event) => this.events.push(event),
        notify: (notification) => {
          this.notifications.push(notification)
          return Promise.resolve()
        },
        alarms: {
          raise: (alarm) => {
            this.alarms.set(alarmKey(alarm), alarm)
            return Promise.resolve()
          },
          resolve: (trouble) => {
            this.alarms.delete(alarmKey(trouble))
            return Promise.resolve()
          },
        },
        audit: { record: (facts) => void this.audited.push(facts) },
      },
      {
        namespace: NAMESPACE,
        agentVersion: '0.0.0',
        podsReachable: true,
        hosting: { namespaces: 'managed' },
      },
    )
    this.end.handlers = this.#workloads.peerHandlers
    await this.#workloads.start(this.#abort.signal)
    this.end.isRunning = true
    this.end.pair?.tell()
  }

  async stop(): Promise<void> {
    this.end.isRunning = false
    this.end.pair?.tell()
    await this.#workloads?.stop()
    this.#abort.abort()
    this.#workloads = undefined
  }

  /** As an owner writes it: what is left out stays as it was. */
  changeSettings(change: SettingsDocument): void {
    this.#document = { ...this.#document, ...change }
    this.settings = effectiveSettings(this.#document)
    for (const listener of this.#settingsListeners) listener()
  }

  async app(name = 'web'): Promise<Stored<RemoteApp>> {
    return await this.client.get(RemoteAppKind, { namespace: NAMESPACE, name })
  }

  async apply(spec: Partial<RemoteAppSpec> = {}, name = 'web'): Promise<Stored<RemoteApp>> {
    return await this.client.apply(
      RemoteAppKind,
      {
        apiVersion: GROUP_VERSION,
        kind: 'RemoteApp',
        metadata: { name, namespace: NAMESPACE },
        spec: { targetPeer: 'b', image: 'porpulsion/hello', ...spec },
      },
      { fieldManager: 'user' },
    )
  }

  async delete(name = 'web'): Promise<void> {
    await this.client.delete(RemoteAppKind, { namespace: NAMESPACE, name })
  }

  /** Resolves with the status of an app once it is as wanted. */
  async until(
    wanted: (status: RemoteAppStatus, app: Stored<RemoteApp>) => boolean,
    name = 'web',
  ): Promise<RemoteAppStatus> {
    const app = await this.#observe(RemoteAppKind, NAMESPACE, (apps) =>
      apps.find(
        (one) => one.metadata.name === name && one.status !== undefined && wanted(one.status, one),
      ),
    )
    if (app.status === undefined) throw new Error('An app without status was found')
    return app.status
  }

  async untilGone(name = 'web'): Promise<void> {
    await this.untilNone(RemoteAppKind, NAMESPACE, (app) => app.metadata.name === name)
  }

  async untilNone<T extends KubeObject>(
    kind: ResourceKind<T>,
    namespace: string,
    which: (object: Stored<T>) => boolean = () => true,
  ): Promise<void> {
    await this.#observe(kind, namespace, (objects) => (objects.some(which) ? undefined : true))
  }

  /** Resolves with the objects once they are as wanted. */
  async untilObjects<T extends KubeObject>(
    kind: ResourceKind<T>,
    namespace: string,
    wanted: (objects: Stored<T>[]) => boolean,
  ): Promise<Stored<T>[]> {
    return await this.#observe(kind, namespace, (objects) =>
      wanted(objects) ? objects : undefined,
    )
  }

  /** What runs here for a peer. */
  async hosted(of: Agent): Promise<Stored<ExecutingApp>[]> {
    const { items } = await this.client.list(ExecutingAppKind, {
      namespace: peerNamespace(of.end.self.fingerprint),
    })
    return items
  }

  /** Resolves with what runs here for a peer, once something does and all of it is as wanted. */
  async untilHosted(
    of: Agent,
    wanted: (app: Stored<ExecutingApp>) => boolean = () => true,
  ): Promise<Stored<ExecutingApp>[]> {
    const namespace = peerNamespace(of.end.self.fingerprint)
    return await this.untilObjects(
      ExecutingAppKind,
      namespace,
      (records) => records.length > 0 && records.every(wanted),
    )
  }

  async #observe<T extends KubeObject, R>(
    kind: ResourceKind<T>,
    namespace: string,
    find: (objects: Stored<T>[]) => R | undefined,
  ): Promise<R> {
    const informer = new Informer<T>(
      { client: this.client, clock: systemClock, random: systemRandom, report: () => undefined },
      { kind, namespace },
    )
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    await informer.start(stop.signal)
    try {
      return await new Promise<R>((resolve) => {
        const look = (): void => {
          const found = find(informer.list())
          if (found !== undefined) resolve(found)
        }
        informer.on(look)
        look()
      })
    } finally {
      await informer.stop()
    }
  }
}

export interface TwoClusters {
  readonly a: Agent
  readonly b: Agent
  readonly pair: MemoryPair
  readonly clock: SkippingClock
  /** Where `b` keeps what it runs for `a`. */
  readonly namespaceAtB: string
}

/** Both agents run and are linked. */
export async function twoClusters(): Promise<TwoClusters> {
  const clock = new SkippingClock()
  const a = new Agent(sideOf('a'), await aCluster('a'), clock)
  const b = new Agent(sideOf('b'), await aCluster('b'), clock)
  a.end.addPeer(b.end.self)
  b.end.addPeer(a.end.self)
  const pair = new MemoryPair(a.end, b.end)
  pair.connect()
  onTestFinished(async () => {
    await Promise.all([a.stop(), b.stop()])
  })
  await Promise.all([a.start(), b.start()])
  return { a, b, pair, clock, namespaceAtB: peerNamespace(a.end.self.fingerprint) }
}

export async function aCluster(name: string, dir?: string): Promise<EmbeddedCluster> {
  const cluster = await startEmbeddedCluster({
    name,
    tls: false,
    ...(dir !== undefined && { dir }),
    runtime: { restartBackoff: { baseMs: 100, maxMs: 1_000 } },
  })
  onTestFinished(() => cluster.stop())
  return cluster
}

export function clientOf(cluster: EmbeddedCluster): KubeClient {
  const client = new KubeClient(
    { server: cluster.url, credentials: bearerToken(cluster.token) },
    { fieldManager: 'porpulsion' },
  )
  onTestFinished(() => client.close())
  return client
}

export function sideOf(name: string): Side {
  return { name, fingerprint: createHash('sha256').update(name).digest('hex') }
}

export const alarmKey = ({ reason, about }: Trouble): string => `${reason} ${about?.name ?? ''}`

export const isReady = ({ phase }: RemoteAppStatus): boolean => phase === 'Ready'
