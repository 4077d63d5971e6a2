/** The composition: storage, registry, API server, controllers and node, started in order and stopped in reverse. */
import { join } from 'node:path'
import type { ApiContext } from './api/api-context.ts'
import { ApiServer } from './api/api-server.ts'
import { Authenticator } from './api/authenticator.ts'
import { Authorizer } from './api/authorizer.ts'
import { Discovery } from './api/discovery.ts'
import { Lister } from './api/listing.ts'
import { ProtobufDecoder } from './api/protobuf.ts'
import { RecentJson } from './api/recent-json.ts'
import { ServiceAccountTokens } from './api/service-account-tokens.ts'
import { bootstrap } from './bootstrap.ts'
import { type Credentials, loadCredentials } from './cluster-files.ts'
import { startControllers } from './controllers/index.ts'
import { CustomResources } from './crd/custom-resources.ts'
import { definitionStrategy } from './crd/definition-strategy.ts'
import { renderKubeconfig } from './kubeconfig.ts'
import { ApiError } from './registry/api-error.ts'
import { BuiltinShapes } from './registry/builtin-shapes.ts'
import { Catalog } from './registry/catalog.ts'
import { LocalRegistry } from './registry/local-registry.ts'
import type { Clock, Logger, PodAccess, Stoppable, WorkloadDeps } from './registry/ports.ts'
import { builtinResources } from './registry/resources.ts'
import { startRuntime, type RuntimeOptions } from './runtime/index.ts'
import { DiskStorage, type OpenedStorage } from './storage/disk-storage.ts'
import { MemoryStorage, type RestoredState, type Storage } from './storage/storage.ts'
import { VolumeStore } from './storage/volume-store.ts'

export interface EmbeddedClusterOptions {
  /** Where the state is kept; left out: in memory, gone with `stop`. */
  readonly dir?: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free one. */
  readonly port?: number
  /** Name of the cluster, its kubeconfig context, and (with `-node`) its node. Default `embedded`. */
  readonly name?: string
  /**
   * Default true. Plain HTTP saves a test the certificates; kubectl does not send its token over it, so it is for
   * clients of our own only.
   */
  readonly tls?: boolean
  /** Default true. Without, there is the API alone: nothing reacts to what is stored. */
  readonly workloads?: boolean
  readonly logger?: Logger
  readonly clock?: Clock
  /** Passed to the node as they are. */
  readonly runtime?: Pick<RuntimeOptions, 'allowHostProcesses' | 'restartBackoff' | 'podsAtStop'>
}

export interface EmbeddedCluster {
  readonly url: string
  /** The administrator's bearer token. */
  readonly token: string
  /** PEM of the authority that signed the server's certificate; undefined over plain HTTP. */
  readonly caCert: string | undefined
  /** The state as the API server has it, for callers in this process. */
  readonly registry: LocalRegistry
  /** YAML of a kubeconfig for the administrator. */
  kubeconfig(): string
  /** Idempotent; waits for writes in hand. */
  stop(): Promise<void>
}

