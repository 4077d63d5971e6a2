import { FIELD_MANAGER, PorpulsionError } from '@porpulsion/contract'
import {
  inClusterConnection,
  KubeClient,
  loadKubeconfig,
  type ClusterConnection,
} from '@porpulsion/kube'
import type { Clock, Metrics } from '../observability/index.ts'

export type ConnectOptions =
  | { readonly kind: 'in-cluster'; readonly environment: Environment }
  | {
      readonly kind: 'kubeconfig'
      readonly file: string
      readonly context?: string
      /** For credential plugins, which need PATH and HOME. */
      readonly environment: Environment
    }

type Environment = Readonly<Record<string, string | undefined>>

/** Only what was named is used: an agent in the wrong cluster would run strangers' apps there. */
export async function connectCluster(
  options: ConnectOptions,
  deps: { readonly clock: Clock; readonly metrics: Metrics; readonly version: string },
): Promise<KubeClient> {
  const requests = deps.metrics.counter(
    'porpulsion_kube_requests_total',
    'Requests to the API server of this cluster.',
    ['method', 'status'],
  )
  return new KubeClient(await connectionOf(options, deps.clock), {
    fieldManager: FIELD_MANAGER,
    userAgent: `porpulsion/${deps.version}`,
    clock: deps.clock,
    observe: ({ method, status }) => requests.inc({ method, status: String(status) }),
  })
}

async function connectionOf(options: ConnectOptions, clock: Clock): Promise<ClusterConnection> {
  if (options.kind === 'kubeconfig') {
    const { file, context, environment } = options
    return await loadKubeconfig(file, { context, environment, clock })
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = options.environment
  if (host === undefined || port === undefined) {
    throw new PorpulsionError(
      'FailedPrecondition',
      'ClusterUnavailable',
      'This process does not run in a cluster (KUBERNETES_SERVICE_HOST is not set); use --kubeconfig FILE or --embedded',
    )
  }
  return await inClusterConnection({ host, port, clock })
}
