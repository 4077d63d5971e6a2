/** Objects as an agent answers them; only what a test names differs. */
import {
  AppConditionType,
  type AgentStatus,
  type Condition,
  type Peer,
  type PeerStatus,
  type RemoteApp,
  type RemoteAppSpec,
} from '@porpulsion/contract'

export const fingerprint = 'ab'.repeat(32)
export const words = 'one two three four five six'

export const anAgentStatus: AgentStatus = {
  name: 'home',
  fingerprint,
  version: '0.1.0',
  cluster: { kind: 'embedded', ready: true },
  namespace: 'porpulsion',
  startedAt: '2026-01-01T00:00:00Z',
  peers: { total: 1, connected: 1 },
  remoteApps: { total: 2, ready: 1 },
  executingApps: { total: 0, ready: 0 },
  notifications: { unacknowledged: 0 },
}

export function aPeer(name: string, status: Partial<PeerStatus> = {}, confirmed = true): Peer {
  return {
    apiVersion: 'porpulsion.io/v1alpha1',
    kind: 'Peer',
    metadata: { name },
    spec: { caCertificate: 'PEM', fingerprint, confirmed },
    status: {
      link: 'Connected',
      words,
      confirmedByPeer: true,
      fingerprint,
      conditions: [],
      ...status,
    },
  }
}

interface AppShape {
  readonly generation?: number
  readonly uid?: string
  readonly spec?: Partial<RemoteAppSpec>
  readonly conditions?: readonly Condition[]
  readonly pods?: readonly string[]
}

export function anApp(name: string, shape: AppShape = {}): RemoteApp {
  const { generation = 1, uid = `uid-${name}`, conditions, pods = [] } = shape
  return {
    apiVersion: 'porpulsion.io/v1alpha1',
    kind: 'RemoteApp',
    metadata: { name, namespace: 'porpulsion', uid, generation },
    spec: { targetPeer: 'b', image: 'porpulsion/hello', ...shape.spec },
    ...(conditions !== undefined && {
      status: {
        phase: 'Running',
        conditions: [...conditions],
        replicas: pods.length,
        readyReplicas: pods.length,
        updatedReplicas: pods.length,
        pods: pods.map((pod) => ({ name: pod, phase: 'Running', ready: true, restarts: 0 })),
      },
    }),
  }
}

export function condition(
  type: AppConditionType,
  status: Condition['status'],
  rest: Partial<Condition> = {},
): Condition {
  return {
    type,
    status,
    reason: 'Because',
    message: `${type} is ${status}`,
    observedGeneration: 1,
    lastTransitionTime: '2026-01-01T00:00:00Z',
    ...rest,
  }
}

export const readyAt = (generation: number): Condition =>
  condition(AppConditionType.Ready, 'True', {
    observedGeneration: generation,
    message: 'all ready',
  })
