/**
 * A Kubernetes-compatible cluster in one process, for machines that have none and for tests: an API server that real
 * clients (kubectl, helm, the agent) can talk to, the controllers behind it, and a node that runs sample images as
 * processes. It knows Kubernetes and nothing of peers, apps or tunnels.
 */
export {
  type EmbeddedCluster,
  type EmbeddedClusterOptions,
  startEmbeddedCluster,
} from './cluster.ts'
export type { Clock, Logger } from './registry/ports.ts'
