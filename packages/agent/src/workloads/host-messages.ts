/** What submitters ask of us as their host. */
import { PorpulsionError } from '@porpulsion/contract'
import type { CallingPeer, PeerHandlers } from '../api/index.ts'
import { authorize, policyRevision, rulesFor, type PeerVerb } from '../policy/index.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import type { KubeAppSubmissions } from './kube-app-submissions.ts'
import type { KubeAppTargets } from './kube-app-targets.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import { readAppMetrics, type AppMetricsDeps } from './kube-app-metrics.ts'
import type { KubePodLogs } from './kube-pod-logs.ts'
import type { SettingsInForce } from './neighbours.ts'

export interface SelfDescription {
  readonly name: string
  readonly fingerprint: string
  readonly version: string
}

export interface HostMessagesDeps {
  readonly submissions: KubeAppSubmissions
  readonly store: KubeHostedAppStore
  readonly targets: Pick<KubeAppTargets, 'find'>
  readonly logs: KubePodLogs
  readonly metrics: AppMetricsDeps
  readonly settings: SettingsInForce
  readonly self: () => SelfDescription
}

export function hostMessages(deps: HostMessagesDeps): PeerHandlers {
  const { submissions, store, targets, logs, metrics, settings, self } = deps

  function recordFor(peer: CallingPeer, verb: PeerVerb, uid: string): StoredExecutingApp {
    store.assertSynced()
    const rules = rulesFor(settings.current(), peer.name)
    const access = authorize(peer, verb, targets.find(peer.fingerprint, uid), {}, rules)
    const record = store.find(peer.fingerprint, uid)
    if (!access.allowed) throw new PorpulsionError(access.kind, access.code, access.message)
    if (record === undefined)
      throw new PorpulsionError('NotFound', 'AppNotFound', 'This cluster runs no such app for you')
    return record
  }

  return {
    getSelf: ({ peer }) =>
      Promise.resolve({
        ...self(),
        policyRevision: policyRevision(rulesFor(settings.current(), peer.name)),
      }),

    putApp: ({ peer, params, body, signal }) =>
      submissions.submit(peer, params['uid'] ?? '', body, signal),

    checkApp: ({ peer, body, signal }) => submissions.check(peer, body, signal),

    // Of all verbs this one needs no record: what has none may still have left something behind.
    deleteApp: ({ peer, params, signal }) => submissions.remove(peer, params['uid'] ?? '', signal),

    streamAppLogs: async ({ peer, params, query, signal }) => {
      const record = recordFor(peer, 'read-logs', params['uid'] ?? '')
      return Promise.resolve(logs.stream(record, query, signal))
    },

    getAppMetrics: async ({ peer, params, signal }) =>
      await readAppMetrics(metrics, recordFor(peer, 'read-metrics', params['uid'] ?? ''), signal),
  }
}
