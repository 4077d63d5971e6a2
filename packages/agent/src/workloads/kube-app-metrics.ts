/** What the pods of one app use, asked of the metrics API of this cluster; not every cluster has one. */
import {
  formatQuantity,
  Label,
  parseQuantity,
  PorpulsionError,
  type AppMetrics,
  type PodUsage,
} from '@porpulsion/contract'
import {
  KubeError,
  resourceKind,
  type Clock,
  type KubeClient,
  type KubeObject,
  type Pod,
  type Stored,
} from '@porpulsion/kube'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import { clusterError } from './kube-cluster-error.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'

export interface AppMetricsDeps {
  readonly client: KubeClient
  readonly store: Pick<KubeHostedAppStore, 'podsOf'>
  readonly clock: Clock
}

type Amounts = Readonly<Record<string, string>>

interface PodMetrics extends KubeObject {
  readonly timestamp?: string
  /** A duration as Go writes it: `30s`, `1m0.5s`. */
  readonly window?: string
  readonly containers?: readonly { readonly name: string; readonly usage?: Amounts }[]
}

const PodMetrics = resourceKind<PodMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'pods',
  kind: 'PodMetrics',
  namespaced: true,
})

export async function readAppMetrics(
  { client, store, clock }: AppMetricsDeps,
  record: StoredExecutingApp,
  signal: AbortSignal,
): Promise<AppMetrics> {
  const pods = store.podsOf(record)
  const measured = await measurements(client, record, signal)
  // Labels are what pods are made with; whose they are is what our own records say.
  const own = measured.filter(({ metadata }) =>
    pods.some((pod) => pod.metadata.name === metadata.name),
  )
  return appMetrics(own, pods, clock.now())
}

async function measurements(
  client: KubeClient,
  record: StoredExecutingApp,
  signal: AbortSignal,
): Promise<readonly Stored<PodMetrics>[]> {
  const { namespace = '' } = record.metadata
  const labelSelector = { [Label.App]: record.spec.submitter.uid }
  try {
    return (await client.list(PodMetrics, { namespace, labelSelector, signal })).items
  } catch (error) {
    const reason = error instanceof KubeError ? unavailable[error.status] : undefined
    if (reason === undefined)
      throw clusterError(error, `metrics of app "${record.spec.submitter.name}"`)
    throw new PorpulsionError('FailedPrecondition', 'MetricsUnavailable', reason, { cause: error })
  }
}

/** By the status of the answer, for whoever runs this cluster. */
const unavailable: Readonly<Record<number, string>> = {
  404: 'This cluster does not measure what pods use (it has no metrics.k8s.io); its owner can install metrics-server',
  503: 'The metrics API of this cluster does not answer; its owner can look at `kubectl get apiservice v1beta1.metrics.k8s.io` and at metrics-server',
  403: 'The agent here may not read metrics.k8s.io; its owner can upgrade the chart of the agent, which brings the right',
}

function appMetrics(
  measured: readonly Stored<PodMetrics>[],
  pods: readonly Stored<Pod>[],
  nowMs: number,
): AppMetrics {
  const times = measured.map(({ timestamp = '' }) => Date.parse(timestamp)).filter(Number.isFinite)
  const limits = limitsOf(pods)
  return {
    time: new Date(times.length === 0 ? nowMs : Math.max(...times)).toISOString(),
    windowSeconds: Math.max(0, ...measured.map(({ window = '' }) => goSeconds(window))),
    pods: measured.map(podUsage).sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(limits && { limits }),
  }
}

function podUsage({ metadata, containers = [] }: Stored<PodMetrics>): PodUsage {
  const each = containers.map(({ name, usage }) => ({ name, ...amounts([usage]) }))
  return { name: metadata.name, ...amounts(each), containers: each }
}

const amounts = (parts: readonly (Amounts | undefined)[]): { cpu: string; memory: string } => ({
  cpu: sum(parts.map((part) => part?.['cpu'])),
  memory: sum(parts.map((part) => part?.['memory'])),
})

const sum = (quantities: readonly (string | undefined)[]): string =>
  formatQuantity(quantities.reduce((total, text = '') => total + (parseQuantity(text) ?? 0n), 0n))

/** As the pods have them: what the owner gives to apps that ask for nothing is in them. */
function limitsOf([pod]: readonly Stored<Pod>[]): AppMetrics['limits'] {
  const containers = (pod?.spec?.containers ?? []).map(({ resources }) => resources?.limits ?? {})
  const cpu = limitOf(containers.map((limits) => limits['cpu']))
  const memory = limitOf(containers.map((limits) => limits['memory']))
  if (cpu === undefined && memory === undefined) return undefined
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) }
}

/** One container without a limit is a pod without a limit. */
const limitOf = (limits: readonly (string | undefined)[]): string | undefined =>
  limits.length === 0 || limits.includes(undefined) ? undefined : sum(limits)

const secondsOfUnit: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3_600,
}

function goSeconds(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  return parts.reduce(
    (total, [, amount, unit = '']) => total + Number(amount) * (secondsOfUnit[unit] ?? 0),
    0,
  )
}
