import type { AgentStatus } from '@porpulsion/contract'
import type { ApiHandlers } from './api/index.ts'
import type { ClusterWatch } from './cluster/index.ts'
import type { CompleteOptions } from './config.ts'
import type { Notifications } from './notifications/index.ts'
import type { Identity, Peers } from './peers/index.ts'
import type { Workloads } from './workloads/index.ts'

export interface StatusDeps {
  readonly options: Pick<CompleteOptions, 'name' | 'namespace' | 'selfUrl'>
  readonly version: string
  readonly startedAtMs: number
  readonly identity: Identity
  readonly peers: Peers
  readonly workloads: Pick<Workloads, 'counts'>
  readonly notifications: Notifications
  readonly clusterWatch: ClusterWatch
}

/** `GET /api/status`: this agent at a glance, from what every feature knows. */
export function statusHandlers(deps: StatusDeps): ApiHandlers {
  return { getStatus: () => Promise.resolve(agentStatus(deps)) }
}

function agentStatus(deps: StatusDeps): AgentStatus {
  const { options, identity, peers, workloads, notifications, clusterWatch } = deps
  const known = peers.list()
  return {
    name: options.name,
    fingerprint: identity.fingerprint,
    version: deps.version,
    ...(options.selfUrl !== undefined && { url: options.selfUrl }),
    cluster: clusterWatch.status(),
    namespace: options.namespace,
    startedAt: new Date(deps.startedAtMs).toISOString(),
    peers: {
      total: known.length,
      connected: known.filter((peer) => peer.status?.link === 'Connected').length,
    },
    ...workloads.counts(),
    notifications: { unacknowledged: notifications.unacknowledged() },
  }
}