export async function startEmbeddedCluster(
  options: EmbeddedClusterOptions = {},
): Promise<EmbeddedCluster> {
  const closers: (() => Promise<void> | void)[] = []
  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close()
  }
  try {
    return await compose(options, closers, closeAll)
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function compose(
  options: EmbeddedClusterOptions,
  closers: (() => Promise<void> | void)[],
  closeAll: () => Promise<void>,
): Promise<EmbeddedCluster> {
  const { dir, host = '127.0.0.1', port = 0, name = 'embedded', tls: withTls = true } = options
  const { logger = silent, clock = realClock } = options
  const { storage, restored, onDisk } = await openStorage(dir, logger)
  closers.push(() => storage.close())
  const credentials = await loadCredentials({ dir, host, withTls, nowMs: clock.now() })

  const shapes = new BuiltinShapes()
  const catalog = new Catalog(builtinResources(definitionStrategy, shapes))
  const registry = new LocalRegistry({ catalog, storage, clock, logger }, restored)
  onDisk?.compactFrom(() => registry.state())
  const customResources = new CustomResources({ registry, shapes, logger })
  customResources.start()
  closers.push(() => customResources.stop())
  await bootstrap(registry)

  const volumes = new VolumeStore(dir === undefined ? undefined : join(dir, 'volumes'))
  closers.push(() => volumes.close())
  const node = await startWorkloads(options, { registry, clock, logger, volumes }, closers)
  const tokens = new ServiceAccountTokens({ registry, clock, signingKey: credentials.signingKey })
  const authorizer = new Authorizer(registry)
  closers.push(() => authorizer.stop())
  const context: ApiContext = {
    registry,
    lister: new Lister(registry),
    discovery: new Discovery(catalog),
    authenticator: new Authenticator(credentials.adminToken, tokens),
    authorizer,
    tokens,
    protobuf: new ProtobufDecoder(shapes),
    json: new RecentJson(),
    pods: node,
    clock,
    logger,
  }
  const server = new ApiServer(context, serverOptions(credentials, withTls), () => {
    return registry.failure === undefined
  })
  const listening = await server.listen({ host, port })
  closers.push(() => server.close())
  const url = `${withTls ? 'https' : 'http'}://${bracketed(host)}:${listening}`
  logger.info({ url, name, dir: dir ?? 'memory' }, 'Embedded cluster started')
  return handle({ name, url, credentials, withTls, registry, stop: closeAll })
}

interface HandleFacts {
  readonly name: string
  readonly url: string
  readonly credentials: Credentials
  readonly withTls: boolean
  readonly registry: LocalRegistry
  readonly stop: () => Promise<void>
}

function handle({ name, url, credentials, withTls, registry, stop }: HandleFacts): EmbeddedCluster {
  const token = credentials.adminToken
  const caCert = withTls ? credentials.tls?.caCert : undefined
  let stopping: Promise<void> | undefined
  return {
    url,
    token,
    caCert,
    registry,
    kubeconfig: () =>
      renderKubeconfig({ name, url, token, ...(caCert !== undefined && { caCert }) }),
    stop: () => (stopping ??= stop()),
  }
}

interface OpenStorage {
  readonly storage: Storage
  readonly restored: RestoredState | undefined
  readonly onDisk: DiskStorage | undefined
}

async function openStorage(dir: string | undefined, logger: Logger): Promise<OpenStorage> {
  if (dir === undefined)
    return { storage: new MemoryStorage(), restored: undefined, onDisk: undefined }
  const { storage, restored }: OpenedStorage = await DiskStorage.open(join(dir, 'state'), logger)
  return { storage, restored, onDisk: storage }
}

async function startWorkloads(
  options: EmbeddedClusterOptions,
  deps: WorkloadDeps,
  closers: (() => Promise<void> | void)[],
): Promise<PodAccess> {
  const { workloads = true, name: clusterName = 'embedded', dir, runtime = {} } = options
  if (!workloads) return noPods
  const node = await startRuntime(deps, {
    ...runtime,
    clusterName,
    nodeName: `${clusterName}-node`,
    ...(dir !== undefined && { dir: join(dir, 'node') }),
  })
  const controllers = await startControllers(deps)
  // Controllers first: they would replace the pods that the node is ending.
  const stopInOrder: readonly Stoppable[] = [controllers, node]
  closers.push(async () => {
    for (const part of stopInOrder) await part.stop()
  })
  return node
}

const noPods: PodAccess = {
  openLogs: () => refuseWithoutPods('logs'),
  openExec: () => refuseWithoutPods('containers'),
  openAttach: () => refuseWithoutPods('containers'),
  dialPort: () => refuseWithoutPods('ports'),
  readUsage: () => refuseWithoutPods('figures'),
}

function refuseWithoutPods(what: string): Promise<never> {
  const message = `this cluster runs no pods, so there are no ${what}`
  return Promise.reject(new ApiError('ServiceUnavailable', message))
}

function serverOptions(
  { tls }: Credentials,
  withTls: boolean,
): { tls?: { key: string; cert: string } } {
  return withTls && tls !== undefined ? { tls: { key: tls.key, cert: tls.cert } } : {}
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

const realClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
