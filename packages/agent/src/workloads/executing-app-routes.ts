import { GROUP_VERSION, PorpulsionError } from '@porpulsion/contract'
import type { ApiHandlers } from '../api/index.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import { readAppMetrics, type AppMetricsDeps } from './kube-app-metrics.ts'
import type { KubePodLogs } from './kube-pod-logs.ts'
import type { RuleViolations } from './rule-violations.ts'

export interface ExecutingAppRoutesDeps {
  readonly store: KubeHostedAppStore
  readonly logs: KubePodLogs
  readonly metrics: AppMetricsDeps
  readonly violations: RuleViolations
}

interface Target {
  readonly params: Readonly<Record<string, string>>
  readonly query: { readonly namespace?: string; readonly peer?: string }
}

export function executingAppHandlers({
  store,
  logs,
  metrics,
  violations,
}: ExecutingAppRoutesDeps): ApiHandlers {
  const selected = ({ namespace, peer }: Target['query']): StoredExecutingApp[] =>
    store.records
      .list()
      .filter(
        ({ metadata, spec }) =>
          (namespace === undefined || metadata.namespace === namespace) &&
          (peer === undefined || spec.peer.name === peer),
      )
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))

  function target({ params, query }: Target): StoredExecutingApp {
    store.assertSynced()
    const id = params['id'] ?? ''
    const found = named(id, selected(query))
    const [app] = found
    if (app === undefined)
      throw new PorpulsionError(
        'NotFound',
        'AppNotFound',
        `No app "${id}" runs here; see \`GET /api/executingapps\``,
      )
    if (found.length > 1)
      throw new PorpulsionError(
        'Conflict',
        'AppAmbiguous',
        `Several apps "${id}" run here: ${found.map(({ metadata }) => `${metadata.namespace ?? ''},${metadata.name}`).join('; ')}`,
      )
    return app
  }

  return {
    listExecutingApps: ({ query }) =>
      Promise.resolve({
        apiVersion: GROUP_VERSION,
        kind: 'ExecutingAppList',
        items: selected(query),
      }),
    getExecutingApp: async (request) => Promise.resolve(target(request)),
    listViolations: () => {
      store.assertSynced()
      return Promise.resolve({ items: violations.list() })
    },

    stopViolations: async ({ body, caller, signal }) => {
      store.assertSynced()
      return { items: await violations.stop(body.apps, caller.name, signal) }
    },

    getExecutingAppMetrics: async (request) =>
      await readAppMetrics(metrics, target(request), request.signal),

    streamExecutingAppLogs: async (request) => {
      const { namespace: _n, peer: _p, ...query } = request.query
      return Promise.resolve(logs.stream(target(request), query, request.signal))
    },
  }
}

/** A uid, the name here, `namespace,name`, or the name its submitter gave it. */
function named(id: string, apps: readonly StoredExecutingApp[]): StoredExecutingApp[] {
  const [namespace, name] = id.includes(',') ? id.split(',', 2) : [undefined, id]
  const inNamespace = apps.filter(
    ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
  )
  const exact = inNamespace.filter(({ metadata }) => metadata.uid === id || metadata.name === name)
  return exact.length > 0 ? exact : inNamespace.filter(({ spec }) => spec.submitter.name === name)
}

const sortKey = ({ metadata }: StoredExecutingApp): string =>
  `${metadata.namespace ?? ''}/${metadata.name}`
