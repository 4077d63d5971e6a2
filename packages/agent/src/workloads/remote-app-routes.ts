import {
  Annotation,
  GROUP_VERSION,
  invalidFields,
  parseAs,
  PorpulsionError,
  RemoteAppSpec,
  type AppCheck,
  type AppMetrics,
  type FieldError,
  type LogLine,
  type RemoteApp,
  type RemoteAppManifest,
} from '@porpulsion/contract'
import type { ApiHandlers, Caller } from '../api/index.ts'
import type { Clock } from '../observability/index.ts'
import { mergePatch } from '../settings/index.ts'
import { appConfigHandlers } from './app-config-routes.ts'
import { appHistoryHandlers } from './app-history-routes.ts'
import type { AppHistoryController } from './app-history-controller.ts'
import { withoutSecretValues } from './hidden-secrets.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import type { KubeRemoteAppStore, WriteContext } from './kube-remote-app-store.ts'
import type { Directory } from './neighbours.ts'
import { auditedAs, targetApp, type AppRequest } from './remote-app-target.ts'
import { assertSound, respecified, type Written } from './remote-app-changes.ts'

export interface RemoteAppRoutesDeps {
  readonly store: KubeRemoteAppStore
  readonly peers: Directory
  readonly histories: Pick<AppHistoryController, 'historyOf'>
  readonly clock: Clock
  /** Asks the peer, and makes nothing. */
  readonly check: (manifest: RemoteAppManifest, signal: AbortSignal) => Promise<AppCheck>
  readonly logs: (
    app: StoredRemoteApp,
    query: LogsQuery,
    signal: AbortSignal,
  ) => Promise<AsyncIterable<LogLine>>
  readonly metrics: (app: StoredRemoteApp, signal: AbortSignal) => Promise<AppMetrics>
}

type Requests = { readonly [K in keyof ApiHandlers]-?: Parameters<NonNullable<ApiHandlers[K]>>[0] }
type LogsQuery = Omit<Requests['streamRemoteAppLogs']['query'], 'namespace' | 'peer'>

export function remoteAppHandlers(deps: RemoteAppRoutesDeps): ApiHandlers {
  const { store, clock, check, logs, metrics } = deps
  const target = (request: AppRequest): StoredRemoteApp => targetApp(store, request)

  return {
    ...appConfigHandlers(deps),
    ...appHistoryHandlers(deps),

    listRemoteApps: ({ query, caller }) =>
      Promise.resolve({
        apiVersion: GROUP_VERSION,
        kind: 'RemoteAppList',
        items: store
          .list()
          .filter(
            ({ metadata, spec }) =>
              (query.namespace === undefined || metadata.namespace === query.namespace) &&
              (query.peer === undefined || spec.targetPeer === query.peer),
          )
          .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
          .map((app) => visibleTo(caller, app)),
      }),

    getRemoteApp: async (request) => Promise.resolve(visibleTo(request.caller, target(request))),

    createRemoteApp: async ({ body, query, caller, note, signal }) => {
      note({ about: auditedAs({ namespace: store.defaultNamespace, ...body.metadata }) })
      assertSound(deps, body)
      if (query.dryRun === 'peer') return await check(body, signal)
      return await store.create(body, { by: caller.name, signal })
    },

    updateRemoteApp: async (request) => {
      const app = target(request)
      const { body } = request
      assertSound(deps, body)
      assertSameName(app, body)
      return await store.update(app, (current) => replaced(current, body), byOf(request))
    },

    patchRemoteApp: async (request) => {
      const { body } = request
      return await store.update(
        target(request),
        (current) => {
          const spec = parseAs(RemoteAppSpec, mergePatch(current.spec, body.spec), 'spec')
          assertSound(deps, { ...current, spec })
          return respecified(current, spec)
        },
        byOf(request),
      )
    },

    scaleRemoteApp: async (request) =>
      store.update(
        target(request),
        (current) => respecified(current, { ...current.spec, replicas: request.body.replicas }),
        byOf(request),
      ),

    restartRemoteApp: async (request) =>
      store.update(
        target(request),
        (current) => ({
          ...respecified(current, current.spec),
          metadata: {
            ...current.metadata,
            annotations: {
              ...current.metadata.annotations,
              [Annotation.RestartedAt]: new Date(clock.now()).toISOString(),
            },
          },
        }),
        byOf(request),
      ),

    deleteRemoteApp: async (request) =>
      store.delete(target(request), { force: request.query.force ?? false }, request.signal),

    getAppMetrics: async (request) => metrics(target(request), request.signal),

    streamRemoteAppLogs: async (request) => {
      const { namespace: _n, peer: _p, ...query } = request.query
      return await logs(target(request), query, request.signal)
    },
  }
}

const byOf = ({
  caller,
  signal,
}: {
  readonly caller: Caller
  readonly signal: AbortSignal
}): WriteContext => ({ by: caller.name, signal })

function assertSameName({ metadata }: StoredRemoteApp, manifest: RemoteAppManifest): void {
  const { name, namespace = metadata.namespace } = manifest.metadata
  const fields: FieldError[] = []
  if (name !== metadata.name)
    fields.push({
      path: 'metadata.name',
      message: `is not the name of this app, "${metadata.name}"; an app cannot be renamed`,
    })
  if (namespace !== metadata.namespace)
    fields.push({
      path: 'metadata.namespace',
      message: 'is not the namespace of this app; an app cannot be moved',
    })
  if (fields.length > 0) throw invalidFields(fields)
}

/** The manifest's spec as it is: a field it leaves out is gone. Labels and annotations only when it names some. */
function replaced(current: StoredRemoteApp, { metadata, spec }: RemoteAppManifest): Written {
  const { resourceVersion } = metadata
  if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion)
    throw new PorpulsionError(
      'Conflict',
      'AppChanged',
      `App "${current.metadata.name}" changed since it was read; read it again and repeat the change`,
    )
  return {
    ...respecified(current, spec),
    metadata: {
      ...current.metadata,
      labels: metadata.labels ?? current.metadata.labels ?? {},
      annotations: { ...current.metadata.annotations, ...metadata.annotations },
    },
  }
}

/** Who may only look does not see the values of secrets. */
function visibleTo({ role }: Caller, app: StoredRemoteApp): RemoteApp {
  return role === 'viewer' ? withoutSecretValues(app) : app
}

const sortKey = ({ metadata }: StoredRemoteApp): string =>
  `${metadata.namespace ?? ''}/${metadata.name}`
